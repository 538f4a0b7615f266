"""Finds customers by words and invoices by what is known of them, by short looks into indexes of the database."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import URL, ColumnElement, Connection, Select, and_, exists, func, or_, select

from bot.spelling import pieces
from bot.store.index_rows import INVOICE_COLUMNS
from bot.store.indexed import IndexedCustomer, IndexedInvoice
from bot.store.tables import customer_words, indexed_customers, indexed_invoices, word_pieces
from bot.store.thread import DatabaseThread

T = TypeVar("T")

# So many words are looked at that begin alike, or are nearly alike.
_MOST_PREFIXED = 60
_MOST_NEAR = 300
# So many customers are compared with what was asked.
_POOL = 200
_MANY = 2000
_LAST = "\U0010ffff"
_SHORT, _MEDIUM = 4, 7
# The pages that every search walks through.
_CACHE_KIB = 16 * 1024

customer = indexed_customers.c
invoice = indexed_invoices.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelt:
    """What an invoice may be called, may amount to, or when it may be issued: any of these.

    Pairs are from the first to below the second.
    """

    exactly: tuple[str, ...] = ()
    grouped: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    within: tuple[tuple[Decimal, Decimal], ...] = ()
    days: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which invoices are wanted; all that is given holds. `days`: issued from the first to before the second.

    `statuses`: billing's own words, in small letters. `overdue`: open and due before this day, or called so where it
    tells no day.
    `more`, `less`: bounds of what is left on open ones, else of the amount; each with whether it is included.
    """

    customers: tuple[str, ...] | None = None
    is_open: bool = False
    overdue: date | None = None
    statuses: tuple[str, ...] = ()
    more: tuple[Decimal, bool] | None = None
    less: tuple[Decimal, bool] | None = None
    days: tuple[str, str] | None = None
    also: tuple[Spelt, ...] = ()


