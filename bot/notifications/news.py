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

    async def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Write the news down, some hundreds at most, in the transaction that makes them known: both or neither."""
        ...
