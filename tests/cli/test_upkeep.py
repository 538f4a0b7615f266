"""`casier migrate` and `casier backup` as an operator uses them."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.server import free_port
from bot.store.migrating import REVISIONS
from sandbox import SandboxServer
from tests.cli.terminals import PATIENCE, Ended, casier, end, settings_for, start
from tests.databases import PASSWORD, WRITTEN, Postgres, migrate_to
from tests.telegram.strict import StrictTelegram


def env(url: str) -> dict[str, str]:
    """An environment that knows the database, and nothing else."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("COVERAGE", "PATH"))}
    return {**kept, "DATABASE_URL": url, "COLUMNS": "100"}


def read(ended: Ended) -> str:
    """What was printed; no password is in it, nor the log of a library."""
    printed = ended.out + ended.err
    assert printed.count("\n") == 1, printed
    assert not {word for word in (PASSWORD, WRITTEN, "s3cret", "Traceback") if word in printed}
    return printed.strip()


async def test_migrating_says_what_was_done(database_url: str) -> None:
    first, second = await casier(env(database_url), "migrate"), await casier(env(database_url), "migrate")
    assert (first.code, second.code) == (0, 0)
    assert read(first).endswith(f"is new, and at revision {REVISIONS[-1]}.")
    assert read(second).endswith(f"is up to date, at revision {REVISIONS[-1]}.")


async def test_migrating_an_older_database(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    migrate_to(engine, "0001")
    engine.dispose()
    ended = await casier(env(sqlite_url), "migrate")
    assert read(ended).endswith(f"was at revision 0001 and is now at {REVISIONS[-1]}.")


async def test_a_role_is_let_use_the_tables(postgres: Postgres, postgres_url: str, sqlite_url: str) -> None:
    postgres.run("CREATE ROLE waiter")
    try:
        ended = await casier(env(postgres_url), "migrate", "--grant", "waiter")
        assert (ended.code, read(ended).count("is new")) == (0, 1)
    finally:
        postgres.run("DROP OWNED BY waiter", database=postgres.name_of(postgres_url))
        postgres.run("DROP ROLE waiter")
    for url in (postgres_url, sqlite_url):
        ended = await casier(env(url), "migrate", "--grant", "waiter")
        assert ended.code == 2
        assert "role" in read(ended)


@pytest.mark.parametrize("words", [["migrate"], ["backup", "copy.db"]])
async def test_a_database_that_cannot_be_used_is_one_line(words: list[str]) -> None:
    for url in ("postgresql://casier:s3cret@127.0.0.1:1/books", "mysql://casier:s3cret@x/y", "sqlite:////no/such/a.db"):
        ended = await casier(env(url), *words)
        assert ended.code == 2
        assert ended.out == ""
        read(ended)


async def test_a_copy_is_made_while_the_bot_runs(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    async with SandboxServer() as server, StrictTelegram().running() as telegram:
        running = {
            **settings_for(server, tmp_path),
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "HTTP_PORT": str(free_port("127.0.0.1", 0)),
            "LOG_FORMAT": "json",
        }
        process = await start(running, "run")
        assert process.stderr
        while b"casier.running" not in await asyncio.wait_for(process.stderr.readline(), PATIENCE):
            assert process.returncode is None
        first = await casier(running, "backup", str(target))
        size = target.stat().st_size
        second = await casier(running, "backup", str(target))
        third = await casier(running, "backup", str(target), "--force")
        assert (await end(process, signal.SIGTERM)).code == 0
    assert [first.code, second.code, third.code] == [0, 2, 0]
    assert read(first) == f"{target} is a whole copy of the database, {size} bytes long."
    assert "is there already" in read(second)
