"""Draws every copy of a payment's card as the payment stands, until each of them is right."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.dates import now
from bot.message import CardRef
from bot.outlets import Outlets, edit_or_send
from bot.reply import Reply
from bot.store import OrderState, PaymentOrder, Store

log = structlog.get_logger(__name__)

_FIRST_PAUSE = timedelta(seconds=5)
_GIVE_UP = timedelta(days=1)
_AT_ONCE = 20


class Telling:
    """Copies that can't be reached are tried again at growing intervals, for a day. One never keeps another waiting."""

    def __init__(self, store: Store, outlets: Outlets, draw: Callable[[PaymentOrder], Reply]) -> None:
        self._store = store
        self._outlets = outlets
        self._draw = draw
        self._resting: dict[str, tuple[datetime, timedelta]] = {}

    async def shown(self, order_id: str, state: OrderState, card: CardRef) -> None:
        """Note that this card shows the order in this state."""
        await self._store.cards.put(order_id, card, state)

    async def gone(self, card: CardRef) -> None:
        """Note that this card is there no more."""
        await self._store.cards.remove(card)

    async def tell(self, order: PaymentOrder) -> None:
        """Draw the copies that show something else. Never raises for a copy."""
        reached = [await self._reach(order, card) for card in await self._store.cards.of(order.id, unlike=order.state)]
        if all(reached):
            self._resting.pop(order.id, None)
            await self._store.orders.told(order.id, order.state, now())
        else:
            await self._rest(order)

    async def tell_all(self, settled_before: datetime) -> None:
        """Do so for everything that was settled a while ago and is not told, but for what rests."""
        waiting = await self._store.orders.untold(settled_before)
        due = [order for order in waiting if order.id not in self._resting or self._resting[order.id][0] <= now()]
        await asyncio.gather(*map(self.tell, due[:_AT_ONCE]))

    async def _reach(self, order: PaymentOrder, card: CardRef) -> bool:
        outlet = self._outlets.get(card.chat.platform)
        if outlet is None:
            return False
        try:
            there = await edit_or_send(outlet, card, self._draw(order))
        except Exception as error:  # noqa: BLE001 - whatever a platform fails with, the other copies are told
            log.warning("payment.untold", order=order.id, chat=card.chat.key, reason=type(error).__name__)
            return False
        if there != card:
            await self._store.cards.remove(card)
        await self._store.cards.put(order.id, there, order.state)
        return True

    async def _rest(self, order: PaymentOrder) -> None:
        if order.settled_at and now() - order.settled_at > _GIVE_UP:
            log.error("payment.untellable", order=order.id)
            await self._store.orders.told(order.id, order.state, now())
            return
        _until, pause = self._resting.get(order.id, (now(), _FIRST_PAUSE / 2))
        self._resting[order.id] = (now() + pause * 2, pause * 2)
