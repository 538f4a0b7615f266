"""A thread with a database connection of its own.

To go to and fro between the event loop and a thread for every statement would cost several times what statements cost.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine

from bot.store.engines import SPARE_CACHE_KIB, made_thread_engine

T = TypeVar("T")


class DatabaseThread:
    """Does one piece of work after the other, each in a transaction. It connects when it is first needed."""

    def __init__(self, address: URL, name: str, cache_kib: int = SPARE_CACHE_KIB) -> None:
        self._address = address
        self._cache_kib = cache_kib
        self._engine: Engine | None = None
        self._thread = ThreadPoolExecutor(1, name)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What comes of it. Whoever stops waiting doesn't stop the work."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._done, work)

    async def close(self) -> None:
        """Wait for what is being done, and let go of the database."""
        await asyncio.to_thread(self._thread.shutdown)
        if self._engine:
            self._engine.dispose()

    def _done(self, work: Callable[[Connection], T]) -> T:
        self._engine = self._engine or made_thread_engine(self._address, self._cache_kib)
        with self._engine.begin() as connection:
            return work(connection)
