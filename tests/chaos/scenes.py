"""Where a run takes place: a billing API with books that are never killed, a database, and a journal."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bot.store import OrderState, open_store
from sandbox import SandboxOptions, SandboxServer
from tests.chaos.journal import Told, read_journal
from tests.chaos.judge import Account, judged
from tests.chaos.lives import Life
from tests.chaos.points import KillPoint

_OPEN_INVOICES = """
    SELECT number FROM invoices WHERE status NOT IN ('cancelled', 'paid') AND balance_bani > 10000 ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """One run's place."""

    server: SandboxServer
    folder: Path
    database: str

    @property
    def invoices(self) -> tuple[str, ...]:
        """What there is to pay."""
        return tuple(number for (number,) in self.server.books.query(_OPEN_INVOICES))

    def life(self, **more: Any) -> Life:  # noqa: ANN401 - the fields of a life
        """A life that finds everything here."""
        return Life(
            database=self.database,
            api=self.server.url,
            key=self.server.options.key,
            book=str(self.server.books.path),
            folder=str(self.folder),
            **more,
        )

    def told(self) -> list[Told]:
        """What was told."""
        return read_journal(self.folder / "told")

    def caught(self) -> dict[str, KillPoint]:
        """Where each payment was at the last kill, by the order's id."""
        return msgspec.json.decode((self.folder / "caught").read_bytes(), type=dict[str, KillPoint])

    async def account(self) -> Account:
        """What became of it all."""
        store = await open_store(self.database)
        try:
            orders = await store.orders.in_state(*OrderState)
        finally:
            await store.close()
        return judged(self.server.books, orders, self.told())


@asynccontextmanager
async def scene(folder: Path, books: Path, database: Callable[[Path], str]) -> AsyncIterator[Scene]:
    """A place of its own, with a copy of these books and a new database."""
    folder.mkdir()  # noqa: ASYNC240 - nobody waits here
    copy = Path(shutil.copy(books, folder / "books.sqlite"))
    async with SandboxServer(SandboxOptions(database=copy)) as server:
        yield Scene(server, folder, database(folder))


async def seed(path: Path) -> None:
    """Books with enough to pay."""
    async with SandboxServer(SandboxOptions(database=path, customers=60, payments=300)):
        pass
