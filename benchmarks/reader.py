"""One way to find out what is new in a list, measured in a process of its own: prints its figures as JSON."""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from statistics import median

import httpx
from pydantic import SecretStr

from bot.billing import Billing, BillingOptions
from bot.billing.transport import AiohttpTransport
from bot.notifications.look import Looking
from bot.notifications.news import News
from bot.store import KnownPayments, Learned, OvertakenError, Transaction, open_store

_KEY = "benchmark-key"
_BEAT = 0.001
_KILO = 1024

Read = Callable[[], Awaitable[int]]
Opened = Callable[[str, str], AbstractAsyncContextManager[Read]]
Place = tuple[str, str]


class _Count:
    """Somebody who only counts what is told."""

    def __init__(self) -> None:
        self.told = 0

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:  # noqa: ARG002 - the interface
        """Count it."""
        self.told += len(news)

    def committed(self) -> None:
        """Nobody waits for it."""


@asynccontextmanager
async def look(url: str, database: str) -> AsyncIterator[Read]:
    """Casier's own look."""
    billing, store, count = Billing(BillingOptions(url, SecretStr(_KEY))), await open_store(database), _Count()
    looking = Looking(billing, store.known, count)
    await _use(store.known)

    async def read() -> int:
        await looking.look()
        return count.told

    try:
        yield read
    finally:
        await billing.close()
        await store.close()


async def _use(known: KnownPayments) -> None:
    """Connect, and prepare what is said to the database, as the looks before this one have done."""
    state = await known.state()
    await known.unlike([("0", "warm")])

    def take_back(_transaction: Transaction, _learned: Sequence[Learned]) -> None:
        raise OvertakenError

    with suppress(OvertakenError):
        await known.learn(state, [("0", "warm")], take_back)


@asynccontextmanager
async def only_read(url: str, _database: str) -> AsyncIterator[Read]:
    """Read the body with the client that Casier uses, and do nothing with it."""
    transport = AiohttpTransport(connect_seconds=5, read_seconds=60)

    async def read() -> int:
        answer = await transport.send("GET", f"{url}/payments", [("accept-encoding", "gzip")])
        async for _piece in answer.aiter_raw():
            pass
        await answer.aclose()
        return 0

    yield read
    await transport.aclose()


@asynccontextmanager
async def whole(url: str, _database: str) -> AsyncIterator[Read]:
    """httpx, `response.json()`, and a set of the ids that were known: those up to the list's nominal size."""
    async with httpx.AsyncClient(timeout=300) as client:

        async def read() -> int:
            answer = await client.get(f"{url}/payments")
            known = set(range(1, int(url.split("/")[-2]) + 1))
            return len({payment["id"] for payment in answer.json()["data"]} - known)

        yield read


READS: dict[str, Opened] = {"look": look, "only-read": only_read, "whole": whole}


async def measured(opened: Opened, place: Place, warm: Sequence[Place], times: int) -> dict[str, float]:
    """What a reading costs, once everything is loaded and open; a place is a list's address and a database.

    Of several, one after the other: medians of wall clock and CPU, and the most of everything else.
    """
    for short in warm:
        async with opened(*short) as read:
            await read()
    _spare_the_collector()
    async with opened(*place) as read, _heart() as stalls:
        before, spent, told = _memory(), [], 0
        for _time in range(times):
            wall, cpu = time.perf_counter(), time.process_time()
            told = await read()
            spent.append((time.perf_counter() - wall, time.process_time() - cpu))
        figures = {name: median(each) for name, each in zip(("wall", "cpu"), zip(*spent, strict=True), strict=True)}
        figures["told"] = told
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILO - before
        await asyncio.sleep(_BEAT * 10)
        return {**figures, "growth": max(0.0, growth), "stall": stalls[0], "busy": stalls[1]}


def _spare_the_collector() -> None:
    """As a start of Casier does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@asynccontextmanager
async def _heart() -> AsyncIterator[list[float]]:
    """Seconds by which a beat of the loop was late at most, and seconds that its thread computed between two beats.

    The first has in it what others on the machine did meanwhile, the second only what the loop did itself.
    """
    stalls = [0.0, 0.0]
    beating = asyncio.create_task(_beat(stalls))
    await asyncio.sleep(_BEAT * 10)
    stalls[:] = [0, 0]
    yield stalls
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating


def _memory() -> float:
    """The peak so far, in MB, counted anew from here: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILO


async def _beat(stalls: list[float]) -> None:
    beat, computed = time.perf_counter(), time.thread_time()
    while True:
        await asyncio.sleep(_BEAT)
        late, busy = time.perf_counter() - beat - _BEAT, time.thread_time() - computed
        stalls[:] = [max(stalls[0], late), max(stalls[1], busy)]
        beat, computed = time.perf_counter(), time.thread_time()


if __name__ == "__main__":
    name, times, address, books, warm_books, *warm_addresses = sys.argv[1:]
    short = [(each, warm_books) for each in warm_addresses]
    told = asyncio.run(measured(READS[name], (address, books), short, int(times)))
    sys.stdout.write(json.dumps(told))
