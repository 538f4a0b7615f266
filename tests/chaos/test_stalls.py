"""Two at the same payment: one that stalled, and one that went on without it."""

import asyncio
from datetime import timedelta
from functools import partial

from bot.cards import order_card
from bot.dates import now
from bot.message import CardRef
from bot.payments import Telling
from bot.reply import Reply
from bot.store import OrderState
from tests.stage import Desk, Wall, confirm_of


class Stalling:
    """An outlet whose first drawing takes until it may go on; it lands on the wall then."""

    def __init__(self, wall: Wall) -> None:
        self.send = wall.send
        self.may_go_on = asyncio.Event()
        self._wall = wall

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw, late."""
        await self.may_go_on.wait()
        await self._wall.edit(card, reply)


def _another(desk: Desk, outlet: Stalling) -> Telling:
    """What another process has."""
    services = desk.app.services
    return Telling(
        services.billing, services.store, {"web": outlet}, partial(order_card, conventions=services.conventions)
    )


async def _finished(desk: Desk, order_id: str) -> None:
    """Wait until its workflow has ended: it draws nothing any more."""
    durable = desk.app.services.desk._running._durable  # noqa: SLF001 - what dbos says of it
    async with asyncio.timeout(30):
        while await durable.state_of(f"pay-{order_id}") != "SUCCESS":
            await asyncio.sleep(0.05)


async def test_who_draws_something_old_over_something_new_sees_it(desk: Desk) -> None:
    await desk.app.services.desk.prepare()
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    order_id, orders, at = draft.subject or "", desk.app.services.store.orders, now()
    assert await orders.claim(order_id, at, OrderState.HELD, send_at=at, expires_at=at)
    stalled = Stalling(desk.wall)
    drawing = asyncio.create_task(_another(desk, stalled).tell(order_id))
    await asyncio.sleep(0.1)
    await desk.app.services.desk.recover()
    await _finished(desk, order_id)
    stalled.may_go_on.set()
    await drawing
    shown = [reply.state for reply in desk.wall.cards[card]]
    assert shown[-2:] == ["held", "recorded"]


async def test_a_copy_that_shows_something_old_after_all_was_told_is_drawn_anew(desk: Desk) -> None:
    await desk.app.services.desk.prepare()
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    order_id, store = draft.subject or "", desk.app.services.store
    await desk.post(confirm_of(draft), card=card)
    await _finished(desk, order_id)
    await desk.wall.edit(card, draft)
    await store.cards.put(order_id, card, OrderState.DRAFT)
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert desk.wall.cards[card][-1].state == "recorded"
