"""Who wants to hear of which payments: a subscription, and the chat that it is for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.hours import QuietHours
from bot.message import Chat


class CardStyle(StrEnum):
    """How much of a payment is shown."""

    DETAILED = "detailed"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which payments; None: any. Both bounds belong to what is wanted; `statuses` are in lower case."""

    least: Decimal | None = None
    most: Decimal | None = None
    customer: str | None = None
    invoice: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one chat wants to hear of, from when on, and who wanted that.

    `origin`: what it is called in the settings, where it comes from there; nobody has set such a one.
    """

    id: str
    wanted: Filter = Filter()
    quiet: QuietHours | None = None
    style: CardStyle = CardStyle.DETAILED
    origin: str | None = None
    setter: str | None = None
    setter_name: str | None = None
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A chat that hears of payments. `paused_at`: since when we can't write there; `told_at`: when we did last."""

    chat: Chat
    muted_until: datetime | None = None
    paused_at: datetime | None = None
    told_at: datetime | None = None
    subscriptions: tuple[Subscription, ...] = ()

    @property
    def place(self) -> str:
        """The chat's key."""
        return self.chat.key
