"""What the watcher finds, and who is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.billing.models import Payment
from bot.store import Transaction


@dataclass(frozen=True, slots=True)
class News:
    """A payment that was not known, or whose status changed; `before` is the status known until now."""

    payment: Payment
    is_new: bool
    before: str | None
    seen_at: datetime


class Listener(Protocol):
    """Somebody who is to know."""

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Write the news down, some hundreds at most, in the transaction that makes them known: both or neither.

        It is called in a thread, never by two at a time.
        """
        ...

    def committed(self) -> None:
        """The transaction is over, and what was heard in it is there."""
        ...


class Alarm(Protocol):
    """Somebody who can mend it, told once that the list can't be read, and once that it can be again."""

    async def failing(self, since: datetime, reason: str) -> None:
        """It can't be read since then; the reason is written for admins."""
        ...

    async def back(self, since: datetime) -> None:
        """It can be again; it had failed since then."""
        ...
