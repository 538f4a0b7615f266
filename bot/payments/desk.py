"""Where payments are asked for, decided, followed and settled: at most one request each, and every verdict told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.billing import Billing
from bot.dates import now
from bot.message import CardRef, Chat
from bot.payments.approvals import Approvals
from bot.payments.decisions import Decisions
from bot.payments.drafts import DeskOptions, Drafts, Means
from bot.payments.oddities import Guard
from bot.payments.review import Review
from bot.payments.running import Running
from bot.payments.settling import Settling
from bot.payments.telling import Telling
from bot.payments.verdicts import found
from bot.store import BLOCKING, Deed, OrderState, PaymentOrder, Store
from bot.trail import Trail

log = structlog.get_logger(__name__)

_WATCH_SECONDS = 5
_TIDY_ROUNDS = 720
_FOLLOW_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Parts:
    """What the desk is made of."""

    billing: Billing
    store: Store
    trail: Trail
    guard: Guard
    telling: Telling
    approvals: Approvals
    settling: Settling
    running: Running


class PaymentDesk:
    """Payment orders and what happens to them."""

    def __init__(self, parts: Parts, options: DeskOptions) -> None:
        review = Review(parts.billing, parts.store, parts.guard)
        means = Means(parts.store.orders, parts.trail, review, parts.approvals, parts.running)
        self.guard = parts.guard
        self.settling = parts.settling
        self.drafts = Drafts(means, options)
        self.decisions = Decisions(means, parts.telling)
        self._orders = parts.store.orders
        self._cards = parts.store.cards
        self._trail = parts.trail
        self._telling = parts.telling
        self._approvals = parts.approvals
        self._running = parts.running
        self._kept = options.kept

    async def order(self, name: str) -> PaymentOrder | None:
        """An order by its one-shot id, or by billing's id of the payment."""
        return await self._orders.get(name.upper()) or await self._orders.by_payment(name)

    async def pending(self) -> list[PaymentOrder]:
        """Everything that is confirmed and has no proof yet, the oldest first."""
        return await self._orders.in_state(*BLOCKING)

    async def asked(self, order_id: str) -> PaymentOrder | None:
        """An order that awaits approval, once those who may approve it were asked; None if it doesn't by then."""
        await self._approvals.asked(order_id)
        order = await found(self._orders, order_id)
        return order if order.state is OrderState.AWAITING else None

    def reached(self, order_id: str) -> int | None:
        """How many of those who may approve it have been shown it; None before that is known."""
        return self._telling.reached(order_id)

    async def follow(self, order_id: str) -> AsyncIterator[PaymentOrder]:
        """An order as it goes on, each time its state changes, until nothing more happens by itself."""
        shown, order = None, await found(self._orders, order_id)
        while True:
            if order.state is not shown:
                shown = order.state
                yield order
            if order.settled_at or order.state in (OrderState.DRAFT, OrderState.AWAITING):
                return
            await asyncio.sleep(_FOLLOW_SECONDS)
            order = await found(self._orders, order_id)

    async def finished(self, order_id: str) -> PaymentOrder:
        """A settled order, with what is left to pay if billing says so."""
        await self._telling.finish(order_id)
        return await found(self._orders, order_id)

    async def shown(self, order_id: str, state: str, card: CardRef) -> None:
        """Remember that a card shows this order in this state; it is drawn anew whenever that changes."""
        await self._telling.shown(order_id, state, card)

    async def is_shown(self, order_id: str, chat: Chat) -> bool:
        """Whether a card in this chat shows it."""
        return any(card.chat.key == chat.key for card in await self._cards.of(order_id))

    async def gone(self, card: CardRef) -> None:
        """Forget a card that is there no more."""
        await self._telling.gone(card)

    async def watch(self) -> None:
        """Close what expires, go on after a restart, tell what is untold. Runs until it is cancelled."""
        rounds = 0
        while True:
            try:
                await self.recover()
                await self.sweep(timedelta(seconds=_WATCH_SECONDS))
                if rounds % _TIDY_ROUNDS == 1:
                    await self._running.tidy(self._kept)
            except Exception:  # one bad round must not be the last
                log.exception("desk.watch")
            rounds += 1
            await asyncio.sleep(_WATCH_SECONDS)

    async def recover(self) -> None:
        """Go on with what was confirmed before the last stop."""
        await self._running.recover()
        await self._approvals.ask_again()

    async def prepare(self) -> None:
        """Load what a payment needs, before somebody waits for it."""
        await self._running.prepare()

    async def sweep(self, settled_for: timedelta) -> None:
        """Close the drafts whose time has passed; tell what was settled so long ago and has not been told since."""
        for order in await self._orders.expire(now()):
            await self._trail.note(Deed.EXPIRED, order)
        await self._telling.tell_all(now() - settled_for)

    async def close(self) -> None:
        """Wait for what is being sent: its verdict is not to be lost. What is held goes on after the next start."""
        await self._running.close()
