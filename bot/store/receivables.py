"""What customers owe, asked of the index of invoices: one moment's state for all of an answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, func, not_, null, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.conventions import SETTLED
from bot.narrowing import Sort
from bot.periods import Period
from bot.spelling import folded, name_words
from bot.store.indexed import ID_MARK
from bot.store.tables import Units, customer_words, indexed_customers, indexed_invoices
from bot.sums import Sum

_WINDOW = 500
_NOTHING = Decimal(0)
_invoices, _customers, _words = indexed_invoices.c, indexed_customers.c, customer_words.c
_status = func.lower(func.coalesce(_invoices.status, ""), type_=String)
_balance = func.coalesce(func.sum(_invoices.balance), 0, type_=Units)
# Neither was told where the list of a customer's invoices doesn't say, and nobody has asked for the invoice yet.
_told = and_(_invoices.balance.is_not(None), or_(_invoices.due_at.is_not(None), _invoices.told_at.is_not(None)))
_sign = case((not_(_told), null()), (_invoices.balance > _NOTHING, 1), (_invoices.balance < _NOTHING, -1), else_=0)
# A moment is a day, too; what begins otherwise is none.
_day = case((_invoices.due_at.like("____-__-__%"), _invoices.due_at), else_=null())
_owed = and_(_told, _invoices.balance > _NOTHING, _status.not_in(SETTLED))


@dataclass(frozen=True, slots=True)
class Owing:
    """Which owed invoices are wanted: of one customer, due on or before a day, in which order."""

    customer: str | None = None
    due_until: date | None = None
    sort: Sort = Sort.AMOUNT

    @classmethod
    def late(cls, days: int, today: date, customer: str | None = None, sort: Sort = Sort.AMOUNT) -> "Owing":
        """Those that are overdue for so many days or more."""
        return cls(customer, today - timedelta(days=days), sort)


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice with something left to pay. `due_at` and `status` as billing writes them."""

    number: str
    customer: str
    name: str | None
    issued_at: str | None
    due_at: str | None
    amount: Decimal
    balance: Decimal
    status: str | None


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer and what it owes; `since`: its oldest due day."""

    customer: str
    name: str | None
    owed: Sum
    since: str | None


class Called(NamedTuple):
    """A customer that may be meant."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Standings:
    """Invoices of one status and one due day, whose balances have one sign: 1, 0, -1, or None where it isn't known."""

    status: str
    due_at: str | None
    sign: int | None
    sum: Sum


class Receivables:
    """Opens views of what is owed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def view(self) -> AsyncIterator["View"]:
        """One moment's state: what is asked of it fits together, whatever is read in from billing meanwhile."""
        async with self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                await connection.execute(text("BEGIN"))
            yield View(connection)


class View:
    """The questions. Sums are the database's own, over whole numbers: exact."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def called(self, text: str, most: int) -> list[Called]:
        """The customer of this id, however it is written; else some of those with these words in their names."""
        by_id = select(_words.customer).where(_words.word == ID_MARK + folded(text))
        some = select(_customers.id, _customers.name).order_by(_customers.name, _customers.id).limit(most)
        found = (await self._connection.execute(some.where(_customers.id.in_(by_id)))).all()
        if not found and (words := name_words(text)):
            with_all = (
                _customers.id.in_(select(_words.customer).where(_words.word.startswith(word, autoescape=True)))
                for word in words
            )
            found = (await self._connection.execute(some.where(*with_all))).all()
        return [Called(*row) for row in found]

    async def standings(self, customer: str | None = None) -> list[Standings]:
        """All invoices, or a customer's, in groups; a few for each due day."""
        each = (_status, _invoices.due_at, _sign)
        groups = select(*each, func.count(), _balance).group_by(*each)
        if customer is not None:
            groups = groups.where(_invoices.customer == customer)
        rows = await self._connection.execute(groups)
        return [Standings(status, due_at, sign, Sum(count, amount)) for status, due_at, sign, count, amount in rows]

    async def customers(self, owing: Owing) -> int:
        """How many customers these invoices are of."""
        counted = select(func.count(_invoices.customer.distinct())).where(_which(owing))
        return await self._connection.scalar(counted) or 0

    async def owed(self, owing: Owing, start: int, count: int) -> list[Owed]:
        """So many of the invoices, in the order that is wanted."""
        rows = await self._connection.execute(_listed(owing).offset(start).limit(count))
        return [Owed(**row) for row in rows.mappings()]

    async def all_owed(self, owing: Owing) -> AsyncIterator[Owed]:
        """Every one of them, in windows."""
        async for row in _streamed(self._connection, _listed(owing)):
            yield Owed(**row)

    async def debtors(self, start: int, count: int) -> list[Debtor]:
        """So many of the customers who owe, the largest debt first."""
        rows = await self._connection.execute(_debtors().offset(start).limit(count))
        return [_debtor(row) for row in rows.mappings()]

    async def all_debtors(self) -> AsyncIterator[Debtor]:
        """Every one of them."""
        async for row in _streamed(self._connection, _debtors()):
            yield _debtor(row)

    async def issued(self, period: Period) -> Sum:
        """The invoices of a period, cancelled ones left out."""
        day = func.substr(_invoices.issued_at, 1, len("2024-03-01"))
        issued = select(func.count(), func.coalesce(func.sum(_invoices.amount), 0, type_=Units)).where(
            day.between(str(period.first), str(period.last)), _status != "cancelled"
        )
        return Sum(*(await self._connection.execute(issued)).one())


def _which(owing: Owing) -> ColumnElement[bool]:
    which: list[ColumnElement[bool]] = [_owed]
    if owing.customer is not None:
        which.append(_invoices.customer == owing.customer)
    if owing.due_until is not None:
        which.append(_day < str(owing.due_until + timedelta(days=1)))
    return and_(*which)


def _listed(owing: Owing) -> Select[Any]:
    named = indexed_invoices.outerjoin(indexed_customers, _customers.id == _invoices.customer)
    columns = ("number", "customer", "issued_at", "due_at", "amount", "balance", "status")
    listed = select(*(_invoices[name] for name in columns), _customers.name).select_from(named).where(_which(owing))
    return listed.order_by(*_order(owing.sort), _invoices.number)


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    oldest: tuple[ColumnElement[Any], ...] = (_day.is_(None), _day)
    most = _invoices.balance.desc()
    by_name = (func.lower(func.coalesce(_customers.name, _invoices.customer)), _invoices.customer)
    return {Sort.AMOUNT: (most,), Sort.DAYS: (*oldest, most), Sort.CUSTOMER: (*by_name, *oldest)}[sort]


def _debtors() -> Select[Any]:
    sums = (func.count().label("count"), _balance.label("owed"), func.min(_day).label("since"))
    debts = select(_invoices.customer, *sums).where(_owed).group_by(_invoices.customer).subquery()
    named = debts.outerjoin(indexed_customers, _customers.id == debts.c.customer)
    return select(debts, _customers.name).select_from(named).order_by(debts.c.owed.desc(), debts.c.customer)


def _debtor(row: Any) -> Debtor:  # noqa: ANN401 - a row of any shape
    return Debtor(row["customer"], row["name"], Sum(row["count"], row["owed"]), row["since"])


async def _streamed(connection: AsyncConnection, rows: Select[Any]) -> AsyncIterator[Any]:
    """Rows without holding them all."""
    result = await connection.stream(rows.execution_options(yield_per=_WINDOW))
    async for row in result.mappings():
        yield row
