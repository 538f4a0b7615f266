"""What the two databases say each in its own way."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import Insert

from bot.store.tables import payment_orders

# Advisory locks are numbers that a database's users agree on; these begin all of ours.
_CLAIMS = 0x0CA51E01


def upsert(engine: AsyncEngine, table: Table, row: Mapping[str, Any], newest: Sequence[str]) -> Insert:
    """Insert a row; where its primary key is there already, only these columns become what it says."""
    key, changed = list(table.primary_key.columns), {name: row[name] for name in newest}
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to load, and rarely needed

        return postgresql.insert(table).values(row).on_conflict_do_update(index_elements=key, set_=changed)
    return sqlite.insert(table).values(row).on_conflict_do_update(index_elements=key, set_=changed)


def merge(dialect: str, table: Table, newest: Sequence[str]) -> Insert:
    """The same for many rows at once, which are given when it is executed."""
    key = list(table.primary_key.columns)
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to load, and rarely needed

        there = postgresql.insert(table)
        return there.on_conflict_do_update(index_elements=key, set_={name: there.excluded[name] for name in newest})
    here = sqlite.insert(table)
    return here.on_conflict_do_update(index_elements=key, set_={name: here.excluded[name] for name in newest})


def add_missing(connection: AsyncConnection, table: Table) -> Insert:
    """Insert many rows; those whose primary key is there already stay as they are."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to load, and rarely needed

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


async def claim_in_turn(connection: AsyncConnection, order_id: str) -> None:
    """Until the transaction ends, nobody else claims a payment on the same invoice.

    SQLite has one writer at a time. In PostgreSQL, two that claim at once would not see each other.
    """
    if connection.dialect.name == "postgresql":
        turn = func.pg_advisory_xact_lock(_CLAIMS, func.hashtext(payment_orders.c.invoice))
        await connection.execute(select(turn).where(payment_orders.c.id == order_id))
