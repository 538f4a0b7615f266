"""Draws a chart as PNG with matplotlib. Loading that takes a second, so only the process that draws does it.

It stands on a light panel of its own: readable in a chat of either kind, though a picture can't know which.
"""

import io
import textwrap
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.pictures.chart import Bar, Chart

_INCHES = (6.4, 8.0)
_DPI = 150
_PANEL, _INK, _QUIET, _RAIL = "#f6f7f4", "#17201b", "#5a655f", "#e1e5de"
_RECEIVED = "#1f7a5c"
# From not due yet to very late; what has no due day is last, and grey.
_AGES = ("#1f7a5c", "#c9a227", "#d9822b", "#c8553d", "#9b2226", "#6b7280")
_LARGE, _MEDIUM, _SMALL = 22, 17, 15
_TITLE_LETTERS = 30
# So many bold letters of the middle size fill a line.
_LINE = 34
_MOST_TITLE_LINES = 2
# What is little beside the rest is not nothing.
_SHORTEST = 0.006
# Fewer bars than this are no wider.
_FEWEST = 7


def drawn(chart: Chart) -> bytes:
    """The chart as PNG, 960 by 1200."""
    with mpl.rc_context(_manners()):
        figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=_PANEL)
        FigureCanvasAgg(figure)
        title = textwrap.wrap(chart.title, _TITLE_LETTERS, max_lines=_MOST_TITLE_LINES, placeholder="…")
        figure.text(0.05, 0.975, "\n".join(title), fontsize=_LARGE, fontweight="bold", va="top")
        _lie(figure.add_axes((0.05, 0.41, 0.9, 0.415)), chart)
        _stand(figure.add_axes((0.19, 0.06, 0.76, 0.25)), figure, chart)
        png = io.BytesIO()
        figure.savefig(png, format="png", facecolor=_PANEL)
    return png.getvalue()


def _manners() -> dict[Any, Any]:
    """A dollar is a dollar: an amount must not be typeset as a formula."""
    return {"text.parse_math": False, "font.family": "DejaVu Sans", "text.color": _INK}


def _lie(axes: Axes, chart: Chart) -> None:
    """A label and an amount above each bar: there is room for both, however long they are."""
    axes.axis("off")
    axes.set_title(
        chart.lying_title, fontsize=_fitting(chart.lying_title, _MEDIUM), fontweight="bold", loc="left", pad=10
    )
    longest = max((bar.length for bar in chart.lying), default=0) or 1
    axes.set_xlim(0, 1)
    axes.set_ylim(len(chart.lying) or 1, 0)
    for place, bar in enumerate(chart.lying):
        _lay(axes, place, bar, longest)


def _lay(axes: Axes, place: int, bar: Bar, longest: float) -> None:
    colour = _AGES[min(place, len(_AGES) - 1)]
    axes.text(0, place + 0.42, bar.label, fontsize=_SMALL, va="bottom")
    axes.text(
        1, place + 0.42, bar.shown, fontsize=_fitting(bar.shown, _SMALL), va="bottom", ha="right", fontweight="bold"
    )
    axes.barh(place + 0.6, 1, height=0.28, color=_RAIL)
    length = max(bar.length / longest, _SHORTEST) if bar.length > 0 else 0
    axes.barh(place + 0.6, length, height=0.28, color=colour)


def _stand(axes: Axes, figure: Figure, chart: Chart) -> None:
    """Standing bars, with no more on their axes than what is given."""
    figure.text(
        0.05,
        0.335,
        chart.standing_title,
        fontsize=_fitting(chart.standing_title, _MEDIUM),
        fontweight="bold",
        va="bottom",
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.set_facecolor(_PANEL)
    axes.stairs(*_outline(chart.standing), fill=True, color=_RECEIVED, linewidth=0)
    aside = max(0, _FEWEST - len(chart.standing)) / 2
    axes.set_xlim(-0.6 - aside, len(chart.standing) - 0.4 + aside)
    axes.set_yticks([tick.at for tick in chart.ticks], [tick.label for tick in chart.ticks])
    axes.set_xticks([tick.at for tick in chart.dates], [tick.label for tick in chart.dates])
    for label, side in zip(axes.get_xticklabels(), _sides(len(chart.dates)), strict=True):
        label.set_horizontalalignment(side)
    axes.tick_params(labelsize=_SMALL, colors=_INK, length=0)
    axes.grid(axis="y", color=_RAIL)
    axes.set_axisbelow(True)
    if chart.nothing:
        axes.text(0.5, 0.5, chart.nothing, fontsize=_SMALL, color=_QUIET, ha="center", transform=axes.transAxes)


def _sides(count: int) -> list[Literal["left", "center", "right"]]:
    """The outermost dates stay inside."""
    sides: list[Literal["left", "center", "right"]] = ["center"] * count
    if count > 1:
        sides[0], sides[-1] = "left", "right"
    return sides


def _fitting(text: str, size: int) -> float:
    """As large as that, or as small as it takes to fit a line."""
    return min(float(size), _MEDIUM * _LINE / max(1, len(text)))


def _outline(lengths: tuple[float, ...]) -> tuple[list[float], list[float]]:
    """Bars with gaps as one outline: a thousand rectangles would take seconds. The heights, and the edges between."""
    heights = [height for length in lengths or (0,) for height in (length, 0)][:-1]
    edges = [place + side for place in range(max(1, len(lengths))) for side in (-0.4, 0.4)]
    return heights, edges
