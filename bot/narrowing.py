"""How a list of what is owed is narrowed: whose, overdue for how long, in which order."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from bot.arguments import Argument
from bot.conventions import Conventions
from bot.words import _

_DAYS = re.compile(r"(?:(?:days|zile)\s*)?(?P<sign>>=|>|≥)?\s*(?P<days>\d{1,5})", re.IGNORECASE)
_ABOUT_DAYS = re.compile(r"(?:days|zile)\b", re.IGNORECASE)
_COMPARED = re.compile(r"[<>=≥≤]|\d\.\.\d")
_LONGEST = 64


class Sort(StrEnum):
    """What comes first: the most money, the oldest, or the customer whose name comes first."""

    AMOUNT = "amount"
    DAYS = "days"
    CUSTOMER = "customer"


_SORTS = {"suma": Sort.AMOUNT, "zile": Sort.DAYS, "client": Sort.CUSTOMER}


def _until_days(said: Sequence[str], _conventions: Conventions) -> int:
    """A customer's name may have several words; what is said about days is not of them, nor is a last number."""
    for place, word in enumerate(said):
        is_last_number = place == len(said) - 1 and word.isdecimal() and not compares("".join(said[:place]))
        if _ABOUT_DAYS.match(word) or is_last_number:
            return place
    return len(said)


def compares(text: str) -> bool:
    """Whether this is about amounts: `> 1000`, `acme >= 500`, `100..200`; days are called days."""
    return bool(_COMPARED.search(text))


def _customer(text: str, _conventions: Conventions) -> str:
    if not text.isprintable():
        raise ValueError(_("A customer is called by an id or a name."))
    return text


def _days(text: str, _conventions: Conventions) -> int:
    """From how many days on: `days>30` and `30` are 31, `days>=30` is 30."""
    found = _DAYS.fullmatch(text)
    if not found:
        raise ValueError(_("“{text}” says no days: write days>30, or 30.").format(text=text[:_LONGEST]))
    return int(found["days"]) + (found["sign"] not in (">=", "≥"))


def _sort(word: str, _conventions: Conventions) -> Sort:
    if word.casefold() in _SORTS:
        return _SORTS[word.casefold()]
    if word.casefold() not in set(Sort):
        raise ValueError(_("A list is sorted by {orders}.").format(orders=", ".join(Sort)))
    return Sort(word.casefold())


CustomerWords = Annotated[str, Argument(_customer, "CL-001", takes=_until_days)]
CustomerCalled = Annotated[str, Argument(_customer, "CL-001", takes=lambda said, _conventions: len(said))]
DaysLate = Annotated[int, Argument(_days, "days>30", takes=lambda said, _conventions: len(said))]
SortWord = Annotated[Sort, Argument(_sort, "amount")]
