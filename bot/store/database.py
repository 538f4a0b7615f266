"""Opens the database: found writable, brought up to date, and never one that a newer Casier has written."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.dates import now
from bot.store.cards import Cards
from bot.store.faults import StoreError
from bot.store.orders import Orders
from bot.store.questions import Questions
from bot.store.shorts import StoredShorts
from bot.store.trail import TrailRows
from bot.words import _

MIGRATIONS = Path(__file__).parent / "migrations"
_PATIENCE_SECONDS = 5
# In order. Known here too, so that a start with nothing to migrate need not load Alembic.
REVISIONS = ("0001", "0002", "0003")


@dataclass(frozen=True)
class Store:
    """The open database, by subject."""

    engine: AsyncEngine
    orders: Orders
    cards: Cards
    questions: Questions
    shorts: StoredShorts
    trail: TrailRows

    async def check(self) -> None:
        """Whether it can be read right now; `StoreError` if not."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1 FROM alembic_version"))
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the database."""
        await self.engine.dispose()


async def open_store(url: str) -> Store:
    """Open `sqlite:///path`, creating and migrating it as needed; `StoreError` where that can't be done."""
    engine = _engine(url)
    _try_to_write(engine.url.database)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            await connection.run_sync(_bring_up_to_date)
            await connection.commit()
    except SQLAlchemyError as error:
        await engine.dispose()
        raise StoreError(_unusable(engine.url.database, error)) from error
    except BaseException:
        await engine.dispose()
        raise
    store = Store(engine, Orders(engine), Cards(engine), Questions(engine), StoredShorts(engine), TrailRows(engine))
    await store.questions.load()
    await store.shorts.forget(now())
    return store


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite:///"):
        raise StoreError(_("DATABASE_URL must be sqlite:/// and a path, e.g. sqlite:///casier.db"))
    # Parameters hold names: they stay out of error messages.
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:", 1), hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    return engine


def _try_to_write(path: str | None) -> None:
    """Find out before anything else is started whether the file can be opened and written."""
    try:
        with closing(sqlite3.connect(path or "", timeout=_PATIENCE_SECONDS)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise StoreError(_unusable(path, error)) from error


def _unusable(path: str | None, error: Exception) -> str:
    return _("The database {path} can't be used ({why}): check DATABASE_URL.").format(path=path, why=error)


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapted connection
    cursor = connection.cursor()
    # FULL: a committed claim must outlive a power cut, or a payment could be sent twice.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _bring_up_to_date(connection: Connection) -> None:
    version = _version(connection)
    if version == REVISIONS[-1]:
        return
    if version is not None and version not in REVISIONS:
        words = _(
            "The database {path} was written by a newer Casier (revision {version}): "
            "update Casier, or point DATABASE_URL elsewhere.",
        )
        raise StoreError(words.format(path=connection.engine.url.database, version=version))
    _migrate(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to load, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
