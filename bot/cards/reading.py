"""How far what an answer stands on was read, and when: what is not whole never looks whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.cards.index import as_of
from bot.conventions import Conventions
from bot.store import IndexState
from bot.words import _, ngettext


@dataclass(frozen=True, slots=True)
class Reading:
    """The index as it was when it was asked. `unsaid`: invoices whose balance is not known yet."""

    today: date
    state: IndexState
    unsaid: int

    @property
    def is_whole(self) -> bool:
        """Whether every customer's invoices were read, and the balance of each."""
        return self.state.is_complete and not self.unsaid

    def amount(self, amount: Decimal, conventions: Conventions) -> str:
        """A sum over all that was read."""
        shown = conventions.money(amount)
        return shown if self.is_whole else _("{amount} so far").format(amount=shown)

    def gaps(self, conventions: Conventions) -> tuple[str, ...]:
        """What is missing."""
        return tuple(self._gaps(conventions))

    def as_of(self, conventions: Conventions) -> str:
        """From when on it may be otherwise: the oldest reading that it stands on."""
        oldest = self.state.oldest
        return as_of(oldest, self.today, conventions) if oldest else ""

    def _gaps(self, conventions: Conventions) -> Iterator[str]:
        unread = self.state.customers - self.state.read
        if self.state.listed_at is None:
            yield _("This is not whole: billing's list of customers was not read to its end yet.")
        if unread:
            words = ngettext(
                "This is not whole: the invoices of {count} customer were not read yet.",
                "This is not whole: the invoices of {count} customers were not read yet.",
                unread,
            )
            yield words.format(count=conventions.count(unread))
        if self.unsaid:
            words = ngettext(
                "This is not whole: what is left on {count} invoice is not known yet.",
                "This is not whole: what is left on {count} invoices is not known yet.",
                self.unsaid,
            )
            yield words.format(count=conventions.count(self.unsaid))
