"""Who else is the bot on this database.

An SQLite file is kept for one. On a PostgreSQL server each bot shows itself by a lock that all may share, and nobody is
kept off: what keeps others off would outlive a machine that is gone, for as long as the server believes in it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.addresses import is_file, read_address, unusable
from bot.store.alone import is_taken
from bot.store.engines import made_engine

LOOK_SECONDS = 15
_BOT = 0x0CA51E02
_SHOW = text(f"SELECT pg_advisory_lock_shared({_BOT})")
# https://www.postgresql.org/docs/current/view-pg-locks.html: `objsubid` 1 is a lock whose number is one bigint.
_COUNT = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "  # noqa: S608 - a number
    f"WHERE locktype = 'advisory' AND classid = 0 AND objid = {_BOT} AND objsubid = 1 AND datname = current_database()"
)


async def keep_company(url: str, noticed: Callable[[int], None], seconds: float = LOOK_SECONDS) -> None:
    """Show ourselves on a PostgreSQL database until cancelled; `noticed`: how many others are there, when that changes.

    A server that goes away and comes back is shown to again.
    """
    address = read_address(url)
    if is_file(address):
        return
    engine, looking = made_engine(address), _Looking(noticed, seconds)
    try:
        while True:
            with suppress(SQLAlchemyError):
                await looking.look(engine)
            await asyncio.sleep(seconds)
    finally:
        await engine.dispose()


async def bots_on(url: str) -> int:
    """How many bots are on this database; `StoreError` where that can't be found out."""
    address = read_address(url)
    if is_file(address):
        return int(is_taken(address))
    engine = made_engine(address)
    try:
        async with engine.connect() as connection:
            return await _counted(connection)
    except SQLAlchemyError as error:
        raise unusable(address, error) from error
    finally:
        await engine.dispose()


class _Looking:
    """Tells what changes, over connections that come and go."""

    def __init__(self, noticed: Callable[[int], None], seconds: float) -> None:
        self._noticed = noticed
        self._seconds = seconds
        self._others = 0

    async def look(self, engine: AsyncEngine) -> None:
        """For as long as one connection lasts.

        Its first look tells of nobody's end: after a restart of the server the others may be back a moment later.
        """
        others = self._others
        async with engine.connect() as connection:
            # Or it would be within one transaction for good, and nothing could be tidied up behind it.
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_SHOW)
            while True:
                seen = await _counted(connection) - 1
                self._tell(max(seen, others))
                others = seen
                await asyncio.sleep(self._seconds)

    def _tell(self, others: int) -> None:
        if others != self._others:
            self._noticed(others)
        self._others = others


async def _counted(connection: AsyncConnection) -> int:
    return int(await connection.scalar(_COUNT) or 0)
