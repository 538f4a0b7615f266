"""Payments at random moments, kills, stalls and faults at random moments: `python -m tests.chaos.storm`.

It ends with a table, and in failure if a payment was doubled, left without a verdict, or told falsely.
"""

import argparse
import asyncio
import math
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from sandbox.books import Books
from sandbox.faults import FaultParameters
from tests.chaos.journal import Told
from tests.chaos.judge import VERDICTS, Account
from tests.chaos.lives import Cell, Life
from tests.chaos.nursery import Nursery, Victim
from tests.chaos.scenes import Scene, scene, seed
from tests.databases import Postgres

_INVOICES = 800
_PACE_SECONDS = 0.4
_LOOKS = (0.2, 0.5, 1.0, 2.0, 4.0)
_LIFE_SECONDS = (0.3, 3.0)
_STALL_SECONDS = (1.0, 8.0)
_STALLS = 0.2
_RESTART_SECONDS = (15.0, 40.0)
_MOST_FAULTS = 5
_PATIENCE_SECONDS = 240
_Faults = tuple[tuple[str, FaultParameters], ...]
_POST_FAULTS: _Faults = (
    ("error-before-commit", {}),
    ("error-before-commit", {"status": 422}),
    ("drop-before-commit", {}),
    ("drop-before-commit", {"reset": True}),
    ("too-many", {}),
    ("hang", {"seconds": 4}),
    ("delay", {"seconds": 0.5}),
    ("delay", {"seconds": 3}),
    ("delay", {"seconds": 12}),
    ("drop-after-commit", {}),
    ("drop-after-commit", {"reset": True}),
    ("error-after-commit", {}),
    ("half-body", {}),
    ("wrong-json", {}),
    ("hang-after-commit", {"seconds": 4}),
)
_GET_FAULTS: _Faults = (
    ("error-before-commit", {}),
    ("drop-before-commit", {}),
    ("hang", {"seconds": 2}),
    ("half-body", {}),
    ("wrong-shape", {}),
)

HEAD = (
    "| database | seconds | kills | stalls | server restarts | asked | confirmed | recorded | unknown "
    "| **doubled** | **without verdict** | **falsely told** | recovery: median | p95 | worst |"
)


@dataclass
class Violence:
    """When each life began and was killed (the last one never); how many stalled, how often the server went down."""

    lives: list[tuple[float, float]] = field(default_factory=list)
    stalls: int = 0
    restarts: int = 0


class Restarted(Protocol):
    """What counts how often the server went down."""

    restarts: int


