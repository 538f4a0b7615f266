"""What somebody searches for: words of names, numbers, statuses, amounts and months, in any order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from babel.dates import get_month_names

from bot.conventions import Conventions
from bot.money import NotAnAmountError, TwoReadingsError, read_amount
from bot.spelling import NATIONAL, bare, folded, groups, mail_words, name_words
from bot.store import Spelt

_AMOUNT = r"(?:\d{1,3}(?:[ ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,']\d+)*)(?!\d)"
_COMPARED = re.compile(rf"(>=|<=|=>|=<|≥|≤|>|<)\s*({_AMOUNT})(?:\s*(?:ron|lei|leu|eur|usd)\b)?", re.IGNORECASE)
_BETWEEN = re.compile(rf"({_AMOUNT})\s*(?:\.\.+|…)\s*({_AMOUNT})")
_YEAR_MONTH = re.compile(r"((?:19|20)\d\d)-(0?[1-9]|1[0-2])")
_YEAR = re.compile(r"(?:19|20)\d\d")
_RUN = re.compile(r"(?:(?<=\s)|^)[+(]?\d[\d().,/'-]*(?:\s+[\d().,/'-]*\d[\d().,/'-]*)*(?=\s|$)")
_SPACED_AMOUNT = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_CENTS = re.compile(r"[.,]\d{1,2}$")
_LEAST_PHONE = 7
_LONGEST = 200
_MOST_TERMS = 8
_LANGUAGES = ("en", "ro")


class Standing(StrEnum):
    """How an invoice stands, in our own words."""

    OPEN = "unpaid"
    OVERDUE = "overdue"
    PARTIAL = "partial"
    PAID = "paid"
    CANCELLED = "cancelled"


_STANDINGS = {
    **dict.fromkeys(("unpaid", "open", "outstanding", "due"), Standing.OPEN),
    **dict.fromkeys(("overdue", "late"), Standing.OVERDUE),
    **dict.fromkeys(("paid",), Standing.PAID),
    **dict.fromkeys(("partial", "partiala", "partiale"), Standing.PARTIAL),
    **dict.fromkeys(("cancelled", "canceled", "void"), Standing.CANCELLED),
    **{f"neplatit{end}": Standing.OPEN for end in ("", "a", "e", "i")},
    **{f"neachitat{end}": Standing.OPEN for end in ("", "a", "e", "i")},
    **{f"deschis{end}": Standing.OPEN for end in ("", "a", "e", "i")},
    **{f"restant{end}": Standing.OVERDUE for end in ("", "a", "e", "i")},
    **{f"scadent{end}": Standing.OVERDUE for end in ("", "a", "e", "i")},
    **{f"platit{end}": Standing.PAID for end in ("", "a", "e", "i")},
    **{f"achitat{end}": Standing.PAID for end in ("", "a", "e", "i")},
    **{f"anulat{end}": Standing.CANCELLED for end in ("", "a", "e", "i")},
}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A word with digits in it: part of a number, an amount, a phone, a year."""

    text: str
    spelt: Spelt
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for. `special`: words that were taken for statuses and months, and may be names too."""

    words: tuple[str, ...] = ()
    numerals: tuple[Numeral, ...] = ()
    standing: Standing | None = None
    more: tuple[Decimal, bool] | None = None
    less: tuple[Decimal, bool] | None = None
    days: tuple[str, str] | None = None
    special: tuple[str, ...] = field(default=(), compare=False)

    @property
    def filters(self) -> bool:
        """Whether it says something that only invoices have."""
        return bool(self.standing or self.more or self.less or self.days)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be searched for."""
        return not (self.words or self.numerals or self.filters)


def read_search(text: str, today: date, conventions: Conventions) -> Asked:
    """Read what somebody typed; every text is something to search for, or empty."""
    rest, asked = _bounds(text[:_LONGEST], conventions)
    rest, runs = _runs(rest)
    numerals = [_numeral(run, conventions) for run in runs]
    words: list[str] = []
    special: list[str] = []
    month, year = None, None
    for word in rest.split():
        plain = "".join(name_words(word)[:1]) if "@" not in word else ""
        if plain in _STANDINGS:
            asked, special = replace(asked, standing=_STANDINGS[plain]), [*special, plain]
        elif plain in _months(conventions.language) and not month:
            month, special = _months(conventions.language)[plain], [*special, plain]
        elif (numerals or asked.filters) and conventions.currency.is_called(word):
            continue
        elif _is_identifier(word):
            numerals.append(_numeral(word, conventions))
        else:
            words += mail_words(word) if "@" in word else name_words(word)
    if month:
        year = next((each for each in numerals if _YEAR.fullmatch(each.text)), None)
        numerals = [each for each in numerals if each is not year]
        asked = replace(asked, days=_month_days(int(year.text) if year else None, month, today))
    return replace(
        asked, words=tuple(words[:_MOST_TERMS]), numerals=tuple(numerals[:_MOST_TERMS]), special=tuple(special)
    )


