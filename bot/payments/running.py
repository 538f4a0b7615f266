"""Sees that every confirmed payment goes its way to the end, also over restarts."""

import asyncio
from collections.abc import Coroutine
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
_STARTING = "starting"
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Running:
    """Starts the durable workflow of a payment. `lost`: after how long without an end it is taken up again."""

    def __init__(self, durable: Durable, store: Store, posting: Posting, telling: Telling, lost: timedelta) -> None:
        self._durable = durable
        self._orders = store.orders
        self._posting = posting
        self._telling = telling
        self._lost = lost
        self._started: set[str] = set()
        self._is_closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        durable.carry(self._load)

    def go(self, order: PaymentOrder) -> None:
        """Let it go its way; whoever confirmed it need not wait. While we are closing, that is after the next start."""
        if self._is_closing:
            return
        self.keep(self._go(order.id), _STARTING)
        self.keep(self._count_down(order))

    async def prepare(self) -> None:
        """Start dbos before a payment needs it."""
        await self._durable.started()

    async def recover(self) -> None:
        """Start what was confirmed and has no workflow yet; take up what no program seems to work on any more."""
        if self._is_closing:
            return
        for order in await self._orders.in_state(OrderState.HELD, OrderState.SENDING, OrderState.LOOKING):
            if order.id not in self._started:
                await self._go(order.id)
            elif self._is_lost(order):
                await self._take_up(order)

    async def tidy(self, kept: timedelta) -> None:
        """Forget the workflows that were finished so long ago."""
        if self._durable.is_started:
            await self._durable.forget(kept)

    async def close(self) -> None:
        """Wait until what is being sent has its verdict or is being looked for; what is held goes on next time."""
        self._is_closing = True
        starting = [task for task in self._tasks if task.get_name() == _STARTING]
        await asyncio.gather(*starting, return_exceptions=True)
        if self._durable.is_started:
            from bot.payments import workflow  # noqa: PLC0415 - loaded by now

            await workflow.halt(self._lost.total_seconds())
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
            self._started.add(order_id)

    async def _take_up(self, order: PaymentOrder) -> None:
        from bot.payments import workflow  # noqa: PLC0415 - loaded by now

        state = await self._durable.state_of(workflow.workflow_id(order.id))
        log.error("payment.taken_up", order=order.id, workflow=state)
        if state in _ENDED:
            await self._posting.give_up(order.id)
            await self._telling.tell(order.id)
        else:
            await self._durable.resume(workflow.workflow_id(order.id))

    def _is_lost(self, order: PaymentOrder) -> bool:
        since = order.sent_at or order.send_at or order.confirmed_at or order.asked_at
        return now() - since > self._lost

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
