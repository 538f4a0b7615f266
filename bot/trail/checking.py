"""Recomputes the chain, to find what was changed, taken out, moved or cut off."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

from bot.store import Entry, Head
from bot.store.trail import sealed
from bot.words import _


class Fault(Enum):
    """What can be wrong with the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT = "cut"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the check: how many rows are whole, the last of them, and the first number that is wrong."""

    rows: int
    head: Head
    wrong: int | None = None
    fault: Fault | None = None

    @property
    def words(self) -> str:
        """The verdict, in one line."""
        if self.fault is None:
            return _("The trail is whole: {rows} rows, the newest is {head}").format(rows=self.rows, head=self.head)
        return _faults()[self.fault].format(number=self.wrong, following=(self.wrong or 0) + 1)


async def checked(rows: AsyncIterator[Entry], head: Head | None) -> Verdict:
    """Row by row, up to the end and to a head that was kept elsewhere."""
    last = Head()
    async for row in rows:
        fault, wrong = _fault(row, last, head)
        if fault:
            return Verdict(last.number, last, wrong, fault)
        last = Head(row.number, row.hash)
    if head and head.number > last.number:
        return Verdict(last.number, last, last.number + 1, Fault.CUT)
    return Verdict(last.number, last)


def _fault(row: Entry, last: Head, head: Head | None) -> tuple[Fault | None, int]:
    if row.number != last.number + 1:
        return Fault.MISSING, last.number + 1
    if row.hash != sealed(row, row.number, row.before):
        return Fault.CHANGED, row.number
    if row.before != last.hash:
        return (Fault.UNLINKED, last.number) if last.number else (Fault.CHANGED, row.number)
    if head and row.number == head.number and row.hash != head.hash:
        return Fault.REPLACED, row.number
    return None, 0


def _faults() -> dict[Fault, str]:
    return {
        Fault.CHANGED: _("The trail is broken: row {number} was changed."),
        Fault.MISSING: _("The trail is broken: row {number} is missing."),
        Fault.UNLINKED: _("The trail is broken between rows {number} and {following}: one of them was replaced."),
        Fault.CUT: _("The trail is broken: its tail was cut off, row {number} and what followed are missing."),
        Fault.REPLACED: _("The trail is broken: row {number} is not the one that was there when its hash was kept."),
    }
