"""The table."""

import statistics
from collections.abc import Mapping

from rich.table import Table

from benchmarks.bots import BASELINE, Bot, Mode
from benchmarks.measure import IN_FLIGHT, Figures, percentile

_MILLI = 1000
_HEADINGS = ("in flight", "CPU µs", "× less", "p50 ms", "p99 ms", "peak MB", "first s")


def table(mode: Mode, told: Mapping[Bot, Figures]) -> Table:
    """Medians of the slices; the ratio is the median of the slices' own, each beside its neighbour in time."""
    drawn = Table(title=f"One /invoice answered, {mode}", caption="× less: than the baseline. first: from the start.")
    drawn.add_column("bot", no_wrap=True)
    for heading in _HEADINGS:
        drawn.add_column(heading, justify="right", no_wrap=True)
    for bot, figures in told.items():
        for at_once in IN_FLIGHT:
            drawn.add_row(bot.name, str(at_once), *_cells(figures, told[BASELINE], at_once))
    return drawn


def _cells(figures: Figures, baseline: Figures, at_once: int) -> list[str]:
    ours, theirs = figures.cpu[at_once], baseline.cpu[at_once]
    ratio = statistics.median(their / our for our, their in zip(ours, theirs, strict=True))
    return [
        f"{statistics.median(ours):,.0f}",
        f"{ratio:.1f}",
        f"{percentile(figures.seconds[at_once], 0.5) * _MILLI:.1f}",
        f"{percentile(figures.seconds[at_once], 0.99) * _MILLI:.1f}",
        f"{max(figures.memory):.0f}",
        f"{statistics.median(figures.first):.2f}",
    ]