def amounts(text: str, conventions: Conventions) -> list[Decimal]:
    """Every amount that a text may be."""
    if not text.strip("0.,' "):
        return [Decimal(0)]
    try:
        return [read_amount(text, conventions.currency)]
    except TwoReadingsError as error:
        return list(error.readings)
    except NotAnAmountError:
        return []


def _bounds(text: str, conventions: Conventions) -> tuple[str, Asked]:
    """Take the comparisons out of a text. One that can be read in two ways has room for both."""
    asked = Asked()
    for found in _BETWEEN.finditer(text):
        low, high = amounts(found[1], conventions), amounts(found[2], conventions)
        if low and high:
            asked = replace(asked, more=(min(low), True), less=(max(high), True))
    text = _BETWEEN.sub(" ", text)
    for found in _COMPARED.finditer(text):
        if values := amounts(found[2], conventions):
            included = found[1] not in "<>"
            if found[1][0] in ">≥" or found[1] == "=>":
                asked = replace(asked, more=(min(values), included))
            else:
                asked = replace(asked, less=(max(values), included))
    return _COMPARED.sub(" ", text), asked


def _runs(text: str) -> tuple[str, list[str]]:
    """Take out what is written with digits and marks alone; spaces join a phone number, or an amount's thousands."""
    found: list[str] = []

    def taken(run: re.Match[str]) -> str:
        whole = " ".join(run[0].split())
        digits = folded(whole)
        is_phone = whole[0] in "+(0" and len(digits) >= _LEAST_PHONE and "-" not in whole.strip("-")[:5]
        found.extend([whole] if is_phone or _SPACED_AMOUNT.fullmatch(whole) else whole.split())
        return " "

    return _RUN.sub(taken, text), found


def _numeral(text: str, conventions: Conventions) -> Numeral:
    plain, digits = folded(text), "".join(mark for mark in text if mark.isascii() and mark.isdigit())
    within = tuple(_span(each, text) for each in amounts(text, conventions) if each)
    is_part = not (_CENTS.search(text) and within) and not (text[0] in "+0(" and len(digits) > NATIONAL)
    spelt = Spelt(
        exactly=(plain,),
        grouped=(groups(text),),
        beginnings=(plain,) if is_part else (),
        within=within,
        days=tuple(_days(text)),
    )
    return Numeral(text, spelt, digits[-NATIONAL:].lstrip("0"))


def _span(amount: Decimal, written: str) -> tuple[Decimal, Decimal]:
    """`5320` is every amount from 5320.00 to 5320.99; `5320.50` is that one."""
    is_whole = amount == amount.to_integral_value() and not _CENTS.search(written)
    return (amount, amount + (1 if is_whole else Decimal("0.0001")))


def _days(text: str) -> Iterator[tuple[str, str]]:
    if found := _YEAR_MONTH.fullmatch(text):
        yield _one_month(int(found[1]), int(found[2]))


def _month_days(year: int | None, month: int, today: date) -> tuple[str, str]:
    """The month of that year, else the last one that has begun."""
    return _one_month(year or (today.year if month <= today.month else today.year - 1), month)


def _one_month(year: int, month: int) -> tuple[str, str]:
    end = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 - months
    return f"{year:04}-{month:02}-01", f"{end[0]:04}-{end[1]:02}-01"


def _is_identifier(word: str) -> bool:
    return "@" not in word and any(mark.isdigit() for mark in word)


@cache
def _months(language: str) -> dict[str, int]:
    """Months by their names, long and short, in English, Romanian and the reader's language."""
    names: dict[str, int] = {}
    for locale in (*_LANGUAGES, language):
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    if len(plain := folded(bare(name))) >= len("mai"):
                        names[plain] = number
    return names
