"""The parts that a payment passes through, watched: the trap hears of every step, before and after."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

from bot.billing import Billing, BillingOptions, NewPayment
from bot.billing.models import Recorded
from bot.message import CardRef
from bot.outlets import Outlet
from bot.payments import Posting, Running, Telling
from bot.payments.posting import Arming
from bot.reply import Reply
from bot.start.joining import Makers
from bot.store import OrderState, PaymentOrder, Store
from tests.chaos.lives import Life
from tests.chaos.points import KillPoint, Trap

_IN_THE_HOLD_SECONDS = 0.1
_ON_ITS_WAY_SECONDS = 0.15
_UNDECIDED = (OrderState.SENDING, OrderState.LOOKING)


class WatchedBilling(Billing):
    """Says when a payment's request leaves, is under way, is in the books, is answered."""

    def __init__(self, trap: Trap, book: str, options: BillingOptions) -> None:
        super().__init__(options)
        self._trap = trap
        self._book = book

    async def record(self, payment: NewPayment) -> Recorded:
        """Send it."""
        order_id = str(payment.reference).removeprefix("CASIER-")
        await self._trap.at(KillPoint.LEAVING, order_id)
        sending = asyncio.create_task(super().record(payment))
        if self._trap.point is KillPoint.UNDER_WAY:
            await asyncio.sleep(_ON_ITS_WAY_SECONDS)
            await self._trap.at(KillPoint.UNDER_WAY, order_id)
        if self._trap.point is KillPoint.COMMITTED:
            await self._committed(sending, str(payment.reference))
            await self._trap.at(KillPoint.COMMITTED, order_id)
        try:
            return await sending
        finally:
            await self._trap.at(KillPoint.ANSWERED, order_id)

    async def _committed(self, sending: asyncio.Task[Recorded], reference: str) -> None:
        with closing(sqlite3.connect(self._book)) as book:
            while not sending.done():
                if book.execute("SELECT 1 FROM payments WHERE reference = ?", (reference,)).fetchone():
                    return
                await asyncio.sleep(0.01)


class WatchedPosting(Posting):
    """Says which step a payment is at. Not `armed`: sends whenever it is asked to, as if there were no token."""

    def __init__(self, trap: Trap, life: Life, billing: Billing, store: Store) -> None:
        super().__init__(billing, store, looks=life.looks, armed_seconds=life.armed_seconds)
        self._trap = trap
        self._is_armed = life.armed

    def may_send(self, arming: Arming, token: str, since: float) -> bool:
        """Whether it may be sent."""
        return super().may_send(arming, token, since) or not self._is_armed

    async def seconds_held(self, order_id: str) -> float:
        """While it is held."""
        seconds = await super().seconds_held(order_id)
        if self._trap.point is KillPoint.HELD:
            asyncio.get_running_loop().call_later(
                _IN_THE_HOLD_SECONDS, partial(self._trap.caught, KillPoint.HELD, order_id)
            )
        return seconds

    async def begin(self, order_id: str) -> bool:
        """After it has begun."""
        begun = await super().begin(order_id)
        await self._trap.at(KillPoint.BEGUN, order_id)
        return begun

    async def arm(self, order_id: str, token: str) -> Arming:
        """After the arming is read."""
        arming = await super().arm(order_id, token)
        await self._trap.at(KillPoint.READ, order_id)
        return arming

    async def send(self, order_id: str, arming: Arming, token: str, since: float) -> str:
        """After the arming is kept; after the verdict, if there is one."""
        await self._trap.at(KillPoint.ARMED, order_id)
        return await self._watched(order_id, await super().send(order_id, arming, token, since))

    async def look(self, order_id: str, arming: Arming) -> str:
        """While it is looked for; after the verdict, if there is one."""
        await self._trap.at(KillPoint.LOOKING, order_id)
        return await self._watched(order_id, await super().look(order_id, arming))

    async def give_up(self, order_id: str) -> str:
        """After the verdict that there is none."""
        return await self._watched(order_id, await super().give_up(order_id))

    async def _watched(self, order_id: str, state: str) -> str:
        if state not in _UNDECIDED:
            await self._trap.at(KillPoint.SETTLED, order_id)
        return state


class WatchedTelling(Telling):
    """Says when a verdict is told."""

    def __init__(self, trap: Trap, *parts: Any) -> None:  # noqa: ANN401 - handed on as they come
        super().__init__(*parts)
        self._trap = trap

    async def finish(self, order_id: str) -> str:
        """After a verdict is told."""
        state = await super().finish(order_id)
        order = await self._store.orders.get(order_id)
        if order and order.settled_at:
            await self._trap.at(KillPoint.TOLD, order_id)
            self._trap.over(order_id)
        return state


class WatchedOutlet:
    """Says when a card is drawn that shows a verdict."""

    def __init__(self, trap: Trap, outlet: Outlet) -> None:
        self.send = outlet.send
        self._trap = trap
        self._outlet = outlet

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """After it is drawn."""
        await self._outlet.edit(card, reply)
        if reply.state in (OrderState.RECORDED, OrderState.REFUSED, OrderState.NOT_SENT, OrderState.UNKNOWN):
            await self._trap.at(KillPoint.DRAWN, reply.subject or "")


class WatchedRunning(Running):
    """Says when a payment is claimed."""

    def __init__(self, trap: Trap, *parts: Any) -> None:  # noqa: ANN401
        super().__init__(*parts)
        self._trap = trap

    def go(self, order: PaymentOrder) -> None:
        """After the claim."""
        if not self._trap.caught(KillPoint.CLAIMED, order.id):
            super().go(order)


def makers(trap: Trap, life: Life) -> Makers:
    """A start whose parts are all watched."""
    return Makers(
        billing=partial(WatchedBilling, trap, life.book),
        posting=partial(WatchedPosting, trap, life),
        telling=partial(WatchedTelling, trap),
        running=partial(WatchedRunning, trap),
    )
