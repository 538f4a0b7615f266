"""How one reader's amounts, days and words are written: the deployment's conventions."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal, format_percent

from bot import dates
from bot.money import Currency, show_money

# Billing's words for an invoice on which nothing is owed, whatever balance it shows.
SETTLED = frozenset({"paid", "cancelled"})


@dataclass(frozen=True, slots=True)
class Conventions:
    """Currency, language (also the locale of figures and dates), time zone, and the words billing is used with.

    `methods`: the payment methods that may be used. `received`: the payment statuses that mean money received.
    """

    currency: Currency
    language: str
    timezone: ZoneInfo
    methods: tuple[str, ...] = ("card", "cash", "transfer")
    received: frozenset[str] = frozenset({"confirmed"})

    def today(self) -> date:
        """The day that it is for the reader."""
        return datetime.now(self.timezone).date()

    def money(self, amount: Decimal) -> str:
        """`5.320,50 RON` in Romanian."""
        return show_money(amount, self.currency, self.language)

    def count(self, number: int) -> str:
        """`12.345` in Romanian."""
        return _counted(number, self.language)

    def share(self, part: Decimal, whole: Decimal) -> str:
        """`12,3 %` in Romanian; "—" of nothing."""
        return format_percent(part / whole, "#,##0.0%", self.language) if whole else "—"

    def day(self, text: str | None) -> str:
        """A day of billing's."""
        return dates.show_day(text, self.timezone, self.language)

    def moment(self, text: str | None) -> str:
        """A moment of billing's, or a day where it tells no time."""
        return dates.show_moment(text, self.timezone, self.language)

    def instant(self, moment: datetime) -> str:
        """A moment of our own."""
        return dates.show_instant(moment, self.timezone, self.language)

    def clock(self, moment: datetime) -> str:
        """The time of day of a moment of our own."""
        return dates.show_clock(moment, self.timezone, self.language)

    def second(self, moment: datetime) -> str:
        """A moment of our own, to the second."""
        return dates.show_second(moment, self.timezone, self.language)


@lru_cache(maxsize=1024)
def _counted(number: int, locale: str) -> str:
    """Kept, because counts are small and come again."""
    return format_decimal(number, locale=locale)
