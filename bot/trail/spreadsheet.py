"""The trail as CSV, as RFC 4180 has it."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import fields

from bot.store import Entry, Record

_WINDOW = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
# In no cell: nothing that the trail holds has a line's end in it.
ROW_END = "\r\n"
_COLUMNS = ("number", *(each.name for each in fields(Record)), "before", "hash")


async def as_csv(rows: AsyncIterator[Entry]) -> AsyncIterator[str]:
    """A header and the rows, in pieces."""
    lines = [_line(_COLUMNS)]
    async for entry in rows:
        lines.append(_line(tuple(str(getattr(entry, name)) for name in _COLUMNS)))
        if len(lines) >= _WINDOW:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=ROW_END).writerow(map(_defused, cells))
    return line.getvalue()


def _defused(cell: str) -> str:
    """A spreadsheet would run what begins like this. One apostrophe more or less, and it is as it was."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
