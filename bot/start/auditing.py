"""The trail, for whoever checks it: beside a running bot, and without billing."""

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from bot.dates import begins
from bot.logs import set_up_logs
from bot.settings import SettingsError, read_audit_settings
from bot.spreadsheet import ROW_END
from bot.store import Head, Wanted, open_store
from bot.trail import Trail, Verdict
from bot.words import _

# The first and the last; None: from the beginning, or to the end.
Days = tuple[date | None, date | None]


async def verified(head: Head | None) -> Verdict:
    """Check the whole chain."""
    async with _opened() as (trail, _zone):
        return await trail.verify(head)


async def newest() -> Head:
    """Look up the newest number and hash."""
    async with _opened() as (trail, _zone):
        return await trail.head()


async def exported(file: Path, days: Days, *, force: bool) -> int:
    """Write the trail as CSV to a file, and count its rows; one that is there is replaced by `force` only."""
    with _whole(file, force=force) as out:
        return await written(out.write, days)


async def written(write: Callable[[bytes], object], days: Days) -> int:
    """Write the trail as CSV, from the first of these days to the last, both included; how many rows it has."""
    since, until = days
    ends = -1
    async with _opened() as (trail, zone):
        wanted = Wanted(
            since=begins(since, zone) if since else None,
            until=begins(until + timedelta(days=1), zone) if until else None,
        )
        async for piece in trail.export(wanted):
            write(piece.encode())
            ends += piece.count(ROW_END)
    return ends


@contextmanager
def _whole(file: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Let it be written under another name first: whatever bears this one is whole. Only we may read it."""
    _check(file, force=force)
    opened, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(opened, "wb") as out:
            yield out
        _check(file, force=force)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _check(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise SettingsError(_("{path} is there already: name another file, or add --force.").format(path=file))


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Trail, ZoneInfo]]:
    settings = read_audit_settings()
    set_up_logs("ERROR", "console", [])
    _find(settings.database_url)
    store = await open_store(settings.database_url)
    try:
        yield Trail(store.trail), ZoneInfo(settings.timezone)
    finally:
        await store.close()


def _find(url: str) -> None:
    """A trail that is not there is not whole: a mistyped path must not pass for an empty one."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise SettingsError(_("There is no database at {url}: check DATABASE_URL.").format(url=url))
