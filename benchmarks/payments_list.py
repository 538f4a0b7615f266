"""Measure what it costs to find out what is new in a list of payments, and print it.

Every figure is of a fresh process. In each mode, in the same run: merely reading the body with the same client, and
httpx with `response.json()` and a set of ids.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from benchmarks.lists import NEW, path

SIZES = (10_000, 100_000, 1_000_000)
MODES = ("same", "growing", "etag", "shuffled")
# Looks that cost a few milliseconds are taken one after the other, and their median is told.
_TIMES = {"same": 9, "growing": 9, "etag": 9}
_FEW_TIMES = 3
_LONG = 1_000_000
_WARM = 1000
_MEGA = 1_000_000

console = Console(highlight=False, width=110)


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of wall clock and CPU, MB that the peak of memory grew, news told.

    Seconds that the loop stood still at most; those that it computed meanwhile (the rest is what others did).
    """

    wall: float
    cpu: float
    growth: float
    stall: float
    busy: float
    told: int


class Bench:
    """The lists' server, and a folder for databases."""

    def __init__(self, port: int, folder: Path) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self.folder = folder

    def read(self, name: str, size: int, state: str, database: str, warm: str = "", times: int = 1) -> Figures:
        """One reading, or several, in a process of its own."""
        urlopen(f"{self._url}{path(size, state)}/ready").close()  # noqa: S310 - our own
        known = self.folder / "warm.db"
        known.unlink(missing_ok=True)
        short = [self._url + path(_WARM, warm_state) for warm_state in ("same", "shuffled")]
        places = [self._url + path(size, state), database, warm or f"sqlite:///{known}", *short]
        told = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "benchmarks.reader", name, str(times), *places],
            check=True,
            capture_output=True,
            text=True,
        )
        return Figures(**json.loads(told.stdout.splitlines()[-1]))


def main() -> None:
    """Measure and print. Exit code 1 if something new was missed, or something was told that is not new."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.payments_list", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the million")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--postgresql", action="store_true", help="the disk and the first start there, too (minutes)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="casier-lists-") as folder, _server() as port:
        bench = Bench(port, Path(folder))
        for size in asked.sizes[:-1] if asked.quick else asked.sizes:
            console.print(_measured(bench, size))
            if asked.postgresql:
                _measure_postgresql(bench, size)


def _measured(bench: Bench, size: int) -> Table:
    table = _table(f"{size:,} payments, SQLite")
    known = bench.folder / f"known-{size}.db"
    _row(table, "first start", bench.read("look", size, "same", f"sqlite:///{known}"), 0)
    disk = known.stat().st_size / _MEGA
    tagged = bench.folder / f"tagged-{size}.db"
    shutil.copy(known, tagged)
    bench.read("look", size, "etag", f"sqlite:///{tagged}")
    for state in MODES:
        copy = bench.folder / "copy.db"
        shutil.copy(tagged if state == "etag" else known, copy)
        new, times = 0 if state in {"same", "etag"} else NEW, times_of(size, state)
        only = bench.read("only-read", size, state, "-", times=times)
        look = bench.read("look", size, state, f"sqlite:///{copy}", times=times)
        _row(table, state, look, new * times, only)
        copy.unlink()
        if state != "etag":
            _row(table, "  only reading it", only, 0)
            _row(table, "  httpx + json() + set", bench.read("whole", size, state, "-"), new)
    _row(table, "first start, any order", bench.read("look", size, "shuffled", f"sqlite:///{bench.folder}/any.db"), 0)
    any_order = (bench.folder / "any.db").stat().st_size / _MEGA
    (bench.folder / "any.db").unlink()
    table.caption = f"On disk after the first start: {disk:.1f} MB, in any order {any_order:.1f} MB."
    return table


def times_of(size: int, state: str) -> int:
    """How many looks, one after the other."""
    times = _TIMES.get(state, 1)
    return min(times, _FEW_TIMES) if size >= _LONG else times


def _measure_postgresql(bench: Bench, size: int) -> None:
    table = _table(f"{size:,} payments, PostgreSQL")
    with _postgresql() as (create, disk):
        database, warm = create(), create()
        _row(table, "first start", bench.read("look", size, "same", database, warm), 0)
        first = disk(database)
        _row(table, "shuffled", bench.read("look", size, "shuffled", database, warm), NEW)
        table.caption = f"On disk: {first:.1f} MB, after that {disk(database):.1f} MB."
    console.print(table)


def _table(title: str) -> Table:
    table = Table(title=title)
    table.add_column("", no_wrap=True)
    for heading in ("wall s", "CPU s", "× reading", "peak +MB", "stall ms", "own ms", "told"):
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _row(table: Table, name: str, figures: Figures, new: int, only: Figures | None = None) -> None:
    if not name.startswith("  only") and figures.told != new:
        console.print(f"{name}: told {figures.told} instead of {new}", style="red")
        sys.exit(1)
    times = f"{figures.cpu / only.cpu:.1f}" if only else ""
    waits = (f"{seconds * 1000:.0f}" for seconds in (figures.stall, figures.busy))
    table.add_row(
        name, f"{figures.wall:.3f}", f"{figures.cpu:.3f}", times, f"{figures.growth:.1f}", *waits, str(figures.told)
    )


@contextmanager
def _server() -> Iterator[int]:
    serving = subprocess.Popen([sys.executable, "-m", "benchmarks.lists"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(serving.stdout.readline() if serving.stdout else 0)
    finally:
        serving.terminate()
        serving.wait()


@contextmanager
def _postgresql() -> Iterator[tuple[Callable[[], str], Callable[[str], float]]]:
    """A server of our own: how to make a database, and how many MB the known payments are in it."""
    from tests.databases import Postgres  # noqa: PLC0415 - only where it is asked for

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = Postgres(Path(folder))

        def disk(url: str) -> float:
            ((size,),) = server.run("SELECT pg_total_relation_size('known_payments')", database=Postgres.name_of(url))
            return float(size) / _MEGA

        try:
            yield server.create, disk
        finally:
            with suppress(OSError):
                server.close()


if __name__ == "__main__":
    main()
