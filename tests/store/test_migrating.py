"""A database is brought up to date: empty or older, by one start or two at once, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

from bot.store import StoreError, migrate_store, open_store
from bot.store.migrating import REVISIONS
from bot.store.tables import metadata
from tests.databases import migrate_to


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine of the test's own."""
    made = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    yield made
    made.dispose()


TRIGGERS = {
    "sqlite": "SELECT sql FROM sqlite_schema WHERE type = 'trigger'",
    "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
    "UNION ALL SELECT prosrc FROM pg_proc WHERE proname = 'trail_only_grows'",
}


def version_of(engine: Engine) -> str:
    """What the database says of itself."""
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        return version


def index_of(index: ReflectedIndex) -> str:
    """An index in one line, its condition in words."""
    conditions = {name: str(condition) for name, condition in index.get("dialect_options", {}).items()}
    return repr({**index, "dialect_options": conditions})


def shape_of(engine: Engine) -> dict[str, Any]:
    """Every table, its columns, keys, indexes and triggers; in no order, for a column that was added is the last."""
    with engine.connect() as connection:
        found = inspect(connection)
        triggers = connection.execute(text(TRIGGERS[engine.dialect.name])).scalars()
        return {"triggers": sorted(triggers)} | {
            table: (
                sorted(repr({**column, "type": str(column["type"])}) for column in found.get_columns(table)),
                repr(found.get_pk_constraint(table)),
                sorted(index_of(index) for index in found.get_indexes(table)),
                sorted(map(repr, found.get_unique_constraints(table))),
            )
            for table in found.get_table_names()
        }


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_older_database_opens_with_what_it_holds(engine: Engine, database_url: str, revision: str) -> None:
    migrate_to(engine, revision)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO questions VALUES ('web:ana', 'web:ana', '/pay', '2026-01-01 00:00:00')"))
    await (await open_store(database_url)).close()
    assert version_of(engine) == REVISIONS[-1]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT command FROM questions")).scalar_one() == "/pay"
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


async def test_a_new_database_is_like_one_that_came_all_the_way(engine: Engine, database_url: str) -> None:
    await (await open_store(database_url)).close()
    new = shape_of(engine)
    assert len(new["triggers"]) == 3
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        tables.drop_all(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION trail_only_grows"))
    migrate_to(engine, "head")
    assert shape_of(engine) == new


async def test_starts_at_once_do_not_collide(engine: Engine, database_url: str) -> None:
    stores = await asyncio.gather(*(open_store(database_url) for _replica in range(5)))
    await asyncio.gather(*(store.close() for store in stores))
    assert version_of(engine) == REVISIONS[-1]


async def test_two_programs_at_once_do_not_collide(engine: Engine, database_url: str) -> None:
    program = "import asyncio, sys; from bot.store import open_store; asyncio.run(open_store(sys.argv[1]))"
    starts = [
        await asyncio.create_subprocess_exec(sys.executable, "-W", "ignore", "-c", program, database_url)
        for _replica in range(2)
    ]
    assert [await asyncio.wait_for(start.wait(), 60) for start in starts] == [0, 0]
    assert version_of(engine) == REVISIONS[-1]


async def test_migrating_says_from_where_to_where(engine: Engine, database_url: str) -> None:
    migrate_to(engine, "0001")
    first, second = await migrate_store(database_url), await migrate_store(database_url)
    assert (first.before, first.after) == ("0001", REVISIONS[-1])
    assert (second.before, second.after) == (REVISIONS[-1], REVISIONS[-1])


async def test_migrating_makes_the_tables_of_the_workflows_too(engine: Engine, database_url: str) -> None:
    assert (await migrate_store(database_url)).before is None
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    assert inspect(engine).has_table("workflow_status", schema=schema)


async def test_a_newer_database_is_left_alone(engine: Engine, database_url: str) -> None:
    await (await open_store(database_url)).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for opening in (open_store, migrate_store):
        with pytest.raises(StoreError, match=r"was written by a newer Casier \(revision 9999\)"):
            await opening(database_url)
    assert version_of(engine) == "9999"


def test_a_file_needs_no_driver_for_a_server(sqlite_url: str) -> None:
    program = (
        "import asyncio, sys; from bot.store import open_store; asyncio.run(open_store(sys.argv[1]));"
        "assert not {'psycopg', 'dbos'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program, sqlite_url], check=True)  # noqa: S603 - our own
