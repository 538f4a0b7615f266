"""A list of payments that does what it likes, and kills: `python -m tests.chaos.news_storm`.

It ends with a table, and in failure if a chat missed anything, was told what was not for it, out of order, or twice
though nothing was cut.
"""

import argparse
import asyncio
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.store import Store, open_store
from bot.store.tables import payment_events
from sandbox import SandboxOptions, SandboxServer
from sandbox.faults import FaultParameters
from sandbox.options import ORDERS
from tests.chaos.news_judge import Event, Evidence, Verdict, judged
from tests.chaos.news_lives import Flaw, NewsLife
from tests.chaos.nursery import Nursery
from tests.chaos.papers import Looked, read_paper
from tests.chaos.rooms import ROOMS, subscribe_all
from tests.chaos.storm import restarting, serving
from tests.chaos.weather import History, Weather
from tests.databases import Postgres

_LIFE_SECONDS = (0.5, 6.0)
_FAULT_SECONDS = (0.5, 3.0)
_MOST_FAULTS = 2
_PATIENCE_SECONDS = 120
_FAULTS: tuple[tuple[str, str, FaultParameters], ...] = (
    ("/payments", "error-before-commit", {}),
    ("/payments", "error-before-commit", {"status": 401}),
    ("/payments", "drop-before-commit", {"reset": True}),
    ("/payments", "hang", {"seconds": 1.5}),
    ("/payments", "half-body", {}),
    ("/payments", "half-body", {}),
    ("/payments", "slow-body", {"seconds": 0.5}),
    ("/payments", "wrong-json", {}),
    ("/payments", "wrong-shape", {}),
    ("/invoices/*", "error-before-commit", {}),
    ("/invoices/*", "hang", {"seconds": 1.5}),
    ("/invoices/*", "delay", {"seconds": 0.5}),
)

