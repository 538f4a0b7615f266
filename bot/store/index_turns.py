"""Who is to be read into the index next, and by whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Update, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import indexed_customers, indexed_invoices
from bot.store.transaction import Transaction
from bot.store.unbroken import unbroken


@dataclass(frozen=True, slots=True)
class Taken:
    """A customer whose invoices somebody reads now; `etag`: of the list that was read last."""

    id: str
    etag: str | None


class IndexTurns:
    """The order in which customers are read."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @unbroken
    async def read_since(self, moment: datetime) -> int:
        """How many customers were read since then."""
        wanted = select(func.count()).where(indexed_customers.c.read_at >= moment)
        async with self._engine.connect() as connection:
            return await connection.scalar(wanted) or 0

    @unbroken
    async def take(self, few: int, now: datetime, stale: datetime, old: datetime) -> list[Taken]:
        """Some customers to be read now, and by nobody else: wanted ones first, then new ones, then the oldest.

        What is wanted last comes first: all may be wanted at once, and one of them by somebody who waits.

        Those that somebody took before `stale` and did not bring back are free again; who was read since `old` is
        not read again yet.
        """
        each = indexed_customers.c
        due = or_(each.wanted_at.is_not(None), each.read_at.is_(None), each.read_at < old)
        free = or_(each.taken_at.is_(None), each.taken_at < stale)
        async with self._engine.begin() as connection:
            first: list[str] = []
            for some, order in (
                (each.wanted_at.is_not(None), each.wanted_at.desc()),
                (each.read_at.is_(None), None),
                (each.read_at < old, each.read_at),
            ):
                if len(first) < few:
                    wanted = select(each.id).where(some, free, each.id.not_in(first)).order_by(order)
                    first += await connection.scalars(wanted.limit(few - len(first)))
            taken = update(indexed_customers).where(each.id.in_(first), due, free).values(taken_at=now)
            rows = await connection.execute(taken.returning(each.id, each.etag))
            found = {row.id: Taken(row.id, row.etag) for row in rows}
        return [found[name] for name in first if name in found]

    @unbroken
    async def give_back(self, customers: Iterable[str]) -> None:
        """These could not be read: somebody else may try."""
        mine = indexed_customers.c.id.in_(list(customers))
        async with self._engine.begin() as connection:
            await connection.execute(update(indexed_customers).where(mine).values(taken_at=None))

    @unbroken
    async def untold(self, few: int) -> list[str]:
        """Some open invoices of which billing has not told due date and balance since they changed."""
        each = indexed_invoices.c
        wanted = select(each.number).where(each.is_open, each.told_at.is_(None)).order_by(each.read_at).limit(few)
        async with self._engine.connect() as connection:
            return list(await connection.scalars(wanted))

    @unbroken
    async def cannot_tell(self, number: str, at: datetime) -> None:
        """Billing knows no more of an invoice: it is not asked again until the invoice changes."""
        mine = indexed_invoices.c.number == number
        async with self._engine.begin() as connection:
            await connection.execute(update(indexed_invoices).where(mine).values(told_at=at))

    @unbroken
    async def want(self, customers: Iterable[str], at: datetime, unless_since: datetime | None = None) -> None:
        """These are to be read soon, but for those that were since then."""
        each = indexed_customers.c
        which: ColumnElement[bool] = each.id.in_(list(customers))
        if unless_since:
            which &= or_(each.read_at.is_(None), each.read_at < unless_since)
        async with self._engine.begin() as connection:
            await connection.execute(_wanting(which, at))

    @unbroken
    async def want_all(self, at: datetime) -> None:
        """Everything is to be read again."""
        async with self._engine.begin() as connection:
            await connection.execute(_wanting(indexed_customers.c.wanted_at.is_(None), at))

    @staticmethod
    def want_invoices(transaction: Transaction, numbers: Collection[str], at: datetime) -> None:
        """Something has happened to these invoices: what is left on them is not known any more."""
        touched = indexed_invoices.c.number.in_(list(numbers))
        owners = select(indexed_invoices.c.customer).where(touched)
        # In the order in which readings write them, so that the two never wait for each other.
        transaction.execute(
            select(indexed_invoices.c.number).where(touched).order_by(indexed_invoices.c.number).with_for_update()
        )
        transaction.execute(update(indexed_invoices).where(touched).values(told_at=None))
        transaction.execute(_wanting(indexed_customers.c.id.in_(owners), at))


def _wanting(which: ColumnElement[bool], at: datetime) -> Update:
    return update(indexed_customers).where(which).values(wanted_at=at)