@dataclass(frozen=True, slots=True)
class Result:
    """How a storm went by."""

    database: str
    seconds: float
    violence: Violence
    account: Account
    recoveries: list[float]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong, and there was something that could have been."""
        return not self.account.wrongs and bool(self.account.recorded)

    def row(self) -> str:
        """A line of the table."""
        account, times = self.account, sorted(self.recoveries) or [0.0]
        cells = [
            self.database,
            f"{self.seconds:.0f}",
            len(self.violence.lives) - 1,
            self.violence.stalls,
            self.violence.restarts,
            *(len(each) for each in (account.asked, account.confirmed, account.recorded, account.unknown)),
            *(len(each) for each in (account.doubled, account.without_verdict, account.falsely_told)),
            *(f"{each:.1f} s" for each in (statistics.median(times), times[int(len(times) * 0.95)], times[-1])),
        ]
        return f"| {' | '.join(map(str, cells))} |"


async def storm(nursery: Nursery, place: Scene, seconds: float, postgres: Postgres | None) -> Result:
    """Let it blow, then let whoever lives on come to an end of everything."""
    began, violence = time.monotonic(), Violence()
    tasks = [asyncio.create_task(_faults(place))]
    if postgres:
        tasks.append(asyncio.create_task(restarting(postgres, violence)))
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await _kills(nursery, place, violence)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    place.server.faults.clear()
    violence.lives.append((time.time(), math.inf))
    await nursery.live(_life(place, presses=False, patience_seconds=_PATIENCE_SECONDS), 2 * _PATIENCE_SECONDS)
    took = time.monotonic() - began
    recoveries = recovered(place.told(), violence.lives)
    return Result("PostgreSQL" if postgres else "SQLite", took, violence, await place.account(), recoveries)


async def _kills(nursery: Nursery, place: Scene, violence: Violence) -> None:
    """One life after the other; now and then one stalls, and another begins beside it under the same name."""
    lives: dict[Victim, float] = {}
    try:
        while True:
            victim = await _begun(nursery, place, lives)
            await asyncio.sleep(random.uniform(*_LIFE_SECONDS))
            if random.random() < _STALLS:
                violence.stalls += 1
                victim.signal(signal.SIGSTOP)
                await _begun(nursery, place, lives)
                await asyncio.sleep(random.uniform(*_STALL_SECONDS))
                victim.signal(signal.SIGCONT)
                await asyncio.sleep(random.uniform(*_LIFE_SECONDS))
            await _end(lives, violence)
    finally:
        await _end(lives, violence)


async def _begun(nursery: Nursery, place: Scene, lives: dict[Victim, float]) -> Victim:
    cells = tuple(Cell(invoice) for invoice in place.invoices)
    began = time.time()
    victim = await nursery.bear(_life(place, cells=cells, pace=_PACE_SECONDS, patience_seconds=1e6))
    lives[victim] = began
    return victim


async def _end(lives: dict[Victim, float], violence: Violence) -> None:
    for victim, began in list(lives.items()):
        victim.signal(signal.SIGKILL)
        await victim.ended(_PATIENCE_SECONDS)
        violence.lives.append((began, time.time()))
        del lives[victim]


async def _faults(place: Scene) -> None:
    while True:
        if len(place.server.faults) < _MOST_FAULTS:
            method, kinds = random.choice([("POST", _POST_FAULTS)] * 4 + [("GET", _GET_FAULTS)])
            kind, more = random.choice(kinds)
            place.server.faults.add(method, "/payments", kind, **more)
        await asyncio.sleep(random.uniform(0.1, 0.8))


async def restarting(postgres: Postgres, violence: Restarted) -> None:
    """Let the server go down now and then, for two seconds at most, until cancelled."""
    while True:
        await asyncio.sleep(random.uniform(*_RESTART_SECONDS))
        violence.restarts += 1
        restart = asyncio.create_task(asyncio.to_thread(_restart, postgres))
        try:
            await asyncio.shield(restart)
        finally:
            # Whoever is cancelled here leaves no server that is down.
            await restart


def _restart(postgres: Postgres) -> None:
    postgres.stop()
    time.sleep(random.uniform(0, 2))
    postgres.start()


def _life(place: Scene, **more: object) -> Life:
    return place.life(armed_seconds=2.0, looks=_LOOKS, **more)


def recovered(told: Iterable[Told], lives: list[tuple[float, float]]) -> list[float]:
    """Of every payment that a kill cut short: seconds from the last start before its verdict was told, until then."""
    began: dict[str, float] = {}
    ended: dict[str, float] = {}
    for each in told:
        if each.state in VERDICTS:
            ended.setdefault(each.order, each.at)
        elif each.state != "draft":
            began.setdefault(each.order, each.at)
    return [
        at - max(begin for begin, _end in lives if begin < at)
        for order, at in ended.items()
        if any(began.get(order, at) < end < at for _begin, end in lives)
    ]


def add_invoices(books: Books) -> None:
    """Enough to pay for a long storm: an unknown payment blocks its invoice."""
    today = date.today().isoformat()  # noqa: DTZ011 - invented books
    rows = [(f"K-{n}", f"K-{n:04}", "CL-001", today, today, 10_000_000, 10_000_000, "open") for n in range(_INVOICES)]
    with books.writing() as db:
        db.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


@asynccontextmanager
async def serving(folder: Path, *, wanted: bool) -> AsyncIterator[Postgres | None]:
    """A server in this folder, if one is wanted."""
    if not wanted:
        yield None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = await asyncio.to_thread(Postgres, folder)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.close)


async def _one(nursery: Nursery, folder: Path, database: str, seconds: float) -> Result:
    async with serving(folder, wanted=database == "postgresql") as postgres:
        url = postgres.create() if postgres else f"sqlite:///{folder / 'casier.db'}"
        async with scene(folder / "scene", folder / "books.sqlite", lambda _made: url) as place:
            add_invoices(place.server.books)
            return await storm(nursery, place, seconds, postgres)


async def run(databases: Iterable[str], seconds: float, kept: Path | None = None) -> bool:
    """A storm on each database; whether all is well. `kept`: where journals and logs stay."""
    results = []
    async with Nursery() as nursery:
        for database in databases:
            with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as name:
                await seed(Path(name) / "books.sqlite")
                results.append(await _one(nursery, Path(name), database, seconds))
                if kept:
                    shutil.copytree(Path(name) / "scene", kept / database, dirs_exist_ok=True)
    lines = [HEAD, "|".join(["", *(" --- " for _column in range(HEAD.count("|") - 1)), ""])]
    wrongs = [f"{each.database}: {each.account.wrongs}" for each in results if not each.is_well]
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
