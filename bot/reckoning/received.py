"""Money received within a period: by day, and by method where that is known."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from bot.billing import Payment
from bot.dates import read_moment
from bot.periods import Period
from bot.sums import Sum


class Received:
    """Adds up payments one at a time and holds none of them: a sum a day, and one a method.

    `statuses`: those that mean money received. `methods`: of the payments recorded here, by billing's id of each;
    billing itself doesn't tell a method. `undated`: received on a day that can't be read, so in no period.
    """

    def __init__(
        self, period: Period, statuses: frozenset[str], zone: ZoneInfo, methods: Mapping[str, str] | None = None
    ) -> None:
        self.period = period
        self.by_day: defaultdict[date, Sum] = defaultdict(Sum)
        self.by_method: defaultdict[str, Sum] = defaultdict(Sum)
        self.undated = Sum()
        self._statuses = statuses
        self._zone = zone
        self._methods = methods or {}

    def add(self, payment: Payment) -> None:
        """Look at one more payment."""
        if (payment.status or "").casefold() not in self._statuses:
            return
        day = self._day(payment.paid_at)
        if day is None:
            self.undated = self.undated.plus(payment.amount)
        elif day in self.period:
            self.by_day[day] = self.by_day[day].plus(payment.amount)
            if method := self._methods.get(payment.id):
                self.by_method[method] = self.by_method[method].plus(payment.amount)

    @property
    def total(self) -> Sum:
        """All of it."""
        return sum(self.by_day.values(), Sum())

    @property
    def elsewhere(self) -> Sum:
        """What was not recorded here: nobody says by which method it came."""
        ours = sum(self.by_method.values(), Sum())
        return Sum(self.total.count - ours.count, self.total.amount - ours.amount)

    def _day(self, paid_at: str | None) -> date | None:
        moment = read_moment(paid_at)
        if moment is None:
            return None
        return (moment.astimezone(self._zone) if moment.tzinfo else moment).date()
