"""The days that somebody means: `month`, `Q1 2024`, `martie`, `2024-01-01..2024-03-31`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated

from babel import Locale
from babel.dates import format_date, format_skeleton

from bot.arguments import Argument
from bot.conventions import Conventions
from bot.spelling import bare
from bot.words import _

_BETWEEN = re.compile(r"\s*\.{2,}\s*|\s+(?:-|to|until|pana la)\s+")
_YEAR = r"((?:19|20)\d\d)"
_QUARTER = re.compile(rf"(?:q|t|trim\.?\s?|trimestrul\s|quarter\s)([1-4]|iii|ii|iv|i)(?:[\s-]{_YEAR})?")
_YEAR_FIRST = re.compile(rf"{_YEAR}[\s-](?=[a-z])(.+)")
_NAMED = re.compile(rf"([^\W\d_]{{3,}})\.?(?:\s{_YEAR})?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_SPANS = {
    **dict.fromkeys(("day", "today", "azi", "astazi", "ziua"), "day"),
    **dict.fromkeys(("month", "luna"), "month"),
    **dict.fromkeys(("quarter", "trimestru", "trimestrul"), "quarter"),
    **dict.fromkeys(("year", "an", "anul"), "year"),
}
_ONCE = {"yesterday": "day", "ieri": "day"}
_THIS = frozenset({"this", "current", "aceasta", "asta", "acesta", "acest", "curent", "curenta"})
_LAST = frozenset({"last", "previous", "trecut", "trecuta", "precedent", "precedenta"})
_MONTHS = {"day": 0, "month": 1, "quarter": 3, "year": 12}
_LONGEST = 40
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def spelled(self) -> str:
        """As it is read back: `2024-01-01..2024-03-31`."""
        return f"{self.first}..{self.last}"

    @property
    def before(self) -> "Period | None":
        """As much before it: a month's is the month before, else as many days. None where nobody kept books."""
        for span in ("month", "quarter", "year"):
            if self == _span(span, self.first):
                return _before(span, self.first)
        day = timedelta(days=1)
        begins = self.first - (self.last - self.first) - day
        return Period(begins, self.first - day) if begins.year >= _FIRST_YEAR else None

    def shown(self, locale: str) -> str:
        """`March 2024`, `Q1 2024`, `2024`, or the days."""
        for span, skeleton in (("month", "yMMMM"), ("quarter", "yQQQ"), ("year", "y")):
            if self == _span(span, self.first):
                return format_skeleton(skeleton, datetime.combine(self.first, datetime.min.time()), locale=locale)
        first, last = (format_date(day, "medium", locale=locale) for day in (self.first, self.last))
        return first if first == last else f"{first} – {last}"


def read_period(text: str, today: date, locale: str = "en") -> Period:
    """Read what people call a span of days. A month or quarter without its year is the last one that has begun.

    Raises `ValueError` with words for the reader.
    """
    spoken = _bare(text)
    begin, *ends = _BETWEEN.split(spoken)
    first = _one(begin, today, locale)
    if not ends:
        return first
    last = _one(ends[-1], today, locale) if ends[-1] else Period(today, today)
    if len(ends) > 1 or last.last < first.first:
        raise ValueError(_("“{text}” ends before it begins.").format(text=text[:_LONGEST]))
    return Period(first.first, last.last)


def _one(words: str, today: date, locale: str) -> Period:
    readers: tuple[Callable[[str, date, str], Period | None], ...] = (_day, _relative, _quarter, _written, _by_name)
    for read in readers:
        if period := read(words, today, locale):
            return period
    expected = _("“{text}” is no period: write month, last month, 2024-03, Q1 2024, 2024 or 2024-01-01..2024-03-31.")
    raise ValueError(expected.format(text=words[:_LONGEST]))


def _day(words: str, _today: date, _locale: str) -> Period | None:
    """`2024-03-01` and `01.03.2024`; a slash has another meaning on each side of an ocean."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            day = datetime.strptime(words, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return Period(day, day) if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
    return None


def _relative(words: str, today: date, _locale: str) -> Period | None:
    """`month`, `this month`, `last quarter`, `anul trecut`, `yesterday`."""
    said = set(words.split())
    names = [word for word in said if word in _SPANS]
    if words in _ONCE:
        return _before(_ONCE[words], today)
    if len(names) != 1 or said - {names[0]} - _THIS - _LAST:
        return None
    return _before(_SPANS[names[0]], today) if said & _LAST else _span(_SPANS[names[0]], today)


def _quarter(words: str, today: date, _locale: str) -> Period | None:
    """`Q1`, `Q1 2024`, `2024 Q1`, `trimestrul I 2024`."""
    found = _QUARTER.fullmatch(_year_last(words))
    if not found:
        return None
    number = _ROMAN.get(found[1]) or int(found[1])
    return _latest("quarter", 3 * number - 2, found[2], today)


def _written(words: str, _today: date, _locale: str) -> Period | None:
    """`2024`, `2024-03`, `03.2024`."""
    if found := re.fullmatch(_YEAR, words):
        return _span("year", date(int(found[1]), 1, 1))
    found = re.fullmatch(rf"{_YEAR}-(?P<month>0?[1-9]|1[0-2])|(?P<before>0?[1-9]|1[0-2])[./]{_YEAR}", words)
    if not found:
        return None
    return _span("month", date(int(found[1] or found[4]), int(found["month"] or found["before"]), 1))


def _by_name(words: str, today: date, locale: str) -> Period | None:
    """`march`, `mar 2024`, `martie 2024`."""
    found = _NAMED.fullmatch(_year_last(words))
    number = _month_called(found[1], locale) if found else None
    return _latest("month", number, found[2], today) if found and number else None


def _latest(span: str, month: int, year: str | None, today: date) -> Period:
    """The one of this year, or where that has not begun, of the year before."""
    begins = date(int(year) if year else today.year, month, 1)
    return _span(span, begins if year or begins <= today else begins.replace(year=begins.year - 1))


def _span(span: str, day: date) -> Period:
    """The day, month, quarter or year that a day is in."""
    if span == "day":
        return Period(day, day)
    months = _MONTHS[span]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(first, _after(first, months) - timedelta(days=1))


def _before(span: str, today: date) -> Period:
    return _span(span, _span(span, today).first - timedelta(days=1))


def _after(first: date, months: int) -> date:
    ahead = first.month - 1 + months
    return date(first.year + ahead // 12, ahead % 12 + 1, 1)


def _year_last(words: str) -> str:
    found = _YEAR_FIRST.fullmatch(words)
    return f"{found[2]} {found[1]}" if found else words


def _month_called(word: str, locale: str) -> int | None:
    """By the beginning of its name, three letters at least, in English, Romanian or the reader's language."""
    found = {number for name, number in _month_names(locale) if name.startswith(word)}
    return found.pop() if len(found) == 1 else None


@cache
def _month_names(locale: str) -> tuple[tuple[str, int], ...]:
    names = (Locale.parse(each).months["format"]["wide"] for each in ("en", "ro", locale))
    return tuple((_bare(name), number) for months in names for number, name in months.items())


def _bare(text: str) -> str:
    """Small letters without accents; `…` is three dots by this, too."""
    return " ".join(bare(text).split())


def _read(text: str, conventions: Conventions) -> Period:
    return read_period(text, conventions.today(), conventions.language)


PeriodWords = Annotated[Period, Argument(_read, "2024-03", takes=lambda said, _conventions: len(said))]
