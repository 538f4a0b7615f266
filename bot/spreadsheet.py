"""Rows as CSV, as RFC 4180 has it, and harmless in whatever opens them."""

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
ROW_END = "\r\n"


def csv_line(cells: Iterable[str]) -> str:
    """One row with its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator=ROW_END).writerow(map(_defused, cells))
    return line.getvalue()


def _defused(cell: str) -> str:
    """A spreadsheet would run what begins like this. One apostrophe more or less, and it is as it was."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
