"""Bots beside each other: how soon each answers, and what its answers cost with 1 and 50 in flight."""

import asyncio
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import billing
from benchmarks.bots import Bot, Mode, Running, Surroundings, running
from benchmarks.load import Load, people
from benchmarks.wire import port_of, served

IN_FLIGHT = (1, 50)

_FIRST_PERSON = 1_000_000
_WARM_UP = 300
_MANY_TIMES = 6
# What a bot still has to do once its answer was received.
_SETTLE_SECONDS = 0.1
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked: so many commands a bot and number in flight, in so many slices, over so many starts."""

    starts: int
    slices: int
    commands: int

    def slice(self, bot: Bot, at_once: int) -> int:
        """How many commands of this bot's are one slice: enough that most have all the others beside them."""
        return max(at_once * _MANY_TIMES, round(self.commands * bot.share / self.slices))


@dataclass(slots=True)
class Figures:
    """About one bot: the seconds to its first answers, and the peaks of its memory in MB.

    By number in flight: the µs of CPU per command in each slice, and the seconds that the answers took.
    """

    first: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    cpu: dict[int, list[float]] = field(default_factory=lambda: {at_once: [] for at_once in IN_FLIGHT})
    seconds: dict[int, list[float]] = field(default_factory=lambda: {at_once: [] for at_once in IN_FLIGHT})


class Stand:
    """One bot, its own stand-ins, and the people who ask it."""

    def __init__(self, bot: Bot, mode: Mode, folder: Path, figures: Figures) -> None:
        self._bot = bot
        self._mode = mode
        self._folder = folder
        self._figures = figures
        self._load = Load()
        self._person = _FIRST_PERSON

    async def open(self, stack: AsyncExitStack, plan: Plan) -> None:
        """Start the bot, with one update waiting for it, and warm it up."""
        asked = plan.slices * sum(people(plan.slice(self._bot, at_once), at_once) for at_once in IN_FLIGHT)
        crowd = people(1, 1) + people(_WARM_UP, max(IN_FLIGHT)) + asked
        around = await self._around(stack, range(_FIRST_PERSON, _FIRST_PERSON + crowd))
        log = self._folder / f"{self._bot.name}-{self._mode}.log"
        self._process: Running = await stack.enter_async_context(running(self._bot, around, log))
        self._figures.first += await self._asked(1, 1)
        await self._asked(_WARM_UP, max(IN_FLIGHT))

    async def slice(self, commands: int, at_once: int) -> None:
        """Ask so often, and write down what it cost."""
        await asyncio.sleep(_SETTLE_SECONDS)
        before = self._process.cpu
        self._figures.seconds[at_once] += await self._asked(commands, at_once)
        await asyncio.sleep(_SETTLE_SECONDS)
        self._figures.cpu[at_once].append((self._process.cpu - before) / commands * _MICRO)

    def close(self) -> None:
        """Write down what it needed of memory."""
        self._figures.memory.append(self._process.peak)

    async def _asked(self, commands: int, at_once: int) -> list[float]:
        seconds = await self._load.ask(commands, at_once, self._person)
        self._person += people(commands, at_once)
        return seconds

    async def _around(self, stack: AsyncExitStack, crowd: range) -> Surroundings:
        servers = [await served(handle) for handle in (self._load.telegram.handle, billing.handle, billing.handle)]
        telegram, books, own = map(port_of, servers)
        free = servers.pop()
        free.close()
        await free.wait_closed()
        for server in servers:
            stack.callback(server.close)
        stack.callback(self._load.telegram.forget)
        database = self._folder / f"{self._bot.name}-{self._mode}.db"
        return Surroundings(self._mode, telegram, books, own, database, crowd)


async def measure(bots: Sequence[Bot], mode: Mode, plan: Plan, folder: Path) -> dict[Bot, Figures]:
    """Start them all, and ask them in turn, a slice each: a noisy moment of the machine hits all of them alike."""
    told = {bot: Figures() for bot in bots}
    for _start in range(plan.starts):
        async with AsyncExitStack() as stack:
            stands = {bot: Stand(bot, mode, folder, told[bot]) for bot in bots}
            for stand in stands.values():
                await stand.open(stack, plan)
            for number in range(plan.slices):
                for bot in bots if number % 2 else bots[::-1]:
                    for at_once in IN_FLIGHT:
                        await stands[bot].slice(plan.slice(bot, at_once), at_once)
            for stand in stands.values():
                stand.close()
    return told


def percentile(seconds: Sequence[float], share: float) -> float:
    """The time within which this share of the answers came."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[round(share * 100) - 1]
