"""Payment orders on disk, from draft to verdict. Every change of state is one conditional update."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.dialects import claim_in_turn
from bot.store.faults import told_apart
from bot.store.order import BLOCKING, SENT, Doubt, OrderState, PaymentOrder
from bot.store.tables import cards
from bot.store.tables import payment_orders as orders

_VERDICT = ("state", "settled_at", "payment", "words")
_LISTED = {"doubts": tuple[Doubt, ...], "baseline": tuple[str, ...]}


class Orders:
    """The payment orders on disk. Who comes second to a change of state is told so: nothing is returned."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, order: PaymentOrder) -> None:
        """Keep a new draft."""
        listed = {name: _written(getattr(order, name)) for name in _LISTED}
        async with self._engine.begin() as connection:
            await connection.execute(insert(orders).values({**asdict(order), **listed}))

    async def get(self, order_id: str) -> PaymentOrder | None:
        """One order by its one-shot id."""
        return _first(await self._select(orders.c.id == order_id))

    async def by_payment(self, payment: str) -> PaymentOrder | None:
        """The order that billing recorded under this id of its own."""
        return _first(await self._select(orders.c.payment == payment))

    async def doubt(self, order: PaymentOrder) -> PaymentOrder | None:
        """Write down what is odd by now about what is not decided, and the balance that it was held against."""
        open_yet = _in(order.id, OrderState.DRAFT, OrderState.AWAITING)
        return _first(await self._update(open_yet, doubts=_written(order.doubts), balance=order.balance))

    async def claim(
        self, order_id: str, now: datetime, state: OrderState, *, send_at: datetime | None, expires_at: datetime
    ) -> PaymentOrder | None:
        """Take a confirmed draft: the one press that succeeds. It is held until `send_at`, or awaits approval.

        None where it was decided or expired before, another payment on its invoice was sent since it was drafted, or
        one is under way or unknown.
        """
        other = orders.alias()
        beside = exists().where(
            other.c.invoice == orders.c.invoice,
            other.c.id != orders.c.id,
            or_(
                other.c.state.in_(BLOCKING),
                and_(other.c.sent_at >= orders.c.asked_at, other.c.state.in_(SENT)),
            ),
        )
        draft = and_(orders.c.id == order_id, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now)
        try:
            async with self._engine.begin() as connection:
                await claim_in_turn(connection, order_id)
                claimed = await _updated(
                    connection,
                    and_(draft, ~beside),
                    state=state,
                    confirmed_at=now,
                    send_at=send_at,
                    expires_at=expires_at,
                )
        except IntegrityError:
            # Another one of this invoice was claimed at the same moment: an index of the table allows only one.
            return None
        return _first(claimed)

    async def approve(
        self, order_id: str, who: str, name: str, now: datetime, send_at: datetime
    ) -> PaymentOrder | None:
        """A second person says yes: it is held from now on."""
        awaiting = and_(_in(order_id, OrderState.AWAITING), orders.c.sender != who, orders.c.expires_at > now)
        return _first(
            await self._update(
                awaiting, state=OrderState.HELD, decider=who, decider_name=name, decided_at=now, send_at=send_at
            )
        )

    async def reject(
        self, order_id: str, who: str, name: str, now: datetime, reason: str | None
    ) -> PaymentOrder | None:
        """A second person says no."""
        decision = {"decider": who, "decider_name": name, "decided_at": now, "settled_at": now, "reason": reason}
        awaiting = and_(_in(order_id, OrderState.AWAITING), orders.c.sender != who, orders.c.expires_at > now)
        return _first(await self._update(awaiting, state=OrderState.REJECTED, **decision))

    async def cancel(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """Take back a draft, or what awaits approval."""
        open_yet = _in(order_id, OrderState.DRAFT, OrderState.AWAITING)
        return _first(await self._update(open_yet, state=OrderState.CANCELLED, settled_at=now))

    async def undo(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """Take back what is held: this or `begin` comes first."""
        held = _in(order_id, OrderState.HELD)
        return _first(await self._update(held, state=OrderState.UNDONE, settled_at=now))

    async def begin(self, order_id: str, now: datetime) -> PaymentOrder | None:
        """From here on it can't be taken back: this or `undo` comes first."""
        held = _in(order_id, OrderState.HELD)
        return _first(await self._update(held, state=OrderState.SENDING, sent_at=now))

    async def look(self, order_id: str) -> PaymentOrder | None:
        """No answer came: it is being looked for."""
        return _first(await self._update(_in(order_id, OrderState.SENDING), state=OrderState.LOOKING))

    async def saw(self, order_id: str, words: str | None) -> None:
        """Note what billing's list shows of a payment that is looked for, though it proves nothing."""
        await self._update(_in(order_id, OrderState.LOOKING), words=words)

    async def keep_baseline(self, order_id: str, payments: Iterable[str]) -> None:
        """Write down which payments of this invoice and amount were there before."""
        await self._update(orders.c.id == order_id, baseline=_written(tuple(payments)))

    async def settle(self, order: PaymentOrder) -> PaymentOrder:
        """Write down what became of a payment that was sent. Proof overrules `unknown`, and nothing overrules proof.

        Billing's own word that it is recorded even overrules a person's that it never arrived, or came to nothing.
        """
        open_yet = _in(order.id, OrderState.SENDING, OrderState.LOOKING)
        if order.state is not OrderState.UNKNOWN:
            open_yet = or_(open_yet, _in(order.id, OrderState.UNKNOWN))
        if order.state is OrderState.RECORDED:
            by_a_person = orders.c.settler.is_not(None)
            open_yet = or_(open_yet, and_(_in(order.id, OrderState.ABSENT, OrderState.REFUSED), by_a_person))
        verdict = {name: getattr(order, name) for name in (*_VERDICT, "left")}
        settled = _first(await self._update(open_yet, told_at=None, **verdict))
        return settled or await self.get(order.id) or order

    async def not_sent(self, order_id: str, now: datetime, words: str) -> PaymentOrder | None:
        """Close what is held and can't be sent any more; why."""
        held = _in(order_id, OrderState.HELD)
        return _first(await self._update(held, state=OrderState.NOT_SENT, settled_at=now, words=words))

    async def resolve(self, verdict: PaymentOrder) -> PaymentOrder | None:
        """Settle an unknown one by a person's word, the settler's; not with a payment that another order has."""
        other = orders.alias()
        taken = exists().where(other.c.payment == verdict.payment, other.c.id != orders.c.id)
        unknown = _in(verdict.id, OrderState.UNKNOWN)
        if verdict.payment is not None:
            unknown = and_(unknown, ~taken)
        settled = {name: getattr(verdict, name) for name in (*_VERDICT, "settler", "settler_name")}
        return _first(await self._update(unknown, told_at=None, **settled))

    async def add_left(self, order_id: str, left: Decimal) -> PaymentOrder:
        """Note what was left to pay after a recorded payment."""
        return (await self._update(orders.c.id == order_id, left=left))[0]

    async def told(self, order_id: str, state: OrderState, now: datetime) -> None:
        """Note that every copy of its card shows this."""
        seen = and_(_in(order_id, state), orders.c.told_at.is_(None))
        await self._update(seen, told_at=now)

    async def expire(self, now: datetime) -> list[PaymentOrder]:
        """Close the drafts and the open approvals whose time has passed."""
        waiting = orders.c.state.in_([OrderState.DRAFT, OrderState.AWAITING])
        late = and_(waiting, orders.c.expires_at <= now)
        return await self._update(late, state=OrderState.EXPIRED, settled_at=now)

    async def untold(self, settled_before: datetime, stale_since: datetime) -> list[PaymentOrder]:
        """What was settled a while ago and is still shown as it was before; or is so again, and told since then."""
        stale = exists().where(cards.c.subject == orders.c.id, cards.c.shown != orders.c.state)
        shown_before = or_(orders.c.told_at.is_(None), and_(orders.c.told_at > stale_since, stale))
        return await self._select(and_(orders.c.settled_at < settled_before, shown_before))

    async def drafts_of(self, sender: str, now: datetime) -> list[PaymentOrder]:
        """What this person may still confirm or cancel."""
        return await self._select(
            and_(orders.c.sender == sender, orders.c.state == OrderState.DRAFT, orders.c.expires_at > now),
        )

    async def in_state(self, *states: OrderState) -> list[PaymentOrder]:
        """Every order in one of these states, the oldest first."""
        return await self._select(orders.c.state.in_(states))

    async def on_invoice(self, invoice: str, states: Iterable[OrderState], now: datetime) -> list[PaymentOrder]:
        """Our own payments on an invoice that are in one of these states, without drafts whose time has passed."""
        alive = or_(orders.c.state != OrderState.DRAFT, orders.c.expires_at > now)
        return await self._select(and_(orders.c.invoice == invoice, orders.c.state.in_(list(states)), alive))

    async def with_reference(self, reference: str) -> list[PaymentOrder]:
        """Our own payments that carry this reference and may be in the books."""
        return await self._select(and_(orders.c.reference == reference, orders.c.state.in_(SENT)))

    async def claimed(self, invoice: str, but: str) -> set[str]:
        """Billing's ids of the payments on an invoice that other orders than this one are known by."""
        ours = and_(orders.c.invoice == invoice, orders.c.payment.is_not(None), orders.c.id != but)
        return {order.payment for order in await self._select(ours) if order.payment}

    async def recorded(self, payments: Iterable[str]) -> dict[str, PaymentOrder]:
        """The orders that billing recorded, by its ids of the payments; those of others are left out."""
        found = await self._select(orders.c.payment.in_(list(payments)))
        return {order.payment: order for order in found if order.payment}

    async def askers(self, payments: Iterable[str]) -> dict[str, str]:
        """Who had these payments recorded here, by billing's id of each; those of others are left out."""
        ours = and_(orders.c.payment.in_(list(payments)), orders.c.state == OrderState.RECORDED)
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(orders.c.payment, orders.c.sender_name).where(ours))
            return {row.payment: row.sender_name for row in rows}

    async def methods(self, since: datetime, until: datetime) -> dict[str, str]:
        """By which method the payments that were sent and recorded here meanwhile came, by billing's id of each."""
        meanwhile = orders.c.sent_at.between(since, until)
        ours = and_(meanwhile, orders.c.payment.is_not(None), orders.c.state == OrderState.RECORDED)
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(orders.c.payment, orders.c.method).where(ours))
            return {row.payment: row.method for row in rows}

    async def _select(self, which: ColumnElement[bool]) -> list[PaymentOrder]:
        with told_apart():
            async with self._engine.connect() as connection:
                rows = await connection.execute(select(orders).where(which).order_by(orders.c.asked_at, orders.c.id))
                return [_order(row) for row in rows.mappings()]

    async def _update(self, which: ColumnElement[bool], **values: Any) -> list[PaymentOrder]:  # noqa: ANN401
        with told_apart():
            async with self._engine.begin() as connection:
                return await _updated(connection, which, **values)


async def _updated(connection: AsyncConnection, which: ColumnElement[bool], **values: Any) -> list[PaymentOrder]:  # noqa: ANN401
    rows = await connection.execute(update(orders).where(which).values(values).returning(*orders.c))
    return [_order(row) for row in rows.mappings()]


def _in(order_id: str, *states: OrderState) -> ColumnElement[bool]:
    return and_(orders.c.id == order_id, orders.c.state.in_(states))


def _first(found: list[PaymentOrder]) -> PaymentOrder | None:
    return found[0] if found else None


def _written(values: tuple[object, ...]) -> str:
    return msgspec.json.encode(values).decode()


def _order(row: Any) -> PaymentOrder:  # noqa: ANN401 - a row of any shape
    known = {field.name: row[field.name] for field in fields(PaymentOrder)}
    listed = {name: msgspec.json.decode(row[name], type=kind) for name, kind in _LISTED.items()}
    return PaymentOrder(**{**known, **listed, "state": OrderState(row["state"])})