HEAD = (
    "| database | list | seconds | kills | server restarts | looks | events | messages | told | summaries "
    "| doubled, cut | **doubled, uncut** | **unheard** | **missing** | **misdirected** | **out of order** "
    "| **invented** | **mistold** | **stale** | recovery: median | p95 | worst |"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it blows: the list, the bot's database and a folder."""

    server: SandboxServer
    folder: Path
    database: str
    flaw: Flaw | None = None

    def life(self, **more: Any) -> NewsLife:  # noqa: ANN401 - the fields of a life
        """A life that finds everything here."""
        return NewsLife(
            database=self.database,
            api=self.server.url,
            key=self.server.options.key,
            folder=str(self.folder),
            flaw=self.flaw,
            **more,
        )

    async def evidence(self, history: History) -> Evidence:
        """All that can be known afterwards."""
        store = await open_store(self.database)
        try:
            complete_at = (await store.known.state()).complete_at
            events = await _events(store)
        finally:
            await store.close()
        return Evidence(
            stands=history.stands,
            events=events,
            lines=read_paper(self.folder / "paper"),
            complete_at=complete_at.timestamp() if complete_at else 0,
            customers=dict(self.server.books.query("SELECT number, customer_id FROM invoices")),
        )


@dataclass(slots=True)
class Violence:
    """When each life began and ended; how often the server went down."""

    lives: list[tuple[float, float]] = field(default_factory=list)
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """How a storm went by."""

    database: str
    order: str
    seconds: float
    violence: Violence
    verdict: Verdict
    recoveries: list[float]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong, and there was something that could have been."""
        return not self.verdict.wrongs and bool(self.verdict.told)

    def row(self) -> str:
        """A line of the table."""
        said, times = self.verdict, sorted(self.recoveries) or [0.0]
        wrongs = (said.doubled_uncut, said.unheard, said.missing, said.misdirected, said.out_of_order)
        cells = [
            *(self.database, self.order, f"{self.seconds:.0f}", len(self.violence.lives) - 1, self.violence.restarts),
            *(said.looks, said.events, said.messages, said.told, said.summaries),
            said.doubled - len(said.doubled_uncut),
            *(len(each) for each in (*wrongs, said.invented, said.mistold, said.stale)),
            *(f"{each:.1f} s" for each in (statistics.median(times), times[int(len(times) * 0.95)], times[-1])),
        ]
        return f"| {' | '.join(map(str, cells))} |"


async def storm(nursery: Nursery, place: Place, seconds: float, postgres: Postgres | None) -> Result:
    """Let it blow, then let whoever lives on come to an end of everything."""
    began, violence, weather = time.monotonic(), Violence(), Weather(place.server)
    store = await open_store(place.database)
    await subscribe_all(store)
    await store.close()
    async with _going_on(weather.blow(), _faults(place.server), _kills(nursery, place, violence)):
        await _first_look(place)
        async with _going_on(*([restarting(postgres, violence)] if postgres else [])):
            await asyncio.sleep(seconds)
    place.server.faults.clear()
    await _last_life(nursery, place, violence)
    evidence = await place.evidence(weather.history)
    return Result(
        "PostgreSQL" if postgres else "SQLite",
        place.server.options.payments_order + (", ETag" if place.server.options.etag else ""),
        time.monotonic() - began,
        violence,
        judged(evidence),
        list(recovered(evidence, violence)),
    )


@asynccontextmanager
async def _going_on(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """What goes on at random while the block lasts; what goes wrong in that is no fault of the bot's."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    wrongs = [end for end in ends if isinstance(end, Exception)]
    if wrongs:
        raise ExceptionGroup("the storm itself", wrongs)


async def _first_look(place: Place) -> None:
    """Until the list was read to its end for the first time: from then on there is something to tell."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not any(isinstance(line, Looked) for line in read_paper(place.folder / "paper")):
            await asyncio.sleep(0.2)


async def _kills(nursery: Nursery, place: Place, violence: Violence) -> None:
    """One life after the other."""
    while True:
        began = time.time()
        victim = await nursery.bear(place.life())
        try:
            await asyncio.sleep(random.uniform(*_LIFE_SECONDS))
        finally:
            victim.signal(signal.SIGKILL)
            await victim.ended(_PATIENCE_SECONDS)
            violence.lives.append((began, time.time()))


async def _last_life(nursery: Nursery, place: Place, violence: Violence) -> None:
    began = time.time()
    life = place.life(moody=False, ends=True, patience_seconds=_PATIENCE_SECONDS)
    code = await nursery.live(life, 2 * _PATIENCE_SECONDS)
    violence.lives.append((began, time.time()))
    if code:
        raise RuntimeError(f"the last life ended with {code}: see {place.folder / 'log'}")


async def _faults(server: SandboxServer) -> None:
    while True:
        if len(server.faults) < _MOST_FAULTS:
            path, kind, more = random.choice(_FAULTS)
            server.faults.add("GET", path, kind, **more)
        await asyncio.sleep(random.uniform(*_FAULT_SECONDS))


def recovered(evidence: Evidence, violence: Violence) -> Iterable[float]:
    """Of everything that waited for a chat at a kill: seconds from the last start before it was told, until then."""
    seen = {event.id: event.seen_at for event in evidence.events}
    for room in ROOMS:
        first: dict[int, float] = {}
        for each in evidence.tellings.get(room.chat.key, []):
            for event in each.sent.events:
                first.setdefault(event, each.sent.at)
        for event, at in first.items():
            if any(seen[event] < end < at for _begin, end in violence.lives):
                yield at - max(begin for begin, _end in violence.lives if begin < at)


async def _events(store: Store) -> list[Event]:
    async with store.engine.connect() as connection:
        rows = (await connection.execute(select(payment_events).order_by(payment_events.c.id))).all()
    return [
        Event(
            id=row.id,
            payment=row.payment,
            invoice=row.invoice,
            amount=row.amount,
            status=row.status,
            before=row.before,
            is_new=row.is_new,
            seen_at=row.seen_at.timestamp(),
        )
        for row in rows
    ]


@asynccontextmanager
async def opened(folder: Path, database: str, flaw: Flaw | None = None) -> AsyncIterator[Place]:
    """A place of its own; in which order the list comes, and whether it says that it has not changed, is chance."""
    folder.mkdir()  # noqa: ASYNC240 - nobody waits here
    order, etag = random.choice(sorted(ORDERS)), random.random() < 1 / 2
    options = SandboxOptions(
        database=folder / "books.sqlite", customers=60, payments=300, payments_order=order, etag=etag
    )
    async with SandboxServer(options) as server:
        yield Place(server, folder, database, flaw)


async def _one(nursery: Nursery, folder: Path, database: str, seconds: float) -> Result:
    async with serving(folder, wanted=database == "postgresql") as postgres:
        url = postgres.create() if postgres else f"sqlite:///{folder / 'casier.db'}"
        async with opened(folder / "scene", url) as place:
            return await storm(nursery, place, seconds, postgres)


async def run(databases: Iterable[str], seconds: float, kept: Path | None = None) -> bool:
    """A storm on each database; whether all is well. `kept`: where papers, logs and books stay."""
    results = []
    async with Nursery("tests.chaos.news_victim") as nursery:
        for database in databases:
            with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as name:
                try:
                    results.append(await _one(nursery, Path(name), database, seconds))
                finally:
                    if kept:
                        shutil.copytree(name, kept / database, dirs_exist_ok=True, ignore=shutil.ignore_patterns("pg"))
    lines = [HEAD, "|".join(["", *(" --- " for _column in range(HEAD.count("|") - 1)), ""])]
    wrongs = [f"{each.database}: {each.verdict.wrongs}" for each in results if not each.is_well]
    sys.stdout.write("\n".join([*lines, *(each.row() for each in results), *wrongs]) + "\n")
    return not wrongs


def main() -> None:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--keep", type=Path, help="a folder for what was told and logged")
    asked = parser.parse_args()
    databases = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    sys.exit(0 if asyncio.run(run(databases, asked.seconds, asked.keep)) else 1)


if __name__ == "__main__":
    main()
