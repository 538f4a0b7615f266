"""What there is to tell of payments, to whom, and what was told: one row a payment event and chat."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.faults import told_apart
from bot.store.tables import audiences, deliveries, payment_events
from bot.store.transaction import Transaction


class Held(StrEnum):
    """Why something waited for longer than it takes to tell it."""

    MUTED = "muted"
    QUIET = "quiet"
    PAUSED = "paused"


class Told(StrEnum):
    """Where the telling of one event to one chat is. `summed`: told among others; `passed`: not for this chat."""

    WAITING = "waiting"
    SENDING = "sending"
    TOLD = "told"
    SUMMED = "summed"
    PASSED = "passed"


OPEN = (Told.WAITING, Told.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A payment that is new, or whose status has changed. `paid_at` is billing's text, `seen_at` a moment of ours."""

    id: int = 0
    payment: str
    invoice: str
    amount: Decimal
    status: str | None = None
    before: str | None = None
    is_new: bool = True
    paid_at: str | None = None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that waits to be told to a chat."""

    event: PaymentEvent
    held: Held | None = None


_EVENT = tuple(field.name for field in fields(PaymentEvent))


class Notices:
    """The outbox. Numbers follow the order in which the events were seen."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @staticmethod
    def put(transaction: Transaction, events: Sequence[PaymentEvent], places: Sequence[Collection[str]]) -> None:
        """Write events down, each with the places that might want to hear of it."""
        rows = [{name: getattr(event, name) for name in _EVENT if name != "id"} for event in events]
        adding = insert(payment_events).returning(payment_events.c.id, sort_by_parameter_order=True)
        numbers = transaction.execute(adding, rows).scalars().all()
        waiting = [
            {"event": number, "place": place, "state": Told.WAITING, "attempts": 0}
            for number, theirs in zip(numbers, places, strict=True)
            for place in theirs
        ]
        if waiting:
            transaction.execute(insert(deliveries), waiting)

    @staticmethod
    def showing(transaction: Transaction, payments: Collection[str]) -> dict[str, set[str]]:
        """Where a card shows each of these payments, or may soon: it is being told there, or waits for that."""
        seen = or_(deliveries.c.message.is_not(None), deliveries.c.state.in_(OPEN))
        theirs = payment_events.c.payment.in_(payments)
        found = select(payment_events.c.payment, deliveries.c.place).where(_SAME, theirs, seen)
        places = defaultdict(set)
        for row in transaction.execute(found):
            places[row.payment].add(row.place)
        return dict(places)

    async def waiting(self, place: str, most: int) -> list[Notice]:
        """What waits for a chat, the oldest first."""
        found = select(payment_events, deliveries.c.held).where(_SAME, _open(place))
        with told_apart():
            async with self._engine.connect() as connection:
                rows = await connection.execute(found.order_by(payment_events.c.id).limit(most))
                return [
                    Notice(
                        PaymentEvent(**{name: row[name] for name in _EVENT}), Held(row["held"]) if row["held"] else None
                    )
                    for row in rows.mappings()
                ]

    async def places(self) -> list[str]:
        """The chats for which something waits, and to which we can write; also those that nobody needs any more."""
        paused = exists().where(audiences.c.place == deliveries.c.place, audiences.c.paused_at.is_not(None))
        found = select(deliveries.c.place).where(deliveries.c.state.in_(OPEN), ~paused).distinct()
        with told_apart():
            async with self._engine.connect() as connection:
                return list((await connection.execute(found)).scalars())

    async def cards(self, place: str, payments: Collection[str]) -> dict[str, str]:
        """The message that shows each of these payments there, the newest."""
        found = select(payment_events.c.payment, deliveries.c.message).where(
            _SAME, _shows(payments), deliveries.c.place == place
        )
        with told_apart():
            async with self._engine.connect() as connection:
                rows = await connection.execute(found.order_by(deliveries.c.event))
                return {row.payment: row.message for row in rows}

    async def hold(self, place: str, events: Collection[int], why: Held) -> None:
        """Note what they wait for."""
        await self._change(place, events, deliveries.c.held.is_(None), held=why)

    async def pass_over(self, place: str, events: Collection[int]) -> None:
        """They are not for this chat."""
        await self._change(place, events, state=Told.PASSED)

    async def claim(self, place: str, events: Collection[int]) -> None:
        """They are about to be sent: if we are killed now, nobody knows whether they were."""
        await self._change(place, events, state=Told.SENDING, attempts=deliveries.c.attempts + 1)

    async def unclaim(self, place: str, events: Collection[int]) -> None:
        """They were not sent."""
        await self._change(place, events, state=Told.WAITING)

    async def told(self, place: str, events: Collection[int], at: datetime, message: str | None) -> None:
        """They were sent: one by a card of its own (`message`), or several by one."""
        state = Told.SUMMED if len(events) > 1 else Told.TOLD
        with told_apart():
            async with self._engine.begin() as connection:
                theirs = and_(deliveries.c.place == place, deliveries.c.event.in_(events))
                done = {"state": state, "told_at": at, "message": message}
                await connection.execute(update(deliveries).where(theirs).values(done))
                await connection.execute(update(audiences).where(audiences.c.place == place).values(told_at=at))

    async def recover(self) -> int:
        """After a start: how many were being sent at the last stop, and may be told twice. They wait again."""
        cut = deliveries.c.state == Told.SENDING
        with told_apart():
            async with self._engine.begin() as connection:
                done = await connection.execute(update(deliveries).where(cut).values(state=Told.WAITING))
                return done.rowcount

    async def forget(self, seen_before: datetime, shown_before: datetime) -> int:
        """Let go of what is that old; what a card shows is kept for longer. How many nobody was told of."""
        old = select(payment_events.c.id).where(payment_events.c.seen_at < seen_before)
        older = select(payment_events.c.id).where(payment_events.c.seen_at < shown_before)
        gone = or_(and_(deliveries.c.event.in_(old), deliveries.c.message.is_(None)), deliveries.c.event.in_(older))
        orphans = and_(
            payment_events.c.seen_at < seen_before, ~exists().where(deliveries.c.event == payment_events.c.id)
        )
        with told_apart():
            async with self._engine.begin() as connection:
                untold = select(func.count()).select_from(deliveries).where(gone, deliveries.c.state.in_(OPEN))
                lost = await connection.scalar(untold)
                await connection.execute(delete(deliveries).where(gone))
                await connection.execute(delete(payment_events).where(orphans))
                return lost or 0

    async def _change(
        self,
        place: str,
        events: Iterable[int],
        *which: ColumnElement[bool],
        **values: Any,  # noqa: ANN401
    ) -> None:
        theirs = and_(deliveries.c.place == place, deliveries.c.event.in_(list(events)), *which)
        with told_apart():
            async with self._engine.begin() as connection:
                await connection.execute(update(deliveries).where(theirs).values(values))


_SAME = payment_events.c.id == deliveries.c.event


def _open(place: str) -> ColumnElement[bool]:
    return and_(deliveries.c.place == place, deliveries.c.state.in_(OPEN))


def _shows(payments: Collection[str]) -> ColumnElement[bool]:
    return and_(payment_events.c.payment.in_(payments), deliveries.c.message.is_not(None))
