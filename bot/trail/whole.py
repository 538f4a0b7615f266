"""The trail, to write and to read."""

from collections.abc import AsyncIterator
from functools import partial

from bot.pages import Page, page_of
from bot.store import Entry, Head, Wanted
from bot.trail.checking import Verdict, checked
from bot.trail.spreadsheet import as_csv
from bot.trail.writing import Writing


class Trail(Writing):
    """Writes the trail and reads it."""

    async def entries(self, wanted: Wanted, number: int) -> Page[Entry]:
        """One page, the newest first; a page past the end is the last."""
        return await page_of(number, await self._rows.count(wanted), partial(self._rows.page, wanted))

    async def export(self, wanted: Wanted, limit: int | None = None) -> AsyncIterator[str]:
        """CSV, in pieces: all that is wanted, the oldest first, or only the newest so many."""
        newest = None if limit is None else await self._rows.page(wanted, 0, limit)
        rows = self._rows.all(wanted) if newest is None else _each(newest)
        async for piece in as_csv(rows):
            yield piece

    async def verify(self, head: Head | None = None) -> Verdict:
        """Recompute the chain row by row, up to its end and to a head that was kept elsewhere."""
        return await checked(self._rows.all(), head)

    async def head(self) -> Head:
        """The newest number and hash."""
        return await self._rows.head()


async def _each(entries: list[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry
