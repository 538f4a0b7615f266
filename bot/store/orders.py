"""Payment orders: every payment that somebody asked for here, from its draft to its verdict."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import payment_orders as orders


class OrderState(StrEnum):
    """Where a payment order is in its life. The last four are verdicts."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SENDING = "sending"
    RECORDED = "recorded"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


class Oddity(StrEnum):
    """What makes a payment worth a second look."""

    PAID = "paid"
    CANCELLED = "cancelled"
    TOO_MUCH = "too much"
    UNKNOWN_BEFORE = "unknown before"


VERDICTS = (OrderState.RECORDED, OrderState.REFUSED, OrderState.NOT_SENT, OrderState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """One payment that somebody asked for.

    `id` is the one-shot id that its buttons carry. `balance`: what was open when it was asked for; `left`: what was
    open after it was recorded. `payment` is billing's id of it, `words` what billing said. Moments are in UTC.
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
    oddities: tuple[Oddity, ...]
    sender: str
    sender_name: str
    asked_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    told_at: datetime | None = None
    payment: str | None = None
    words: str | None = None
    left: Decimal | None = None


class Orders:
    """The payment orders on disk. Every change of state is one conditional update: who comes second is told."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, order: PaymentOrder) -> None:
        """Keep a new draft."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(orders).values({**asdict(order), "oddities": ",".join(order.oddities)}))

    async def get(self, order_id: str) -> PaymentOrder | None:
        """One order by its one-shot id."""
        found = await self._select(orders.c.id == order_id)
        return found[0] if found else None

    async def claim(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """Take a draft for sending: the one press that succeeds. None where it was decided or expired before."""
        draft = and_(orders.c.id == order_id, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now)
        claimed = await self._update(draft, state=OrderState.SENDING, sent_at=now)
        return claimed[0] if claimed else None

    async def cancel(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """Take a draft back; None where it is no draft any more."""
        draft = and_(orders.c.id == order_id, orders.c.state == OrderState.DRAFT)
        told = {"settled_at": now, "told_at": now}
        cancelled = await self._update(draft, state=OrderState.CANCELLED, **told)
        return cancelled[0] if cancelled else None

    async def settle(self, order_id: str, now: datetime, **verdict: Any) -> PaymentOrder:  # noqa: ANN401 - columns
        """Write down what became of a payment that was sent. Proof that comes late overrules `unknown`."""
        sent = and_(orders.c.id == order_id, orders.c.state.in_([OrderState.SENDING, OrderState.UNKNOWN]))
        settled = await self._update(sent, settled_at=now, told_at=None, **verdict)
        return settled[0]

    async def add_left(self, order_id: str, left: Decimal | None) -> PaymentOrder:
        """Note what was left to pay after a recorded payment."""
        return (await self._update(orders.c.id == order_id, left=left))[0]

    async def told(self, order_id: str, state: OrderState, now: datetime) -> None:
        """The people concerned have seen this verdict."""
        seen = and_(orders.c.id == order_id, orders.c.state == state, orders.c.told_at.is_(None))
        await self._update(seen, told_at=now)

    async def expire(self, now: datetime) -> list[PaymentOrder]:
        """Close the drafts whose time has passed."""
        late = and_(orders.c.state == OrderState.DRAFT, orders.c.expires_at <= now)
        return await self._update(late, state=OrderState.EXPIRED, settled_at=now)

    async def lost(self, sent_before: datetime) -> list[PaymentOrder]:
        """What was being sent when the program stopped: nobody is waiting for its answer any more."""
        return await self._select(and_(orders.c.state == OrderState.SENDING, orders.c.sent_at < sent_before))

    async def untold(self, settled_before: datetime) -> list[PaymentOrder]:
        """What was settled a while ago and is still shown as it was before."""
        closed = [*VERDICTS, OrderState.EXPIRED]
        return await self._select(
            and_(orders.c.state.in_(closed), orders.c.told_at.is_(None), orders.c.settled_at < settled_before),
        )

    async def drafts_of(self, sender: str, now: datetime) -> list[PaymentOrder]:
        """What this person may still confirm or cancel."""
        return await self._select(
            and_(orders.c.sender == sender, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now),
        )

    async def on_invoice(self, invoice: str, states: Iterable[OrderState]) -> list[PaymentOrder]:
        """Our own payments on an invoice that are in one of these states."""
        return await self._select(and_(orders.c.invoice == invoice, orders.c.state.in_(list(states))))

    async def _select(self, which: ColumnElement[bool]) -> list[PaymentOrder]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(orders).where(which).order_by(orders.c.asked_at, orders.c.id))
            return [_order(row) for row in rows.mappings()]

    async def _update(self, which: ColumnElement[bool], **values: Any) -> list[PaymentOrder]:  # noqa: ANN401
        async with self._engine.begin() as connection:
            rows = await connection.execute(update(orders).where(which).values(values).returning(*orders.c))
            return [_order(row) for row in rows.mappings()]


def _order(row: Any) -> PaymentOrder:  # noqa: ANN401 - a row of any shape
    known = {field.name: row[field.name] for field in fields(PaymentOrder)}
    oddities = tuple(Oddity(word) for word in row["oddities"].split(",") if word)
    return PaymentOrder(**{**known, "state": OrderState(row["state"]), "oddities": oddities})
