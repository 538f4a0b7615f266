"""The index of customers and their invoices: written in short transactions, so that nobody waits for it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.dialects import add_missing, merge
from bot.store.index_rows import (
    FOUND_BY,
    INVOICE_COLUMNS,
    LISTED,
    TOLD,
    customer_row,
    digest,
    fits,
    invoice_row,
    piece_rows,
    word_rows,
)
from bot.store.indexed import IndexedCustomer, IndexedInvoice, IndexState, is_name_word
from bot.store.tables import customer_words, directory_watch, indexed_customers, indexed_invoices, word_pieces
from bot.store.unbroken import unbroken

_ROW = 1
# So many words are remembered to be known, so that what many names have in common is written once.
_MOST_WORDS = 20_000


class CustomerIndex:
    """Customers and invoices as they were read last."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._spelt: set[str] = set()

    @unbroken
    async def state(self) -> IndexState:
        """How far it is."""
        customers, each = select(func.count()).select_from(indexed_customers), indexed_customers.c
        parts = (
            customers,
            customers.where(each.read_at.is_(None)),
            select(directory_watch.c.listed_at),
            select(func.min(each.read_at)),
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(*(part.scalar_subquery() for part in parts)))).one()
        count, unread, listed_at, oldest = row
        return IndexState(count, count - unread, listed_at, oldest)

    @unbroken
    async def list_customers(self, listed: Sequence[IndexedCustomer], at: datetime) -> int:
        """These are in a list that was asked for then; those that are new or differ are to be read. How many did."""
        digests = {each.id: digest(each) for each in listed}
        known = select(indexed_customers.c.id, indexed_customers.c.listed).where(indexed_customers.c.id.in_(digests))
        async with self._engine.begin() as connection:
            found = {row.id: row.listed for row in await connection.execute(known)}
            words = set[str]()
            changed = [each for each in listed if found.get(each.id) != digests[each.id]]
            same = [each.id for each in listed if found.get(each.id) == digests[each.id]]
            await connection.execute(
                update(indexed_customers).where(indexed_customers.c.id.in_(same)).values(seen_at=at)
            )
            if changed:
                words = await self._put_customers(connection, changed, at, dict.fromkeys(found, at))
        self._spelt = self._spelt | words if len(self._spelt) < _MOST_WORDS else words
        return len(changed)

    @unbroken
    async def put(
        self, customer: str, invoices: Collection[IndexedInvoice], at: datetime, etag: str | None = None
    ) -> list[str]:
        """All the invoices of a customer, as they were when they were asked for; the numbers that can't be held."""
        kept = [each for each in invoices if fits(each)]
        numbers = [each.number for each in kept]
        gone = delete(indexed_invoices).where(
            indexed_invoices.c.customer == customer, indexed_invoices.c.number.not_in(numbers)
        )
        async with self._engine.begin() as connection:
            await connection.execute(gone)
            await self._put_invoices(connection, kept)
            await self._read(connection, customer, at, etag=etag)
        return sorted({each.number for each in invoices} - set(numbers))

    @unbroken
    async def put_invoice(self, invoice: IndexedInvoice) -> bool:
        """One invoice as it is now; whether it can be held."""
        if not fits(invoice):
            return False
        async with self._engine.begin() as connection:
            await self._put_invoices(connection, [invoice])
        return True

    @unbroken
    async def unchanged(self, customer: str, at: datetime) -> None:
        """Billing says that the list of a customer's invoices is as it was."""
        async with self._engine.begin() as connection:
            await self._read(connection, customer, at)
            mine = indexed_invoices.c.customer == customer
            await connection.execute(update(indexed_invoices).where(mine).values(read_at=at))

    @unbroken
    async def unknown(self, numbers: Collection[str]) -> list[str]:
        """Which of these invoices the index doesn't have."""
        wanted = select(indexed_invoices.c.number).where(indexed_invoices.c.number.in_(list(numbers)))
        async with self._engine.connect() as connection:
            found = set(await connection.scalars(wanted))
        return [number for number in numbers if number not in found]

    @unbroken
    async def invoice(self, number: str) -> IndexedInvoice | None:
        """One invoice."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(*INVOICE_COLUMNS).where(indexed_invoices.c.number == number))
            row = found.first()
        return IndexedInvoice(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    @unbroken
    async def invoices_of(self, customer: str) -> dict[str, IndexedInvoice]:
        """The invoices of a customer by their numbers."""
        wanted = select(*INVOICE_COLUMNS).where(indexed_invoices.c.customer == customer)
        async with self._engine.connect() as connection:
            return {row.number: IndexedInvoice(**row._mapping) for row in await connection.execute(wanted)}  # noqa: SLF001 - SQLAlchemy's public name

    @unbroken
    async def edition(self) -> tuple[str | None, datetime | None]:
        """The ETag of the last whole list of customers, and when that was asked for."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(directory_watch.c.etag, directory_watch.c.listed_at))).first()
        return (row.etag, row.listed_at) if row else (None, None)

    @unbroken
    async def settle(self, began: datetime, etag: str | None) -> None:
        """The list of customers that was asked for then was read to its end."""
        row = {"id": _ROW, "etag": etag, "listed_at": began}
        async with self._engine.begin() as connection:
            await connection.execute(merge(connection.dialect.name, directory_watch, ["etag", "listed_at"]), [row])

    @unbroken
    async def unlisted(self, began: datetime) -> int:
        """How many customers were not in the list that was asked for then."""
        wanted = select(func.count()).where(indexed_customers.c.seen_at < began)
        async with self._engine.connect() as connection:
            return await connection.scalar(wanted) or 0

    @unbroken
    async def forget(self, before: datetime, few: int) -> int:
        """Some customers that were last listed before then are gone, with their invoices; how many."""
        wanted = select(indexed_customers.c.id).where(indexed_customers.c.seen_at < before).limit(few)
        async with self._engine.begin() as connection:
            gone = list(await connection.scalars(wanted))
            for column in (indexed_invoices.c.customer, customer_words.c.customer, indexed_customers.c.id):
                await connection.execute(delete(column.table).where(column.in_(gone)))
        return len(gone)

    async def _put_customers(
        self,
        connection: AsyncConnection,
        changed: Sequence[IndexedCustomer],
        at: datetime,
        wanted: Mapping[str, datetime],
    ) -> set[str]:
        rows = [{**customer_row(each), "seen_at": at, "wanted_at": wanted.get(each.id)} for each in changed]
        newest = [*LISTED, "listed", "seen_at", "wanted_at"]
        await connection.execute(merge(connection.dialect.name, indexed_customers, newest), rows)
        old = customer_words.c.customer.in_([each.id for each in changed])
        await connection.execute(delete(customer_words).where(old))
        words = word_rows(changed)
        await connection.execute(add_missing(connection, customer_words), words)
        names = {row["word"] for row in words if is_name_word(row["word"])}
        if new := list(piece_rows(names - self._spelt)):
            await connection.execute(add_missing(connection, word_pieces), new)
        return names

    async def _put_invoices(self, connection: AsyncConnection, invoices: Collection[IndexedInvoice]) -> None:
        if invoices:
            rows = [invoice_row(each) for each in sorted(invoices, key=lambda each: each.number)]
            await connection.execute(merge(connection.dialect.name, indexed_invoices, [*TOLD, *FOUND_BY]), rows)

    async def _read(self, connection: AsyncConnection, customer: str, at: datetime, **more: object) -> None:
        """What was wanted since this reading began is still wanted."""
        each = indexed_customers.c
        later = case((each.wanted_at > at, each.wanted_at), else_=None)
        values = {"read_at": at, "taken_at": None, "wanted_at": later, **more}
        await connection.execute(update(indexed_customers).where(each.id == customer).values(values))
