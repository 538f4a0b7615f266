"""How much is owed, and how old that is, by balances and due days; and where billing's words say something else."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.conventions import SETTLED
from bot.reckoning.ageing import Age, age_of_days, days_late
from bot.store import Standings
from bot.sums import Sum

_OVERDUE, _PAID = "overdue", "paid"


class Oddness(StrEnum):
    """Where billing's word for an invoice and its balance or due day don't fit; docs/reports.md has what we make of it.

    `PAID_LEFT`, `CANCELLED_LEFT`: called so, with a balance: not owed. `CREDIT`: a balance below zero: not taken off.
    `OURS`: late, and called something else: overdue. `NOT_LATE`: called overdue, and not late: owed, not overdue.
    `NOTHING_LEFT`: called overdue, with nothing left: not owed.
    """

    PAID_LEFT = "paid left"
    CANCELLED_LEFT = "cancelled left"
    CREDIT = "credit"
    OURS = "ours"
    NOT_LATE = "not late"
    NOTHING_LEFT = "nothing left"


@dataclass
class Standing:
    """What is owed on some invoices: by days late (None: no due day), with what is odd about them.

    `least`: only those that are late for so many days or more are wanted. `unsaid`: how many invoices don't say their
    balance yet; they are in no sum. `words`: what billing calls those that are overdue by our reckoning only.
    """

    least: int | None = None
    by_days: defaultdict[int | None, Sum] = field(default_factory=lambda: defaultdict(Sum))
    odd: defaultdict[Oddness, Sum] = field(default_factory=lambda: defaultdict(Sum))
    words: Counter[str] = field(default_factory=Counter)
    unsaid: int = 0

    @classmethod
    def of(cls, groups: Iterable[Standings], today: date, least: int | None = None) -> "Standing":
        """Reckon up what the index holds, as it is today."""
        standing = cls(least)
        for group in groups:
            standing._add(group, today)
        return standing

    @property
    def owed(self) -> Sum:
        """All of it, due or not."""
        return sum(self.by_days.values(), Sum())

    @property
    def late(self) -> Sum:
        """What is overdue."""
        return sum((each for days, each in self.by_days.items() if days and days > 0), Sum())

    @property
    def ages(self) -> dict[Age, Sum]:
        """The same by age; every age is there."""
        found = dict.fromkeys(Age, Sum())
        for days, each in self.by_days.items():
            found[age_of_days(days)] += each
        return found

    def _add(self, group: Standings, today: date) -> None:
        if group.sign is None and group.status not in SETTLED:
            self.unsaid += group.sum.count
        elif oddness := _not_owed(group):
            self.odd[oddness] += group.sum
        elif group.sign and group.status not in SETTLED:
            self._count(group, days_late(group.due_at, today))

    def _count(self, group: Standings, days: int | None) -> None:
        """Something is owed. Note where billing's word for it is another than ours."""
        late = days or 0
        if late <= 0 and group.status == _OVERDUE:
            self.odd[Oddness.NOT_LATE] += group.sum
        if self.least is not None and late < self.least:
            return
        self.by_days[days] += group.sum
        if late > 0 and group.status != _OVERDUE:
            self.odd[Oddness.OURS] += group.sum
            self.words[group.status] += group.sum.count


def _not_owed(group: Standings) -> Oddness | None:
    """What is odd about an invoice of which nothing is owed."""
    if group.status in SETTLED:
        left = Oddness.PAID_LEFT if group.status == _PAID else Oddness.CANCELLED_LEFT
        return left if group.sign else None
    if group.sign == -1:
        return Oddness.CREDIT
    return Oddness.NOTHING_LEFT if group.sign == 0 and group.status == _OVERDUE else None
