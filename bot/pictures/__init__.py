"""One picture of a report, drawn by a process of its own."""

from bot.pictures.chart import Bar, Chart, Tick
from bot.pictures.painter import Painter, PaintingError

__all__ = ["Bar", "Chart", "Painter", "PaintingError", "Tick"]
