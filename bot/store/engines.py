"""Engines: an SQLite file, or a PostgreSQL server; on both a commit outlives a power cut."""

import os
import sqlite3
from contextlib import closing, suppress
from importlib import import_module
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.addresses import is_file, unusable

PATIENCE_SECONDS = 5
# What is read once and seldom again needs no cache.
SPARE_CACHE_KIB = 64
# A server whose machine is gone answers nothing, not even "no": without these, a query would wait for hours.
# https://www.postgresql.org/docs/current/libpq-connect.html
_CONNECTING = {
    "application_name": "casier",
    "connect_timeout": PATIENCE_SECONDS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_ON_A_SERVER: dict[str, Any] = {
    "hide_parameters": True,
    "connect_args": _CONNECTING,
    # What the server's operator chose as a default must not let two claims pass each other.
    "isolation_level": "READ COMMITTED",
    "pool_pre_ping": True,
    "pool_timeout": 2 * PATIENCE_SECONDS,
}


def made_engine(address: URL) -> AsyncEngine:
    """An engine for this address; `StoreError` where a file can't be written, or a server's address is none.

    Parameters hold names: they stay out of error messages.
    """
    if is_file(address):
        _try_to_write(address)
        engine = create_async_engine(address, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_file)
        return engine
    import_module("bot.store.unbounded")
    try:
        engine = create_async_engine(address, pool_size=4, max_overflow=4, **_ON_A_SERVER)
    except (ArgumentError, ImportError) as error:
        raise unusable(address, error) from None
    event.listen(engine.sync_engine, "connect", _prepare_session)
    return engine


def made_thread_engine(address: URL, cache_kib: int) -> Engine:
    """An engine for a thread with one connection of its own; the address is one that `made_engine` took.

    `cache_kib`: of a file's pages, so much is kept in memory, https://sqlite.org/pragma.html#pragma_cache_size.
    """
    if is_file(address):
        engine = create_engine(address.set(drivername=address.get_backend_name()), hide_parameters=True)
        event.listen(engine, "connect", _prepare_file)
        event.listen(engine, "connect", lambda connection, _record: _keep(connection, cache_kib))
        return engine
    engine = create_engine(address, pool_size=1, max_overflow=0, **_ON_A_SERVER)
    event.listen(engine, "connect", _prepare_session)
    return engine


def _try_to_write(address: URL) -> None:
    """Find out before anything else is started whether the file can be opened and written."""
    _make_private(address.database or "")
    try:
        with closing(sqlite3.connect(address.database or "", timeout=PATIENCE_SECONDS)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise unusable(address, error) from error


def _make_private(path: str) -> None:
    """A new file holds names soon: only we may read it, and what SQLite puts beside it is as it is.

    A file that is there is left alone: to close it would drop SQLite's locks, https://sqlite.org/howtocorrupt.html.
    """
    if path == ":memory:":
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


# FULL and synchronous: a committed claim must outlive a power cut, or a payment could be sent twice.


def _prepare_file(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapted connection
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep(connection: Any, kib: int) -> None:  # noqa: ANN401 - as above
    connection.execute(f"PRAGMA cache_size=-{kib}")


def _prepare_session(connection: Any, _record: object) -> None:  # noqa: ANN401 - as above
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    )
    cursor.close()
    # The pool rolls back what it is given back, and the setting with it.
    connection.commit()
