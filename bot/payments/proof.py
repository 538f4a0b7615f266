"""What an entry of billing's list proves of a payment whose answer got lost. Its statuses are open words."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.billing import Payment
from bot.words import _, ngettext

# What is not money yet, and may become it; a status that is missing says nothing against it.
_MAY_BECOME = frozenset({"", "pending"})


@dataclass(frozen=True, slots=True)
class Proof:
    """`received`: the statuses, in small letters, that say that money is there."""

    received: frozenset[str]

    def holds(self, found: Sequence[Payment]) -> bool:
        """Whether these new entries prove that ours is recorded: just one, received money or what may become it."""
        return len(found) == 1 and self.counts(found[0])

    def counts(self, payment: Payment) -> bool:
        """Whether it is received money, or may become it."""
        return _status(payment) in self.received | _MAY_BECOME

    def reservation(self, payment: Payment) -> str | None:
        """What is to be said of a payment that is in the list, if it is not received money."""
        status = _status(payment)
        if status in self.received:
            return None
        if not status:
            return _("Billing lists it as payment {id}, without a status.").format(id=payment.id)
        words = _("Billing lists it as payment {id}, with the status “{status}”: that is not received money.")
        return words.format(id=payment.id, status=payment.status)

    def seen(self, found: Sequence[Payment]) -> str | None:
        """What new entries that prove nothing leave to be said."""
        if len(found) > 1:
            words = ngettext(
                "Billing's list has {count} new payment of this amount on this invoice.",
                "Billing's list has {count} new payments of this amount on this invoice.",
                len(found),
            )
            return words.format(count=len(found))
        return next(map(self.reservation, found), None)


def _status(payment: Payment) -> str:
    return (payment.status or "").strip().casefold()
