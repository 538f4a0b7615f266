"""Measure how long after billing shows a payment a chat is told of it, and print it.

`casier run` watches a list that grows at moments of chance. A payment's time is from its being in the list to its
`sendMessage`. The interval is what the list's requests show: it is POLL_SECONDS, or longer where the list is long.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import billing, lists
from benchmarks.bots import CASIER, Mode, Surroundings, running
from benchmarks.load import WrongAnswerError
from benchmarks.measure import percentile
from benchmarks.telegram import Fields, Telegram
from benchmarks.wire import Respond, answer, port_of, served

POLL_SECONDS = 2
_CHAT = 1_000_000
_FIRST_AMOUNT = 20_000
_PATIENCE_SECONDS = 120
_ENTRY = '{"id":%d,"invoice_id":"%s","amount":"%d.07","status":"confirmed","paid_at":"%s","invoice_number":"%s"}'

console = Console(highlight=False, width=88)


@dataclass(frozen=True, slots=True)
class Plan:
    """A list of so many payments, to which so many come, with pauses between these seconds."""

    size: int
    come: int
    shortest: float
    longest: float

    def pause(self) -> float:
        """Until the next one."""
        return random.uniform(self.shortest, self.longest)  # noqa: S311 - no secret


# Never more than five between two looks: those would be told in one message.
_USUAL = (Plan(100, 40, 1, 3), Plan(100_000, 30, 4, 8))
_QUICK = (Plan(100, 10, 1, 3), Plan(100_000, 5, 4, 8))


@dataclass(slots=True)
class Books:
    """A list of payments that grows, and what was seen of its reader."""

    size: int
    asked: list[float] = field(default_factory=list)
    shown: dict[int, float] = field(default_factory=dict)
    """By amount, when it came."""
    _body: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._body += lists.body(self.size, "same").removesuffix(b"]}")

    def grow(self) -> None:
        """One payment more."""
        count = len(self.shown) + 1
        number, amount = billing.number_of(count), _FIRST_AMOUNT + count
        paid = time.strftime("%Y-%m-%d %H:%M:%S")
        self._body += b"," + (_ENTRY % (self.size + count, number, amount, paid, number)).encode()
        self.shown[amount] = time.perf_counter()

    def handle(self, head: bytes, body: bytes, respond: Respond) -> None:
        """Answer one request."""
        if head.startswith(b"GET /payments "):
            self.asked.append(time.perf_counter())
            respond(answer(bytes(self._body) + b"]}"))
        else:
            billing.handle(head, body, respond)


@dataclass(slots=True)
class Ears:
    """What the chat is told of those books, and how many seconds after each was in them."""

    books: Books
    told: dict[int, float] = field(default_factory=dict)
    after_look: list[float] = field(default_factory=list)
    """Seconds since the list was asked for last: by that look each was found."""
    wrong: str = ""

    def hear(self, sent: Fields) -> None:
        """One message."""
        now = time.perf_counter()
        amounts = [amount for amount in self.books.shown if f"{amount:,}.07" in sent["text"]]
        if len(amounts) != 1 or amounts[0] in self.told:
            self.wrong = self.wrong or f"told: {sent}"
        else:
            self.told[amounts[0]] = now - self.books.shown[amounts[0]]
            self.after_look.append(now - self.books.asked[-1])


def main() -> None:
    """Measure, and print the table. Exit code 1 if a payment was not told, or not by a message of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.news", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer payments, and less sure")
    plans = _QUICK if parser.parse_args().quick else _USUAL
    table = _table()
    with tempfile.TemporaryDirectory(prefix="casier-news-") as folder:
        for plan in plans:
            console.print(f"{plan.come} payments come to a list of {plan.size:,} …", style="dim")
            try:
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    ears = runner.run(_measured(plan, Path(folder)))
            except (WrongAnswerError, TimeoutError) as error:
                console.print(str(error) or "a payment is not told", style="red", markup=False)
                sys.exit(1)
            table.add_row(f"{plan.size:,}", *_cells(ears))
    table.caption = f"POLL_SECONDS={POLL_SECONDS}, load {os.getloadavg()[0]:.1f} at the end."
    console.print(table)


async def _measured(plan: Plan, folder: Path) -> Ears:
    books = Books(plan.size)
    ears = Ears(books)
    async with _watched(books, ears, folder):
        # The second look begins when the first one has made known what was there before.
        await _until(ears, lambda: len(books.asked) > 1)
        for _payment in range(plan.come):
            await asyncio.sleep(plan.pause())
            books.grow()
        await _until(ears, lambda: len(ears.told) == plan.come)
    return ears


async def _until(ears: Ears, happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not happened():
            if ears.wrong:
                raise WrongAnswerError(ears.wrong)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _watched(books: Books, ears: Ears, folder: Path) -> AsyncIterator[None]:
    telegram = Telegram(ears.hear)
    async with AsyncExitStack() as stack:
        servers = [await served(handle) for handle in (telegram.handle, books.handle, books.handle)]
        ours, books_port, own = map(port_of, servers)
        servers.pop().close()
        for server in servers:
            stack.callback(server.close)
        stack.callback(telegram.forget)
        watching = {"NOTIFY": f"telegram:{_CHAT}", "POLL_SECONDS": str(POLL_SECONDS)}
        around = Surroundings(Mode.POLLING, ours, books_port, own, folder / f"news-{books.size}.db", (_CHAT,), watching)
        await stack.enter_async_context(running(CASIER, around, folder / f"news-{books.size}.log"))
        yield


def _table() -> Table:
    table = Table(title="From billing showing a payment to its message, seconds")
    for heading in ("payments", "told", "median", "p95", "half interval", "above it", "after look"):
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _cells(ears: Ears) -> list[str]:
    seconds, asked = list(ears.told.values()), ears.books.asked
    half = statistics.median(after - before for before, after in pairwise(asked)) / 2
    median = statistics.median(seconds)
    figures = (median, percentile(seconds, 0.95), half, median - half, statistics.median(ears.after_look))
    return [str(len(seconds)), *(f"{figure:.2f}" for figure in figures)]


if __name__ == "__main__":
    main()
