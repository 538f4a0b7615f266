"""An index filled straight from the sandbox's books: what the rounds would read, without waiting for them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert

from bot.conventions import SETTLED
from bot.dates import now
from bot.store import IndexedCustomer, IndexedInvoice, Store
from bot.store.index_rows import customer_row, invoice_row, word_rows
from bot.store.tables import customer_words, indexed_customers, indexed_invoices
from sandbox.books import Books

_CUSTOMERS = "SELECT id, name, email, phone FROM customers"
_INVOICES = "SELECT number, customer_id, id, issued_at, due_at, amount_bani, balance_bani, status FROM invoices"


async def fill(store: Store, books: Books, at: datetime | None = None) -> None:
    """Hold all that is in the books, as it is now."""
    at = at or now()
    customers = [IndexedCustomer(id=row[0], name=row[1], email=row[2], phone=row[3]) for row in books.query(_CUSTOMERS)]
    read = ({**customer_row(each), "seen_at": at, "read_at": at} for each in customers)
    await _put(store, indexed_customers, read)
    await _put(store, customer_words, word_rows(customers))
    await _put(store, indexed_invoices, (invoice_row(_invoice(row, at)) for row in books.query(_INVOICES)))
    await store.index.settle(at, None)


def _invoice(row: tuple[Any, ...], at: datetime) -> IndexedInvoice:
    number, customer, own_id, issued_at, due_at, amount, balance, status = row
    return IndexedInvoice(
        number=number,
        customer=customer,
        own_id=own_id,
        issued_at=issued_at,
        due_at=due_at,
        amount=Decimal(amount) / 100,
        balance=Decimal(balance) / 100,
        status=status,
        is_open=balance > 0 and status not in SETTLED,
        read_at=at,
        told_at=at,
    )


async def _put(store: Store, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """All at once: row by row, twenty thousand customers would take PostgreSQL minutes."""
    async with store.engine.begin() as connection:
        await connection.execute(table.delete())
        if connection.dialect.name != "postgresql":
            await connection.execute(insert(table), list(rows))
            return
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw
        columns = list(table.columns)
        written = [each.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for each in columns]
        names = ", ".join(f'"{each.name}"' for each in columns)
        async with raw.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                values = [row.get(each.name) for each in columns]
                await copy.write_row([w(v) if w else v for w, v in zip(written, values, strict=True)])
