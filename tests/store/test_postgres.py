"""A server that is away, closed to us, or restarts: one line that says so, and never the password."""

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import text

from bot.store import Store, StoreError, migrate_store, open_store, shown_url
from bot.store.dialects import claim_in_turn
from tests.databases import PASSWORD, WRITTEN, Postgres
from tests.store.orders import claimed, drafted


async def refused(url: str) -> str:
    """The line with which a start is refused."""
    with pytest.raises(StoreError) as stopped:
        await open_store(url)
    line = str(stopped.value)
    assert "\n" not in line
    for password in (PASSWORD, WRITTEN, "s3cret"):
        assert password not in line
    return line


async def test_a_wrong_password_stops_the_start(postgres: Postgres, postgres_url: str) -> None:
    line = await refused(postgres.url(postgres.name_of(postgres_url), password="s3cret"))
    assert 'password authentication failed for user "casier"' in line
    assert "check DATABASE_URL" in line


async def test_a_server_that_is_not_there_stops_the_start() -> None:
    line = await refused("postgresql://casier:s3cret@127.0.0.1:1/books")
    assert "postgresql://casier:***@127.0.0.1:1/books" in line
    assert "Connection refused" in line


async def test_a_server_that_says_nothing_stops_the_start(silent_port: int) -> None:
    begun = time.monotonic()
    line = await refused(f"postgresql://casier:s3cret@127.0.0.1:{silent_port}/books")
    assert "timeout expired" in line
    assert time.monotonic() - begun < 9


async def test_a_database_that_is_not_there_stops_the_start(postgres: Postgres) -> None:
    assert 'database "nowhere" does not exist' in await refused(postgres.url("nowhere"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://casier:s3cret@127.0.0.1:port/books",
        "postgresql://casier:s3cret/books",
        "postgresql+asyncpg://casier:s3cret@127.0.0.1/books",
        "postgresql:s3cret",
    ],
)
async def test_an_address_that_cannot_be_read_stops_the_start(url: str) -> None:
    assert "DATABASE_URL must be" in await refused(url)
    assert shown_url(url) == "DATABASE_URL"


async def test_a_password_behind_the_question_mark_is_hidden_too() -> None:
    url = "postgresql://127.0.0.1:1/books?user=casier&password=s3cret&sslpassword=s3cret"
    assert "postgresql://127.0.0.1:1/books?user=casier" in await refused(url)
    assert shown_url(url) == "postgresql://127.0.0.1:1/books?user=casier"


async def test_a_server_that_is_read_only_stops_the_start(postgres: Postgres, postgres_url: str) -> None:
    await (await open_store(postgres_url)).close()
    postgres.run(f"ALTER DATABASE {postgres.name_of(postgres_url)} SET default_transaction_read_only = on")
    assert "is read-only" in await refused(postgres_url)


@pytest.fixture
def clerk_url(postgres: Postgres, postgres_url: str) -> Iterator[str]:
    """The same database, for a role that may neither make nor change tables."""
    name = postgres.name_of(postgres_url)
    postgres.run(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'")
    yield postgres.url(name, user="clerk")
    postgres.run("DROP OWNED BY clerk", database=name)
    postgres.run("DROP ROLE clerk")


async def test_a_role_that_may_not_make_tables_is_told_of_casier_migrate(clerk_url: str) -> None:
    line = await refused(clerk_url)
    assert "permission denied" in line
    assert "casier migrate" in line


async def test_a_role_that_may_not_make_tables_uses_those_of_casier_migrate(
    postgres: Postgres, postgres_url: str, clerk_url: str
) -> None:
    await migrate_store(postgres_url)
    assert "permission denied" in await refused(clerk_url)
    await migrate_store(postgres_url, role="clerk")
    store = await open_store(clerk_url)
    short = await store.shorts.put("/help")
    assert await store.shorts.get(short) == "/help"
    await store.close()
    name = postgres.name_of(postgres_url)
    allowed = "SELECT has_table_privilege('clerk', 'dbos.workflow_status', 'INSERT')"
    assert postgres.run(allowed, database=name) == [(True,)]


@pytest.fixture
async def store(postgres_url: str) -> Store:
    """A store on PostgreSQL."""
    return await open_store(postgres_url)


async def test_a_restart_of_the_server_is_survived(store: Store, postgres: Postgres) -> None:
    short = await store.shorts.put("/help")
    postgres.stop()
    postgres.start()
    assert await store.shorts.get(short) == "/help"
    await store.close()


async def test_a_server_that_is_away_is_told_until_it_is_back(store: Store, postgres: Postgres) -> None:
    postgres.stop()
    try:
        with pytest.raises(StoreError):
            await store.check()
    finally:
        postgres.start()
    await store.check()
    await store.close()


async def test_claims_on_an_invoice_take_turns(store: Store) -> None:
    for order_id in ("A", "B"):
        await store.orders.add(drafted(order_id))
    sending = text("UPDATE payment_orders SET state = 'sending', sent_at = asked_at WHERE id = 'A'")
    async with store.engine.begin() as first:
        await claim_in_turn(first, "A")
        await first.execute(sending)
        second = asyncio.create_task(claimed(store, "B"))
        await asyncio.wait([second], timeout=1)
        assert not second.done()
    assert await second is None
    await store.close()


async def test_every_commit_outlives_a_power_cut_whatever_the_server_was_told(
    postgres: Postgres, postgres_url: str
) -> None:
    name = postgres.name_of(postgres_url)
    for told, kept in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = {told}")
        postgres.run(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        store = await open_store(postgres_url)
        async with store.engine.connect() as connection:
            assert await connection.scalar(text("SHOW synchronous_commit")) == kept
            assert await connection.scalar(text("SHOW transaction_isolation")) == "read committed"
        await store.close()


async def test_the_short_name_of_the_scheme_is_understood(postgres_url: str) -> None:
    await (await open_store(postgres_url.replace("postgresql:", "postgres:", 1))).close()


def test_a_password_is_written_as_addresses_write_it() -> None:
    assert quote(PASSWORD, safe="") == WRITTEN
