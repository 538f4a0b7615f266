"""Sees that every confirmed payment goes its way to the end, also over restarts."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.dates import now
from bot.durable import Durable
from bot.payments.posting import Posting
from bot.payments.telling import Telling
from bot.store import OrderState, PaymentOrder, Store

log = structlog.get_logger(__name__)

_TICK_SECONDS = 2.0
_TICKS = 5
STARTING = "starting"
_UNDER_WAY = (OrderState.HELD, OrderState.SENDING, OrderState.LOOKING)
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a payment may be without an end before it is taken up again, and how long a stop waits for a verdict."""

    lost: timedelta
    stop: timedelta


class Running:
    """Starts the durable workflow of a payment, and stops it."""

    def __init__(self, durable: Durable, store: Store, posting: Posting, telling: Telling, patience: Patience) -> None:
        self._durable = durable
        self._orders = store.orders
        self._posting = posting
        self._telling = telling
        self._lost = patience.lost
        self._stop = patience.stop
        # When we started or last took up each, on the monotonic clock.
        self._started: dict[str, float] = {}
        self._is_closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        durable.carry(self._load)

    def go(self, order: PaymentOrder) -> None:
        """Let it go its way; whoever confirmed it need not wait. While we are closing, that is after the next start."""
        if self._is_closing:
            return
        self.keep(self._go(order.id), STARTING)
        self.keep(self._count_down(order))

    async def prepare(self) -> None:
        """Start dbos before a payment needs it."""
        await self._durable.started()

    async def recover(self) -> None:
        """Start what was confirmed and has no workflow yet; take up what no program seems to work on any more."""
        if self._is_closing:
            return
        under_way = await self._orders.in_state(*_UNDER_WAY)
        for ended in self._started.keys() - {order.id for order in under_way}:
            del self._started[ended]
        for order in under_way:
            if order.id not in self._started:
                await self._go(order.id)
            if order.id in self._started:
                await self._look_after(order)

    async def tidy(self, kept: timedelta) -> None:
        """Forget the workflows that were finished so long ago."""
        if self._durable.is_started:
            await self._durable.forget(kept)

    async def close(self) -> None:
        """Wait until what is being sent has its verdict or is being looked for; what is held goes on next time.

        Not for longer than billing may take to answer: where the database is away, nothing could be written down
        anyway, and the next start finds out what became of it.
        """
        self._is_closing = True
        late = time.monotonic() + self._stop.total_seconds()
        starting = [task for task in self._tasks if task.get_name() == STARTING]
        if starting:
            await asyncio.wait(starting, timeout=self._stop.total_seconds())
        if self._durable.is_started:
            from bot.payments import workflow  # noqa: PLC0415 - loaded by now

            await workflow.halt(max(0.0, late - time.monotonic()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _load(self) -> None:
        from bot.payments import workflow  # noqa: PLC0415 - imports dbos, which is slow to load

        workflow.carry(self._posting, self._telling)

    async def _go(self, order_id: str) -> None:
        try:
            await self._durable.started()
            from bot.payments import workflow  # noqa: PLC0415 - loaded by now

            await workflow.start(order_id)
        except Exception:  # it is confirmed, so the next round tries again
            log.exception("payment.not_started", order=order_id)
        else:
            self._started[order_id] = time.monotonic()

    async def _look_after(self, order: PaymentOrder) -> None:
        """Take it up where nothing moves it any more: its workflow has ended without a verdict, or its program has."""
        from bot.payments import workflow  # noqa: PLC0415 - loaded by now

        state = await self._durable.state_of(workflow.workflow_id(order.id))
        if state in _ENDED:
            await self._give_up(order.id, state)
        elif self._is_lost(order):
            log.error("payment.taken_up", order=order.id, workflow=state)
            self._started[order.id] = time.monotonic()
            await self._durable.resume(workflow.workflow_id(order.id))

    async def _give_up(self, order_id: str, state: str | None) -> None:
        order = await self._orders.get(order_id)
        if order and order.state in _UNDER_WAY:
            log.error("payment.taken_up", order=order_id, workflow=state)
            await self._posting.give_up(order_id)
            await self._telling.tell(order_id)

    def _is_lost(self, order: PaymentOrder) -> bool:
        """Whether it takes too long, also since we started it or took it up: it gets the time to come to an end."""
        since = order.sent_at or order.send_at or order.confirmed_at or order.asked_at
        ours = time.monotonic() - self._started[order.id]
        return now() - since > self._lost and ours > self._lost.total_seconds()

    async def _count_down(self, order: PaymentOrder) -> None:
        """Say on every copy how long it is still held: a few times, for a chat takes a message a second."""
        seconds = (order.send_at - now()).total_seconds() if order.send_at else 0
        tick = max(_TICK_SECONDS, seconds / _TICKS)
        while seconds > tick:
            await asyncio.sleep(tick)
            if not await self._telling.redraw(order.id, OrderState.HELD):
                return
            seconds -= tick

    def keep(self, work: Coroutine[Any, Any, None], name: str = "") -> None:
        """Have something done that nobody waits for; at the end it is left."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
