"""How many bots are on one database, as each of them and the doctor finds out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bot.store import StoreError, bots_on
from bot.store.alone import alone
from bot.store.company import keep_company
from tests.databases import Postgres

SOON = 0.02


@asynccontextmanager
async def bot_on(url: str) -> AsyncIterator[list[int]]:
    """A bot that shows itself; what it notices of others."""
    noticed: list[int] = []
    task = asyncio.create_task(keep_company(url, noticed.append, SOON))
    try:
        yield noticed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(SOON)


async def counted(url: str, many: int) -> None:
    async with asyncio.timeout(20):
        while await bots_on(url) != many:
            await asyncio.sleep(SOON)


async def test_each_of_two_bots_on_a_server_notices_the_other_and_that_it_has_gone(postgres_url: str) -> None:
    assert await bots_on(postgres_url) == 0
    async with bot_on(postgres_url) as first:
        await counted(postgres_url, 1)
        async with bot_on(postgres_url) as second:
            await until(lambda: first == [1] and second == [1])
            await counted(postgres_url, 2)
        await until(lambda: first == [1, 0])
    await counted(postgres_url, 0)


async def test_bots_on_other_databases_of_the_server_are_no_company(postgres: Postgres, postgres_url: str) -> None:
    other = postgres.create()
    try:
        async with bot_on(postgres_url) as ours, bot_on(other):
            await counted(other, 1)
            await counted(postgres_url, 1)
        assert ours == []
    finally:
        postgres.drop(other)


async def test_a_bot_shows_itself_again_where_its_connection_was_cut(postgres: Postgres, postgres_url: str) -> None:
    async with bot_on(postgres_url) as noticed:
        await counted(postgres_url, 1)
        name = postgres.name_of(postgres_url)
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - ours
        assert postgres.run(cut)
        await counted(postgres_url, 1)
        async with bot_on(postgres_url):
            await until(lambda: noticed == [1])
            assert postgres.run(cut)
            await counted(postgres_url, 2)
            await until(lambda: noticed[-1] == 1)


async def test_a_bot_is_seen_on_its_file_and_has_it_for_itself(sqlite_url: str) -> None:
    assert await bots_on(sqlite_url) == 0
    with alone(sqlite_url):
        assert await bots_on(sqlite_url) == 1
        with pytest.raises(StoreError, match="Another casier run is using this database"), alone(sqlite_url):
            pass
        async with bot_on(sqlite_url) as noticed:
            await asyncio.sleep(0)
        assert noticed == []
    assert await bots_on(sqlite_url) == 0


async def test_a_server_that_is_not_there_is_said_with_the_remedy() -> None:
    with pytest.raises(StoreError, match="its server is there and lets us in"):
        await bots_on("postgresql://casier@127.0.0.1:1/books")
