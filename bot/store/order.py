"""A payment order: what somebody asked for, where it is in its life, and what is odd about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zlib import crc32

import msgspec


class OrderState(StrEnum):
    """Where a payment order is in its life.

    Draft → (awaiting a second person) → held → sending → a verdict. `looking`: no answer came, billing's list is being
    looked through. `absent`: an unknown one of which a person has found that it never arrived.
    """

    DRAFT = "draft"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    AWAITING = "awaiting"
    REJECTED = "rejected"
    HELD = "held"
    UNDONE = "undone"
    SENDING = "sending"
    LOOKING = "looking"
    RECORDED = "recorded"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    ABSENT = "absent"


# What may be in the books.
SENT = (OrderState.SENDING, OrderState.LOOKING, OrderState.RECORDED, OrderState.UNKNOWN)
# Confirmed, and not decided yet: one at a time on an invoice.
UNDER_WAY = (OrderState.AWAITING, OrderState.HELD, OrderState.SENDING, OrderState.LOOKING)
# No other payment on its invoice may be sent while one of ours is in such a state.
BLOCKING = (*UNDER_WAY, OrderState.UNKNOWN)


class Oddity(StrEnum):
    """What makes a payment worth a second look."""

    PAID = "paid"
    CANCELLED = "cancelled"
    TEN_TIMES = "ten times"
    TENTH = "a tenth"
    TOO_MUCH = "too much"
    TWIN = "twin"
    REFERENCE = "reference"
    UNKNOWN_BEFORE = "unknown before"
    UNDER_WAY = "under way"
    DRAFTED = "drafted"
    UNSEEN = "unseen"


# These cost an explicit press; the others are only said.
WEIGHTY = frozenset(Oddity) - {Oddity.UNDER_WAY, Oddity.DRAFTED, Oddity.UNSEEN}


class Doubt(msgspec.Struct, frozen=True, omit_defaults=True):
    """An oddity and what it is about: billing's id of another payment, who recorded that, in which chat, and when.

    `when` is written as it was found: billing's own text, or our moment in UTC as ISO 8601.
    """

    oddity: Oddity
    payment: str | None = None
    who: str | None = None
    where: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """One payment that somebody asked for.

    `id` is the one-shot id that its buttons carry. `balance`: what was open when it was asked for; `left`: what was
    open after it was recorded. `payment` is billing's id of it, `words` what billing said. `send_at`: until when it is
    held. `baseline`: billing's ids of the payments of this invoice and amount just before it was sent. `decider`: who
    approved or rejected it; `settler`: who settled an unknown one. Moments are in UTC.
    """

    id: str
    state: OrderState
    invoice: str
    customer: str | None
    customer_name: str | None
    amount: Decimal
    balance: Decimal | None
    currency: str
    method: str
    reference: str
    doubts: tuple[Doubt, ...]
    sender: str
    sender_name: str
    chat: str | None = None
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None
    send_at: datetime | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    told_at: datetime | None = None
    payment: str | None = None
    words: str | None = None
    left: Decimal | None = None
    baseline: tuple[str, ...] = ()
    decider: str | None = None
    decider_name: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    settler: str | None = None
    settler_name: str | None = None

    @property
    def is_odd(self) -> bool:
        """Whether it takes one more press."""
        return any(doubt.oddity in WEIGHTY for doubt in self.doubts)

    @property
    def seal(self) -> str:
        """Stands for what is odd about it, as it is shown: a press that carries another was shown something else."""
        odd = sorted(f"{doubt.oddity} {doubt.payment}" for doubt in self.doubts if doubt.oddity in WEIGHTY)
        return f"{crc32(f'{odd} {self.balance}'.encode()):08x}"


def made_reference(order_id: str) -> str:
    """The reference of a payment that was asked for without one."""
    return f"CASIER-{order_id}"
