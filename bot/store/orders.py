"""Payment orders: every payment that somebody asked for here, from its draft to its verdict."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.faults import StoreError
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
    UNDER_WAY = "under way"


# What may be in the books.
SENT = (OrderState.SENDING, OrderState.RECORDED, OrderState.UNKNOWN)
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


def made_reference(order_id: str) -> str:
    """The reference of a payment that was asked for without one."""
    return f"CASIER-{order_id}"


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
        """Take a draft for sending: the one press that succeeds.

        None where it was decided or expired before, or another payment on its invoice was sent since it was drafted.
        """
        other = orders.alias()
        overtaken = exists().where(
            other.c.invoice == orders.c.invoice,
            other.c.id != orders.c.id,
            other.c.sent_at >= orders.c.asked_at,
            other.c.state.in_(SENT),
        )
        draft = and_(orders.c.id == order_id, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now)
        claimed = await self._update(and_(draft, ~overtaken), state=OrderState.SENDING, sent_at=now)
        return claimed[0] if claimed else None

    async def cancel(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """Take a draft back; None where it is no draft any more."""
        draft = and_(orders.c.id == order_id, orders.c.state == OrderState.DRAFT)
        cancelled = await self._update(draft, state=OrderState.CANCELLED, settled_at=now)
        return cancelled[0] if cancelled else None

    async def settle(self, order: PaymentOrder) -> PaymentOrder:
        """Write down what became of a payment that was sent. Proof overrules `unknown`, and nothing overrules proof."""
        before = [OrderState.SENDING]
        if order.state is not OrderState.UNKNOWN:
            before.append(OrderState.UNKNOWN)
        verdict = {name: getattr(order, name) for name in ("state", "settled_at", "payment", "words", "left")}
        sent = and_(orders.c.id == order.id, orders.c.state.in_(before))
        try:
            settled = await self._update(sent, told_at=None, **verdict)
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from error
        return settled[0] if settled else await self.get(order.id) or order

    async def add_left(self, order_id: str, left: Decimal) -> PaymentOrder:
        """Note what was left to pay after a recorded payment."""
        return (await self._update(orders.c.id == order_id, left=left))[0]

    async def told(self, order_id: str, state: OrderState, now: datetime) -> None:
        """Note that every copy of its card shows this."""
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
        closed = [*VERDICTS, OrderState.EXPIRED, OrderState.CANCELLED]
        return await self._select(
            and_(orders.c.state.in_(closed), orders.c.told_at.is_(None), orders.c.settled_at < settled_before),
        )

    async def drafts_of(self, sender: str, now: datetime) -> list[PaymentOrder]:
        """What this person may still confirm or cancel."""
        return await self._select(
            and_(orders.c.sender == sender, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now),
        )

    async def on_invoice(self, invoice: str, states: Iterable[OrderState], now: datetime) -> list[PaymentOrder]:
        """Our own payments on an invoice that are in one of these states, without drafts whose time has passed."""
        alive = or_(orders.c.state != OrderState.DRAFT, orders.c.expires_at > now)
        return await self._select(and_(orders.c.invoice == invoice, orders.c.state.in_(list(states)), alive))

    async def askers(self, payments: Iterable[str]) -> dict[str, str]:
        """Who had these payments recorded here, by billing's id of each; those of others are left out."""
        ours = and_(orders.c.payment.in_(list(payments)), orders.c.state == OrderState.RECORDED)
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(orders.c.payment, orders.c.sender_name).where(ours))
            return {row.payment: row.sender_name for row in rows}

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
