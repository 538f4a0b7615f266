"""Commands behind buttons that have no room for them, by a short id that is the same for the same command."""

import hashlib
from base64 import b32encode
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.dates import now
from bot.store.dialects import upsert
from bot.store.tables import shorts

_ID_BYTES = 15
_KEPT = timedelta(days=180)


class StoredShorts:
    """Keeps them over a restart, for half a year after they were drawn last."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # What was drawn since the start need not be written again.
        self._written: set[str] = set()

    async def put(self, command: str) -> str:
        """Keep a command; say its id, 24 of A-Z and 2-7."""
        short = b32encode(hashlib.blake2b(command.encode(), digest_size=_ID_BYTES).digest()).decode()
        if short not in self._written:
            kept = {"id": short, "command": command, "used_at": now()}
            async with self._engine.begin() as connection:
                await connection.execute(upsert(self._engine, shorts, kept, ["used_at"]))
            self._written.add(short)
        return short

    async def get(self, short: str) -> str | None:
        """The command of this id; None where it is not kept."""
        async with self._engine.connect() as connection:
            command: str | None = await connection.scalar(select(shorts.c.command).where(shorts.c.id == short))
            return command

    async def forget(self, at: datetime) -> None:
        """Let go of what nobody has been shown for half a year."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(shorts).where(shorts.c.used_at < at - _KEPT))
