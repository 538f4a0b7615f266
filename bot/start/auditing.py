"""The trail, for whoever checks it: beside a running bot, and without billing."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.dates import begins
from bot.logs import set_up_logs
from bot.settings import SettingsError, read_audit_settings
from bot.store import Head, Wanted, open_store
from bot.trail import Trail, Verdict
from bot.words import _


async def verified(head: Head | None) -> Verdict:
    """Check the whole chain."""
    async with _opened() as (trail, _zone):
        return await trail.verify(head)


async def newest() -> Head:
    """Look up the newest number and hash."""
    async with _opened() as (trail, _zone):
        return await trail.head()


async def exported(write: Callable[[bytes], object], since: date | None, until: date | None) -> None:
    """Write the trail as CSV, from the first of these days to the last, both included."""
    async with _opened() as (trail, zone):
        wanted = Wanted(
            since=begins(since, zone) if since else None,
            until=begins(until + timedelta(days=1), zone) if until else None,
        )
        async for piece in trail.export(wanted):
            write(piece.encode())


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
