"""Brings a database up to date; never one that a newer Casier has written."""

import asyncio
import logging
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sqlalchemy import URL, Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.addresses import is_file, read_address, shown, unusable
from bot.store.engines import made_engine
from bot.store.faults import StoreError
from bot.store.tables import metadata
from bot.words import _

MIGRATIONS = Path(__file__).parent / "migrations"
# In order, by the files' names: so that a start with nothing to migrate need not load Alembic.
REVISIONS = tuple(sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))
# As Alembic makes it.
_ALEMBICS = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
# Of all of Casier's programs on one PostgreSQL database, one looks and migrates at a time.
_TURN = 0x0CA51E00
_PATIENCE = "60s"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done to which database. `before` is None where it was new."""

    database: str
    before: str | None
    after: str


async def migrate_store(url: str, role: str | None = None) -> Migrated:
    """Create and update all tables, those of the durable workflows too; `StoreError` where that can't be done.

    On PostgreSQL a `role` that may not do this itself may be let use them.
    """
    address = read_address(url)
    if role and is_file(address):
        raise StoreError(_("An SQLite file knows no roles: whoever may write the file may use it."))
    engine = made_engine(address)
    try:
        before = await bring_up_to_date(engine)
        if role:
            await _grant(engine, role)
    except SQLAlchemyError as error:
        raise unusable(address, error) from error
    finally:
        await engine.dispose()
    await asyncio.to_thread(_migrate_workflows, address, role)
    return Migrated(shown(address), before, REVISIONS[-1])


async def bring_up_to_date(engine: AsyncEngine) -> str | None:
    """Look at the version, and migrate if need be, with nobody else doing so; the version that was found."""
    async with engine.connect() as connection:
        if is_file(engine.url):
            await connection.execute(text("BEGIN IMMEDIATE"))
        else:
            await connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
            await _try_to_write(connection)
        version = await connection.run_sync(_brought_up_to_date)
        await connection.commit()
        return version


async def _try_to_write(connection: AsyncConnection) -> None:
    """A standby server can be read, and nothing more; so can a primary that is told to."""
    if await connection.scalar(text("SHOW transaction_read_only")) == "on":
        words = _("The database {path} is read-only").format(path=shown(connection.engine.url))
        raise StoreError(words, _("point DATABASE_URL at one that can be written"))


def _brought_up_to_date(connection: Connection) -> str | None:
    version = _version(connection)
    if version is not None and version not in REVISIONS:
        words = _("The database {path} was written by a newer Casier (revision {version})")
        words = words.format(path=shown(connection.engine.url), version=version)
        raise StoreError(words, _("update Casier, or point DATABASE_URL elsewhere"))
    if version is None:
        _begin(connection)
    elif version != REVISIONS[-1]:
        _migrate(connection)
    return version


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_ALEMBICS.name):
        return None
    version: str = connection.scalars(select(_ALEMBICS.c.version_num)).one()
    return version


def _begin(connection: Connection) -> None:
    """A new database is made as it is now: it needs neither the way there nor Alembic, which is slow to load."""
    import_module("bot.store.growing")
    metadata.create_all(connection, checkfirst=False)
    _ALEMBICS.create(connection)
    connection.execute(_ALEMBICS.insert().values(version_num=REVISIONS[-1]))


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to load, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _grant(engine: AsyncEngine, role: str) -> None:
    quoted = engine.dialect.identifier_preparer.quote_identifier
    async with engine.begin() as connection:
        if not await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
            words = _("The server of {path} has no role “{role}”").format(path=shown(engine.url), role=role)
            raise StoreError(words, _("name one that it has behind --grant, or let CREATE ROLE make it first"))
        schema = quoted((await connection.execute(text("SELECT current_schema()"))).scalar_one())
        for privileges in (
            f"USAGE ON SCHEMA {schema}",
            f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema}",
            f"USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema}",
        ):
            await connection.execute(text(f"GRANT {privileges} TO {quoted(role)}"))


def _migrate_workflows(address: URL, role: str | None) -> None:
    # Without a handler dbos adds one of its own. It tells of its steps, and warns where the server's own database
    # `postgres` is closed to us: ours is there already.
    logger = logging.getLogger("dbos")
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.ERROR)
    from dbos import DBOS, error  # noqa: PLC0415 - very slow to load

    sync = address.set(drivername=address.get_backend_name())
    try:
        DBOS.migrate(sync.render_as_string(hide_password=False), application_role=role)
    except (SQLAlchemyError, error.DBOSException) as reason:
        raise unusable(address, reason) from reason
