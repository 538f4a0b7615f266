"""Sees that every chat is told what waits for it: at once when there is something new, and when a pause is over."""

import asyncio
from collections.abc import Coroutine, Iterable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.dates import now
from bot.durable import Durable
from bot.notifications.delivery import Delivery
from bot.store import Store

log = structlog.get_logger(__name__)

_SHORT_SECONDS = 2.0
_TIDY_ROUNDS = 3600
_SHOWN_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Cadence:
    """Seconds: between two messages to a chat, between two looks at what waits, and until a stop cuts a message.

    `kept`: how long what was told is remembered.
    """

    breath: float = 1.0
    look: float = 1.0
    stop: float = 5.0
    kept: timedelta = timedelta(days=30)


class Rounds:
    """Starts the durable run of a chat, one at a time."""

    def __init__(self, durable: Durable, store: Store, delivery: Delivery, cadence: Cadence) -> None:
        self.delivery = delivery
        self.breath = cadence.breath
        # How many messages may have been told twice, since the start: they were being sent when we were cut.
        self.doubtful = 0
        self._durable = durable
        self._notices = store.notices
        self._cadence = cadence
        self._running: set[str] = set()
        self._woken: set[str] = set()
        # Until when a chat is not looked at, on the loop's clock.
        self._resting: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False
        # A run that is started from within another one would be dbos's child of that.
        self._outside = copy_context()
        durable.carry(self._load)

    def heard(self, places: Iterable[str]) -> None:
        """There is news for these chats: look at them now, but for those that fail and rest."""
        self.wake(place for place in places if not (self.delivery.fails(place) and self._rests(place)))

    def wake(self, places: Iterable[str]) -> None:
        """Something has changed for these chats: look at them now."""
        for place in places:
            self._resting.pop(place, None)
            if place in self._running:
                self._woken.add(place)
            else:
                self._go(place)

    def begins(self, place: str) -> None:
        """What has woken a chat until now is about to be looked at."""
        self._woken.discard(place)

    def ended(self, place: str) -> None:
        """The run of a chat is over."""
        self._running.discard(place)
        if place in self._woken:
            self._woken.discard(place)
            self._go(place)

    def goes_on(self, place: str, seconds: float) -> bool:
        """Whether a run waits for so long itself; else the chat rests, and is looked at then."""
        if seconds <= _SHORT_SECONDS:
            return True
        self._resting[place] = asyncio.get_running_loop().time() + seconds
        return False

    async def watch(self) -> None:
        """Look at what waits, until cancelled: what was left by the last stop, what rested long enough."""
        rounds, due = 0, [self.recover, self.tidy]
        while True:
            try:
                while due:
                    await due[0]()
                    del due[0]
                await self.look()
            except Exception:  # one bad round must not be the last
                log.exception("notice.watch")
            rounds += 1
            if rounds % _TIDY_ROUNDS == 0:
                due.append(self.tidy)
            await asyncio.sleep(self._cadence.look)

    async def look(self) -> None:
        """One look."""
        for place in await self._notices.places():
            if place not in self._running and not self._rests(place):
                self._go(place)

    async def tidy(self) -> None:
        """Forget what is old; what cards show, after half a year."""
        kept = self._cadence.kept
        lost = await self._notices.forget(now() - kept, now() - max(kept, _SHOWN_FOR))
        if lost:
            log.error("notice.forgotten", untold=lost)

    async def close(self) -> None:
        """Wait a little for what is being sent; the rest goes on after the next start."""
        self._is_closing = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._durable.is_started:
            from bot.notifications import workflow  # noqa: PLC0415 - loaded by now

            await workflow.halt(self._cadence.stop)

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that nobody waits for."""
        task = asyncio.create_task(work, context=self._outside.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _rests(self, place: str) -> bool:
        return self._resting.get(place, 0) > asyncio.get_running_loop().time()

    def _go(self, place: str) -> None:
        if not self._is_closing:
            self._running.add(place)
            self.keep(self._start(place))

    async def _start(self, place: str) -> None:
        try:
            await self._durable.started()
            from bot.notifications import workflow  # noqa: PLC0415 - loaded by now

            await workflow.start(place)
        except Exception:  # it waits in the outbox, so the next look tries again
            log.exception("notice.not_started", chat=place)
            self._running.discard(place)

    async def recover(self) -> None:
        """Find out what was cut by the last stop."""
        self.doubtful = await self._notices.recover()
        if self.doubtful:
            log.warning("notice.doubtful", notices=self.doubtful)

    def _load(self) -> None:
        from bot.notifications import workflow  # noqa: PLC0415 - imports dbos, which is slow to load

        workflow.carry(self)
