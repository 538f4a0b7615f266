"""Draws every copy of a payment's card as the payment stands, until each of them is right."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from bot.billing import Billing
from bot.dates import now
from bot.message import CardRef, Chat
from bot.outlets import Outlets, edit_or_send
from bot.refusals import BillingRefusal
from bot.reply import Reply
from bot.store import OrderState, PaymentOrder, Store

log = structlog.get_logger(__name__)

_FIRST_PAUSE = timedelta(seconds=5)
_GIVE_UP = timedelta(days=1)
_AT_ONCE = 20
_LEFT_SECONDS = 3


class Draw(Protocol):
    """Draws a payment's card for a chat; `reached`: how many were asked to approve it, where that is known."""

    def __call__(self, order: PaymentOrder, *, chat: Chat, reached: int | None) -> Reply:
        """Draw it."""
        ...


class Telling:
    """Copies that can't be reached are tried again at growing intervals, for a day. One never keeps another waiting."""

    def __init__(self, billing: Billing, store: Store, outlets: Outlets, draw: Draw) -> None:
        self._billing = billing
        self._store = store
        self._outlets = outlets
        self._draw = draw
        self._reached: dict[str, int] = {}
        self._resting: dict[str, tuple[datetime, timedelta]] = {}
        # Copies of one payment are drawn by one at a time, always as it stands: nobody draws over something newer.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def shown(self, order_id: str, state: str, card: CardRef) -> None:
        """Note that this card shows the order in this state; if it has moved on since, draw it anew."""
        await self._store.cards.put(order_id, card, OrderState(state))
        await self.tell(order_id)

    async def gone(self, card: CardRef) -> None:
        """Note that this card is there no more."""
        await self._store.cards.remove(card)

    async def tell(self, order_id: str) -> PaymentOrder | None:
        """Draw the copies that show another state than it is in; the order. Never raises for a copy.

        If it went on meanwhile, also in another process, what was just drawn may lie over something newer: once more.
        """
        async with self._turn(order_id):
            order, drawn = await self._store.orders.get(order_id), None
            while order and order.state is not drawn:
                drawn = order.state
                if not await self._drawn(order):
                    break
                order = await self._store.orders.get(order_id)
            if order and order.state is not OrderState.AWAITING:
                self._reached.pop(order_id, None)
            return order

    async def redraw(self, order_id: str, state: OrderState, but: Collection[Chat] = ()) -> bool:
        """Draw every copy anew, but for those in some chats, if the order is still in this state; whether it is."""
        async with self._turn(order_id):
            order = await self._store.orders.get(order_id)
            if order is None or order.state is not state:
                return False
            copies = await self._store.cards.of(order.id)
            await asyncio.gather(*(self._reach(order, card) for card in copies if card.chat not in but))
            return True

    async def finish(self, order_id: str) -> str:
        """Tell how it stands; on a receipt also what is left to pay, once billing says so. The order's state."""
        order = await self.tell(order_id)
        if order and order.state is OrderState.RECORDED and order.left is None:
            left = await self._left(order)
            if left is not None:
                await self._store.orders.add_left(order.id, left)
                await self.redraw(order.id, OrderState.RECORDED)
        return order.state if order else ""

    async def tell_all(self, settled_before: datetime) -> None:
        """Do so for everything that was settled a while ago and is not told, but for what rests.

        Who was killed or stalled while drawing may have left a copy that is older than what was told.
        """
        waiting = await self._store.orders.untold(settled_before, now() - _GIVE_UP)
        due = [order for order in waiting if order.id not in self._resting or self._resting[order.id][0] <= now()]
        await asyncio.gather(*(self.finish(order.id) for order in due[:_AT_ONCE]))

    async def announce(self, order: PaymentOrder, chats: Iterable[Chat]) -> int:
        """Show an order in chats where nobody asked for it; in how many that succeeded."""
        return sum(await asyncio.gather(*(self._announce(order, chat) for chat in chats)))

    async def asked(self, order: PaymentOrder, reached: int, chats: Collection[Chat]) -> None:
        """Say on every copy, but for those in these chats, how many of those there could be asked to approve it."""
        self._reached[order.id] = reached
        await self.redraw(order.id, OrderState.AWAITING, chats)

    def reached(self, order_id: str) -> int | None:
        """How many that were."""
        return self._reached.get(order_id)

    async def _announce(self, order: PaymentOrder, chat: Chat) -> bool:
        outlet = self._outlets.get(chat.platform)
        if outlet is None:
            return False
        try:
            card = await outlet.send(chat, self._drawing(order, chat))
        except Exception as error:  # noqa: BLE001 - whatever a platform fails with, the others are asked
            log.warning("payment.unannounced", order=order.id, chat=chat.key, reason=type(error).__name__)
            return False
        await self.shown(order.id, order.state, card)
        return True

    async def _drawn(self, order: PaymentOrder) -> bool:
        """Draw the copies that show another state than this; whether there was any."""
        copies = await self._store.cards.of(order.id, unlike=order.state)
        reached = await asyncio.gather(*(self._reach(order, card) for card in copies))
        await (self._rest(order) if not all(reached) else self._told(order))
        return bool(copies)

    async def _reach(self, order: PaymentOrder, card: CardRef) -> bool:
        outlet = self._outlets.get(card.chat.platform)
        if outlet is None:
            return False
        try:
            there = await edit_or_send(outlet, card, self._drawing(order, card.chat))
        except Exception as error:  # noqa: BLE001 - whatever a platform fails with, the other copies are told
            log.warning("payment.untold", order=order.id, chat=card.chat.key, reason=type(error).__name__)
            return False
        if there != card:
            await self._store.cards.remove(card)
        await self._store.cards.put(order.id, there, order.state)
        return True

    def _drawing(self, order: PaymentOrder, chat: Chat) -> Reply:
        return self._draw(order, chat=chat, reached=self._reached.get(order.id))

    async def _told(self, order: PaymentOrder) -> None:
        self._resting.pop(order.id, None)
        if order.settled_at and not order.told_at:
            await self._store.orders.told(order.id, order.state, now())

    async def _rest(self, order: PaymentOrder) -> None:
        if order.settled_at and now() - order.settled_at > _GIVE_UP:
            log.error("payment.untellable", order=order.id)
            await self._told(order)
            return
        _until, pause = self._resting.get(order.id, (now(), _FIRST_PAUSE / 2))
        self._resting[order.id] = (now() + pause * 2, pause * 2)

    async def _left(self, order: PaymentOrder) -> Decimal | None:
        """What is left to pay now, if billing tells soon; the receipt does not depend on it."""
        try:
            async with asyncio.timeout(_LEFT_SECONDS):
                return (await self._billing.invoice(order.invoice)).balance
        except (BillingRefusal, TimeoutError):
            return None

    def _turn(self, order_id: str) -> asyncio.Lock:
        return self._turns.setdefault(order_id, asyncio.Lock())
