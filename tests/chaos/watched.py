"""The parts that a payment passes through, watched: the trap hears of every step, before and after."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import msgspec

from bot.billing import Billing, BillingOptions, NewPayment
from bot.billing.models import Recorded
from bot.message import CardRef
from bot.outlets import Outlet
from bot.payments import Posting, Running, Telling
from bot.payments.posting import Arming
from bot.reply import Reply
from bot.start.desks import Makers
from bot.store import OrderState
from tests.chaos.lives import Life
from tests.chaos.points import KillPoint, Trap

_UNDECIDED = (OrderState.SENDING, OrderState.LOOKING)


class WatchedBilling(Billing):
    """Has each payment struck by its own fault; says when it leaves, is under way, is in the books, is answered."""

    def __init__(self, trap: Trap, life: Life, options: BillingOptions) -> None:
        super().__init__(options)
        self._trap = trap
        self._book = life.book
        self._strikes = {cell.invoice: cell.strike for cell in life.cells if cell.strike}
        self._faults = httpx.AsyncClient(base_url=life.api, headers={"x-api-key": life.key}, trust_env=False)
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        await self._faults.aclose()
        await super().close()

    async def record(self, payment: NewPayment) -> Recorded:
        """Send it."""
        order_id = str(payment.reference).removeprefix("CASIER-")
        await self._trap.at(KillPoint.LEAVING, order_id)
        await self._trap.others_still(order_id)
        sending = asyncio.create_task(self._struck(payment))
        await self._trap.on_its_way(order_id)
        if self._trap.is_for(KillPoint.COMMITTED, order_id):
            await self._committed(sending, str(payment.reference))
            await self._trap.at(KillPoint.COMMITTED, order_id)
        try:
            return await sending
        finally:
            await self._trap.at(KillPoint.ANSWERED, order_id)

    async def _struck(self, payment: NewPayment) -> Recorded:
        """One at a time until its fault has struck, so that it strikes no other."""
        strike = self._strikes.get(payment.invoice_id)
        async with self._turn:
            if strike:
                fault = {"method": "POST", "path": "/payments", **msgspec.to_builtins(strike)}
                (await self._faults.post("/sandbox/faults", json=fault)).raise_for_status()
            sending = asyncio.create_task(super().record(payment))
            while strike and not sending.done() and (await self._faults.get("/sandbox/faults")).json()["data"]:
                await asyncio.sleep(0.01)
        return await sending

    async def _committed(self, sending: asyncio.Task[Recorded], reference: str) -> None:
        with closing(sqlite3.connect(self._book)) as book:
            while not sending.done():
                if book.execute("SELECT 1 FROM payments WHERE reference = ?", (reference,)).fetchone():
                    return
                await asyncio.sleep(0.01)


class WatchedPosting(Posting):
    """Says which step a payment is at. Not `armed`: sends whenever it is asked to, as if there were no token."""

    def __init__(self, trap: Trap, life: Life, *parts: Any) -> None:  # noqa: ANN401 - handed on as they come
        super().__init__(*parts, looks=life.looks, armed_seconds=life.armed_seconds)
        self._trap = trap
        self._is_armed = life.armed

    def may_send(self, arming: Arming, token: str, since: float) -> bool:
        """Whether it may be sent."""
        return super().may_send(arming, token, since) or not self._is_armed

    async def begin(self, order_id: str) -> bool:
        """When the hold is over; after it has begun."""
        await self._trap.at(KillPoint.HELD, order_id)
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

    async def _go(self, order_id: str) -> None:
        """After the claim."""
        # Whoever looks for what has no workflow yet must not be stopped with it.
        if not self._trap.caught(KillPoint.CLAIMED, order_id):
            await super()._go(order_id)


def makers(trap: Trap, life: Life) -> Makers:
    """A start whose parts are all watched."""
    return Makers(
        billing=partial(WatchedBilling, trap, life),
        posting=partial(WatchedPosting, trap, life),
        telling=partial(WatchedTelling, trap),
        running=partial(WatchedRunning, trap),
    )
