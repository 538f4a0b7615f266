"""The trail as CSV."""

from collections.abc import AsyncIterator
from dataclasses import fields

from bot.spreadsheet import csv_line
from bot.store import Entry, Record

_WINDOW = 500
_COLUMNS = ("number", *(each.name for each in fields(Record)), "before", "hash")


async def as_csv(rows: AsyncIterator[Entry]) -> AsyncIterator[str]:
    """A header and the rows, in pieces. No cell has a line's end in it: nothing that the trail holds does."""
    lines = [csv_line(_COLUMNS)]
    async for entry in rows:
        lines.append(csv_line(str(getattr(entry, name)) for name in _COLUMNS))
        if len(lines) >= _WINDOW:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
