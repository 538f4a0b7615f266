"""The database: found usable and up to date, or a start refused in one line."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text

from bot.store import StoreError, engines, open_store
from bot.store.alone import alone
from bot.store.migrating import MIGRATIONS, REVISIONS
from bot.store.tables import metadata

# Another bot on the file of its first word, until it is killed.
HOLDING = """
import sys, time
from bot.store.alone import alone
with alone(sys.argv[1]):
    sys.stdout.write("here\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


async def _opened(path: Path) -> None:
    await (await open_store(f"sqlite:///{path}")).close()


def _engine(url: str) -> Engine:
    """An engine of the test's own, on a database that a store has opened."""
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))


async def test_a_new_database_has_the_tables_of_the_code(database_url: str) -> None:
    await (await open_store(database_url)).close()
    engine = _engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_revisions_are_those_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(scripts)) == REVISIONS


async def test_every_commit_outlives_a_power_cut(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    async with store.engine.connect() as connection:
        assert (await connection.scalar(text("PRAGMA journal_mode"))) == "wal"
        assert (await connection.scalar(text("PRAGMA synchronous"))) == 2
    await store.close()


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
async def test_a_new_database_is_ours_alone_with_what_is_beside_it(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    async with store.engine.connect() as connection:
        await connection.execute(text("SELECT 1 FROM payment_orders"))
        rights = {entry.name: entry.stat().st_mode & 0o777 for entry in os.scandir(tmp_path)}
    await store.close()
    assert rights == dict.fromkeys(("a.db", "a.db-wal", "a.db-shm"), 0o600)


def test_only_one_bot_is_on_a_file_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    command = [sys.executable, "-c", HOLDING, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:  # noqa: S603 - our own words
        assert other.stdout
        assert other.stdout.readline() == b"here\n"
        (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
        for same in (url, f"sqlite:///{tmp_path / 'link.db'}"):
            with pytest.raises(StoreError, match="Another casier run is using this database"), alone(same):
                pass
        other.kill()
    with alone(url), alone("postgresql://host/another"):
        pass


def test_a_lock_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check DATABASE_URL"), alone(f"sqlite:///{tmp_path / 'none' / 'a.db'}"):
        pass


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    await _opened(tmp_path / "a.db")
    before = (tmp_path / "a.db").read_bytes()
    await _opened(tmp_path / "a.db")
    assert (tmp_path / "a.db").read_bytes() == before


async def test_a_newer_database_stops_the_start(tmp_path: Path) -> None:
    await _opened(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as books:
        books.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"was written by a newer Casier \(revision 9999\)"):
        await _opened(tmp_path / "a.db")


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/a.db", "sqlite:////proc/a.db", "mysql://x/y", "sqlite://"])
async def test_a_database_that_cannot_be_written_stops_the_start(url: str) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        await open_store(url)


async def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("hello, I am a letter, not a database", encoding="utf-8")
    with pytest.raises(StoreError, match="not a database"):
        await _opened(tmp_path / "a.db")


async def test_a_locked_database_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_SECONDS", 0.1)
    await _opened(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as books:
        books.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            await _opened(tmp_path / "a.db")
