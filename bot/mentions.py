"""What a text names: numbers of invoices, ids of customers, amounts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from bot.arguments import looks_like_customer, looks_like_invoice, plain
from bot.conventions import Conventions
from bot.money import OFTEN_CALLED, NotAnAmountError, TwoReadingsError, read_amount

T = TypeVar("T")

_MOST = 8
_WORD = re.compile(r"[\w./-]*\w")
# An amount says that it is one, by its currency or by its decimals; a bare number may be anything.
_GROUPED = r"\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_MONEY = "|".join(map(re.escape, sorted(OFTEN_CALLED)))
_PRICED = re.compile(
    rf"(?<!\w)(?:{_MONEY})\s?(?:{_GROUPED})(?![\w-])|(?<![\w-])(?:{_GROUPED})\s?(?:{_MONEY})(?!\w)", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<![\w./-])\d{1,3}(?:(?:[ .,]\d{3})*|\d*)[.,]\d{2}(?![\w-]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class Named:
    """What was found, each once, in the order of the text."""

    invoices: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    amounts: tuple[Decimal, ...] = ()


def named_in(text: str, conventions: Conventions) -> Named:
    """Find them. An amount that could be read in two ways, or is of another currency, is none."""
    rest, written = plain(text), list[str]()
    for pattern in (_PRICED, _DECIMAL):
        written += [match[0] for match in pattern.finditer(rest)]
        rest = pattern.sub(" ", rest)
    words = [word.strip(".-/") for word in _WORD.findall(rest)]
    return Named(
        invoices=_first(word for word in words if looks_like_invoice(word)),
        customers=_first(word.upper() for word in words if looks_like_customer(word)),
        amounts=_first(amount for word in written for amount in _read(word, conventions)),
    )


def _read(word: str, conventions: Conventions) -> Iterable[Decimal]:
    try:
        return (read_amount(word, conventions.currency),)
    except (TwoReadingsError, NotAnAmountError, ValueError):
        return ()


def _first(found: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]
