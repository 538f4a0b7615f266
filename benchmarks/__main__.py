"""Measure what one `/invoice` costs, and print it."""

import argparse
import asyncio
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks.bots import BASELINE, CASIER, FLOOR, Mode
from benchmarks.load import WrongAnswerError
from benchmarks.measure import Plan, measure
from benchmarks.report import table

_USUAL, _QUICK = Plan(starts=2, slices=6, commands=1800), Plan(starts=1, slices=4, commands=1200)

console = Console(highlight=False, width=88)


def main() -> None:
    """Measure, and print the tables. Exit code 1 if an answer was wrong or missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, and less sure")
    parser.add_argument("--keep", type=Path, help="a folder for the bots' logs and databases")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="casier-bench-") as passing,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        folder = (asked.keep or Path(passing)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for mode in Mode:
            console.print(f"Asking over {mode} …", style="dim")
            try:
                told = runner.run(measure((CASIER, BASELINE, FLOOR), mode, _QUICK if asked.quick else _USUAL, folder))
            except WrongAnswerError as error:
                console.print(str(error), style="red", markup=False)
                sys.exit(1)
            console.print(table(mode, told))
    if find_spec("sniffio"):
        # httpcore looks for it four times a request.
        console.print("sniffio is installed: that spares the baseline a fifth of its CPU.", style="dim")


if __name__ == "__main__":
    main()
