"""Reads customers and their invoices into the index, in rounds that never end and never hurry.

Who changed, was touched by a payment or asked for is read first, then who was never read, then who was not for longest.
Each reading is written down at once: a kill costs the one that was under way.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.billing import Billing
from bot.dates import now
from bot.directory.customer_list import CustomerList
from bot.directory.reader import IndexReader
from bot.refusals import BillingRefusal
from bot.store import Store, Taken

log = structlog.get_logger(__name__)

_FEW = 4
# Nobody needs so long for the few that he has taken.
_LOST_AFTER = timedelta(minutes=5)
_IDLE_SECONDS = 5.0
_TICK_SECONDS = 0.5
_LONGEST_PAUSE = 300.0
_FRESH = timedelta(minutes=2)
_MOST_NOTED = 1000


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast: requests a second at most (0: none at all), and how long who was read is left alone.

    `list_seconds`: between two lists of customers; more where a list takes long.
    """

    requests: float = 2
    rest: timedelta = timedelta(hours=1)
    list_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of all customers a round has read; the total is not known before the list was read."""

    done: int
    total: int | None
    is_over: bool = False


class Rounds:
    """Keeps the index near what billing has."""

    def __init__(self, billing: Billing, store: Store, tempo: Tempo | None = None) -> None:
        self._index = store.index
        self._turns = store.turns
        self._tempo = tempo or Tempo()
        self._reader = IndexReader(billing, store, self._tempo.requests)
        self._list = CustomerList(billing, store.index)
        self._list_due = 0.0
        self._noted: set[str] = set()
        self._touched: set[str] = set()
        self._woken = asyncio.Event()
        self._is_watching = False
        self._failures = 0
        self._failed: BillingRefusal | None = None

    @property
    def are_kept(self) -> bool:
        """Whether an index is wanted at all."""
        return self._tempo.requests > 0

    def asked(self, customer: str | None) -> None:
        """Somebody has looked at a customer: the index may be behind what they saw."""
        if customer and len(self._noted) < _MOST_NOTED:
            self._noted.add(customer)

    def touched(self, invoices: Iterable[str]) -> None:
        """Payments on these became known; those that the index has are marked in it already."""
        if len(self._touched) < _MOST_NOTED:
            self._touched.update(invoices)
        self._woken.set()

    async def watch(self) -> None:
        """Read, rest, read again, until it is cancelled."""
        self._is_watching = True
        try:
            while self.are_kept:
                await self._pause(await self._careful_step())
        finally:
            self._is_watching = False

    async def refresh(self) -> AsyncIterator[Progress]:
        """Read everything again, and say how far that is; a `BillingRefusal` where billing ends it."""
        began, self._failed = now(), None
        await self._turns.want_all(began)
        self._list_due = 0.0
        self._list.forget_edition()
        while True:
            progress = await self._progress(began)
            yield progress
            if progress.is_over:
                return
            await self._go_on()

    async def step(self) -> float:
        """Do what is due next, a few requests; how many seconds to rest after it."""
        if time.monotonic() >= self._list_due:
            await self._read_list()
            return 0
        await self._mark()
        taken = await self._turns.take(_FEW, now(), now() - _LOST_AFTER, now() - self._tempo.rest)
        if taken:
            await self._read_all(taken)
            return 0
        untold = await self._turns.untold(_FEW)
        for number in untold:
            await self._reader.tell(number)
        return 0 if untold else min(_IDLE_SECONDS, max(0.0, self._list_due - time.monotonic()))

    async def _careful_step(self) -> float:
        try:
            seconds = await self.step()
        except Exception as error:  # noqa: BLE001 - the rounds go on
            return self._fail(error)
        self._failures, self._failed = 0, None
        return seconds

    async def _go_on(self) -> None:
        """Whoever waits for a round does the work himself where nobody else does."""
        if self._is_watching:
            self._woken.set()
            await asyncio.sleep(_TICK_SECONDS)
            if self._failed:
                raise self._failed
        else:
            await asyncio.sleep(min(await self.step(), _TICK_SECONDS))

    async def _progress(self, began: datetime) -> Progress:
        state, done = await self._index.state(), await self._turns.read_since(began)
        if state.listed_at is None or state.listed_at < began:
            return Progress(done, state.customers or None)
        is_over = done >= state.customers and not await self._turns.untold(1)
        return Progress(done, state.customers, is_over=is_over)

    async def _read_list(self) -> None:
        await self._reader.turn()
        started = time.monotonic()
        pause = await self._list.read()
        took = time.monotonic() - started
        self._list_due = time.monotonic() + max(self._tempo.list_seconds, pause, 9 * took)

    async def _mark(self) -> None:
        """What was noted since the last step is to be read soon."""
        if self._noted:
            noted, self._noted = self._noted, set()
            await self._turns.want(noted, now(), unless_since=now() - _FRESH)
        if self._touched:
            touched, self._touched = self._touched, set()
            for number in await self._index.unknown(sorted(touched)):
                await self._reader.tell(number)

    async def _read_all(self, taken: list[Taken]) -> None:
        """One that can't be read stays taken for a while: it must not keep the others waiting."""
        left = [each.id for each in taken]
        try:
            for each in taken:
                await self._reader.read(each)
                left.remove(each.id)
        except BillingRefusal:
            del left[0]
            raise
        finally:
            if left:
                await self._turns.give_back(left)

    async def _pause(self, seconds: float) -> None:
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _fail(self, error: Exception) -> float:
        self._failures += 1
        pause: float = min(_LONGEST_PAUSE, _IDLE_SECONDS * 2.0 ** min(self._failures - 1, 10))
        if isinstance(error, BillingRefusal):
            self._failed = error
            log.warning("directory.failed", reason=error.for_admins or error.text, failures=self._failures)
            return max(pause, error.after or 0)
        log.error("directory.broken", failures=self._failures, exc_info=error)
        return pause