class IndexLook:
    """One look into the index, in a thread, by questions that follow from each other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beginning(self, word: str) -> list[str]:
        """Words of names and e-mail addresses that begin with this one, of two letters at least."""
        wanted = select(word_pieces.c.word).where(
            word_pieces.c.piece == f" {word[:2]}", word_pieces.c.word >= word, word_pieces.c.word < word + _LAST
        )
        return self._strings(wanted.order_by(word_pieces.c.word).limit(_MOST_PREFIXED))

    def near(self, word: str) -> list[str]:
        """Words that share many pieces with this one: those that may be meant by it, and many more."""
        count, found = func.count(), word_pieces.c.word
        slack = 1 if len(word) <= _SHORT else 2 if len(word) <= _MEDIUM else 4
        wanted = (
            select(found)
            .where(word_pieces.c.piece.in_(sorted(pieces(word))))
            .where(func.length(found) >= len(word) - slack)
            .group_by(found)
            .having(count >= slack)
            .order_by(count.desc(), func.length(found), found)
        )
        return self._strings(wanted.limit(_MOST_NEAR))

    def customers_with(self, terms: Sequence[Collection[str]]) -> list[IndexedCustomer]:
        """Some customers that have, of every term, one word at least."""
        sizes = [self._connection.scalar(_size(term)) or 0 for term in terms]
        first, *others = [term for _size_, term in sorted(zip(sizes, terms, strict=True), key=lambda pair: pair[0])]
        ids = select(customer_words.c.customer).where(customer_words.c.word.in_(sorted(first)))
        for term in others:
            each = customer_words.alias()
            ids = ids.where(exists().where(each.c.word.in_(sorted(term)), each.c.customer == customer_words.c.customer))
        pool = list(self._connection.scalars(ids.distinct().limit(_POOL)))
        return list(self.customers(pool).values())

    def marked(self, word: str, few: int) -> list[str]:
        """Ids and phones, with their marks, that begin with this one."""
        each = customer_words.c.word
        return self._strings(select(each).where(each >= word, each < word + _LAST).limit(few))

    def customers(self, ids: Collection[str]) -> dict[str, IndexedCustomer]:
        """These customers."""
        wanted = select(*_CUSTOMER_COLUMNS).where(customer.id.in_(list(ids)))
        return {row.id: IndexedCustomer(**row._mapping) for row in self._connection.execute(wanted)}  # noqa: SLF001

    def called(self, spelt: Spelt, wanted: InvoiceFilter, few: int) -> list[IndexedInvoice]:
        """Some invoices that are called so, those first that are called just so."""
        found: dict[str, IndexedInvoice] = {}
        for condition, is_guess in _ways(spelt):
            if len(found) < few and not (is_guess and found):
                some = select(*INVOICE_COLUMNS).where(condition, *_conditions(wanted)).limit(few - len(found))
                for row in self._connection.execute(some):
                    found.setdefault(row.number, IndexedInvoice(**row._mapping))  # noqa: SLF001
        return list(found.values())

    def containing(self, part: str, few: int) -> list[IndexedInvoice]:
        """Some invoices with this in the middle of their numbers; the database looks at all of them."""
        inside = select(*INVOICE_COLUMNS).where(invoice.folded.contains(part, autoescape=True)).limit(few)
        return self._invoices(inside)

    def spelled_like(self, spellings: Collection[str], few: int) -> list[IndexedInvoice]:
        """Some invoices whose numbers are one of these."""
        return self._invoices(select(*INVOICE_COLUMNS).where(invoice.folded.in_(sorted(spellings))).limit(few))

    def matching(self, wanted: InvoiceFilter, few: int) -> list[IndexedInvoice]:
        """Some invoices, the longest due first where they are open, else the newest first."""
        chosen = select(*INVOICE_COLUMNS).where(*_conditions(wanted))
        is_open = bool(wanted.is_open or wanted.overdue)
        if wanted.customers is None:
            return self._invoices(chosen.order_by(invoice.due_at if is_open else invoice.issued_at.desc()).limit(few))
        # Asked for an order, SQLite would walk through all invoices in that order, rather than look at these few.
        theirs = self._invoices(chosen.limit(_MANY))
        if is_open:
            return sorted(theirs, key=lambda each: each.due_at or "")[:few]
        return sorted(theirs, key=lambda each: each.issued_at or "", reverse=True)[:few]

    def count(self, wanted: InvoiceFilter, most: int) -> int:
        """How many there are; not counted further than that."""
        some = select(invoice.number).where(*_conditions(wanted)).limit(most).subquery()
        return self._connection.scalar(select(func.count()).select_from(some)) or 0

    def _strings(self, wanted: Select[tuple[str]]) -> list[str]:
        return list(self._connection.scalars(wanted))

    def _invoices(self, wanted: Select[tuple[object, ...]]) -> list[IndexedInvoice]:
        return [IndexedInvoice(**row._mapping) for row in self._connection.execute(wanted)]  # noqa: SLF001


class IndexSearch:
    """Lets somebody look into the index, one at a time. A search asks ten short questions."""

    def __init__(self, address: URL) -> None:
        self._thread = DatabaseThread(address, "index-search", _CACHE_KIB)

    async def looking(self, work: Callable[[IndexLook], T]) -> T:
        """What comes of looking."""
        return await self._thread.run(lambda connection: work(IndexLook(connection)))

    async def close(self) -> None:
        """Let go of the database, once nobody looks any more."""
        await self._thread.close()


_CUSTOMER_COLUMNS = (
    customer.id,
    customer.name,
    customer.email,
    customer.phone,
    customer.address,
    customer.created_at,
    customer.read_at,
)


def _size(term: Collection[str]) -> Select[int]:
    some = select(customer_words.c.word).where(customer_words.c.word.in_(sorted(term))).limit(_MANY).subquery()
    return select(func.count()).select_from(some)


def _ways(spelt: Spelt) -> list[tuple[ColumnElement[bool], bool]]:
    """The likeliest first, and whether it is a guess that others spare; an index leads each."""
    sure = (
        *(invoice.folded == word for word in spelt.exactly),
        *(invoice.groups == word for word in spelt.grouped),
        *(invoice.own_folded == word for word in spelt.exactly),
        *(and_(invoice.amount >= least, invoice.amount < most) for least, most in spelt.within),
        *(and_(invoice.is_open, invoice.balance >= least, invoice.balance < most) for least, most in spelt.within),
        *(and_(invoice.issued_at >= since, invoice.issued_at < until) for since, until in spelt.days),
    )
    guesses = (
        *(and_(invoice.folded >= word, invoice.folded < word + _LAST) for word in spelt.beginnings),
        *(and_(invoice.backwards >= word[::-1], invoice.backwards < word[::-1] + _LAST) for word in spelt.beginnings),
    )
    return [*((way, False) for way in sure), *((way, True) for way in guesses)]


def _conditions(wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [or_(*(way for way, _is_guess in _ways(each))) for each in wanted.also]
    measure = func.coalesce(invoice.balance, invoice.amount) if wanted.is_open or wanted.overdue else invoice.amount
    if wanted.customers is not None:
        found.append(invoice.customer.in_(wanted.customers))
    if wanted.is_open or wanted.overdue:
        found.append(invoice.is_open)
    if wanted.overdue:
        called_so = and_(invoice.due_at.is_(None), func.lower(invoice.status) == "overdue")
        found.append(or_(invoice.due_at < wanted.overdue.isoformat(), called_so))
    if wanted.statuses:
        found.append(func.lower(invoice.status).in_(wanted.statuses))
    if wanted.more:
        least, included = wanted.more
        found.append(measure >= least if included else measure > least)
    if wanted.less:
        most, included = wanted.less
        found.append(measure <= most if included else measure < most)
    if wanted.days:
        since, until = wanted.days
        found += [invoice.issued_at >= since, invoice.issued_at < until]
    return found
