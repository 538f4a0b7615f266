"""Measure searches in an index of 100,000 customers and 500,000 invoices, beside a plain scan, and print them.

The plain scan is RapidFuzz over all names and numbers in memory, as its documentation teaches, in the same run. "stall"
is how late a beat of the event loop was; "memory" how much the process grew while the searches ran.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

from benchmarks.measure import percentile
from bot.conventions import Conventions
from bot.directory import Search, read_search
from bot.money import Currency
from bot.spelling import bare
from bot.store import IndexedCustomer, IndexedInvoice, Store, open_store
from bot.store.dialects import add_missing
from bot.store.index_rows import customer_row, invoice_row, piece_rows, word_rows
from bot.store.indexed import is_name_word
from bot.store.tables import customer_words, directory_watch, indexed_customers, indexed_invoices, word_pieces

_CUSTOMERS, _INVOICES_EACH = 100_000, 5
_TODAY = date(2026, 11, 25)
_READ = datetime(2026, 11, 25, 9, tzinfo=UTC)
_CONVENTIONS = Conventions(Currency("RON"), "en", ZoneInfo("Europe/Bucharest"))
_BATCH = 5_000
_KINDS = 16
_BEAT_SECONDS = 0.002
_FIRST = (
    "Ștefan",
    "Maria",
    "Ion",
    "Ana",
    "Gheorghe",
    "Elena",
    "Vasile",
    "Ioana",
    "Mihai",
    "Răzvan",
    "Țincuța",
    "Dănuț",
)
_LINES = ("Transporturi", "Brutăria", "Mobilă", "Vinoteca", "Utilaje", "Tipografia", "Agroservicii", "Construcții")
_FORMS = ("SRL", "SA", "SCS", "SRL-D", "PFA")
_STARTS = (
    "Ard",
    "Bal",
    "Cod",
    "Dra",
    "Fil",
    "Găr",
    "Hor",
    "Iva",
    "Lup",
    "Măr",
    "Nic",
    "Pân",
    "Rad",
    "Săv",
    "Tur",
    "Văc",
    "Șerb",
)
_MIDDLES = ("an", "el", "ic", "ov", "ăr", "ur", "in", "esc", "oi", "at", "ul", "em")
_ENDS = ("escu", "eanu", "aru", "oiu", "iță", "anu", "u", "a", "ici", "aș")

console = Console(highlight=False, width=100)


@dataclass(frozen=True, slots=True)
class Books:
    """What is in the index, for whoever asks about it."""

    customers: list[IndexedCustomer]
    invoices: list[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of every search and of its CPU, by kind; the latest beat of the loop; and megabytes."""

    spent: dict[str, list[float]]
    cpu: dict[str, list[float]]
    stall: float
    grown: float


def customers(chance: random.Random, many: int) -> Iterator[IndexedCustomer]:
    """Companies and people, most of them with a word of their own."""
    for number in range(many):
        own = "".join(map(chance.choice, (_STARTS, _MIDDLES, _MIDDLES, _ENDS)))
        person = chance.random() < 0.4  # noqa: PLR2004 - of ten customers, four are people
        name = f"{chance.choice(_FIRST)} {own}" if person else f"{chance.choice(_LINES)} {own} {chance.choice(_FORMS)}"
        mail = f"{bare(name).replace(' ', '.')}@{chance.choice(('gmail.com', 'yahoo.com', bare(own) + '.ro'))}"
        phone = f"+40 7{chance.randrange(10**8):08}"
        yield IndexedCustomer(id=f"CL-{number:06}", name=name, email=mail, phone=phone, read_at=_READ)


def invoices(chance: random.Random, owners: list[IndexedCustomer]) -> Iterator[IndexedInvoice]:
    """Invoices of six years, one in eight of them open."""
    for number in range(len(owners) * _INVOICES_EACH):
        issued = _TODAY - timedelta(days=chance.randrange(2000))
        status = chance.choices(("paid", "unpaid", "overdue", "partial", "cancelled"), (82, 6, 4, 3, 5))[0]
        amount = Decimal(int(chance.lognormvariate(7, 1) * 100) + 100).scaleb(-2)
        is_open = status in {"unpaid", "overdue", "partial"}
        yield IndexedInvoice(
            number=f"{issued.year}-{number:06}",
            customer=chance.choice(owners).id,
            own_id=f"INV{number}",
            issued_at=issued.isoformat(),
            due_at=(issued + timedelta(days=30)).isoformat(),
            amount=amount,
            balance=amount if is_open else Decimal(0),
            status=status,
            is_open=is_open,
            read_at=_READ,
            told_at=_READ,
        )


async def filled(store: Store, chance: random.Random, many: int) -> Books:
    """Write everything down, as the rounds would in days."""
    people, numbers = list(customers(chance, many)), list[str]()
    async with store.engine.begin() as connection:
        await connection.execute(insert(directory_watch), [{"id": 1, "listed_at": _READ}])
        for start in range(0, many, _BATCH):
            some = people[start : start + _BATCH]
            more = {"seen_at": _READ, "read_at": _READ}
            await connection.execute(insert(indexed_customers), [{**customer_row(each), **more} for each in some])
            words = word_rows(some)
            await connection.execute(insert(customer_words), words)
            pieces = list(piece_rows({row["word"] for row in words if is_name_word(row["word"])}))
            await connection.execute(add_missing(connection, word_pieces), pieces)
        rows = []
        for each in invoices(chance, people):
            numbers.append(each.number)
            rows.append(invoice_row(each))
            if len(rows) >= _BATCH:
                await connection.execute(insert(indexed_invoices), rows)
                rows.clear()
        if rows:
            await connection.execute(insert(indexed_invoices), rows)
    async with store.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))
    return Books(people, numbers)


def mistyped(word: str, chance: random.Random) -> str:
    """One letter too few, or two in each other's place."""
    place = chance.randrange(1, max(2, len(word) - 1))
    if chance.random() < 0.5:  # noqa: PLR2004 - one or the other
        return word[:place] + word[place + 1 :]
    return word[: place - 1] + word[place : place + 1] + word[place - 1 : place] + word[place + 1 :]


def questions(books: Books, chance: random.Random, many: int) -> Iterator[tuple[str, str]]:
    """What people type, by kind."""
    for _each in range(many):
        someone, number = chance.choice(books.customers), chance.choice(books.invoices)
        name = someone.name or ""
        words = name.split()
        own = max(words, key=len)
        yield "name", name
        yield "no accents", bare(own)
        yield "any order", " ".join(reversed(words))
        yield "begun", own[:4]
        yield "typo", mistyped(bare(own), chance)
        yield "two typos", " ".join(mistyped(bare(word), chance) for word in words[:2])
        yield "number", number
        yield "part of a number", number[-5:]
        yield "customer's id", someone.id.lower().replace("-", "")
        yield "e-mail", (someone.email or "").partition("@")[0]
        yield "phone", "0" + (someone.phone or "")[4:]
        yield "amount", f"{int(chance.lognormvariate(7, 1)) + 1},{chance.randrange(100):02}"
        yield "status and name", f"unpaid {own}"
        yield "status and amount", f"overdue > {chance.choice((500, 1000, 5000, 20000))}"
        yield "month", chance.choice(("march", "martie 2024", "2024-03", "anulat iunie"))
        yield "nothing", "qzxwv" + str(chance.randrange(10, 99))


async def beaten(beats: list[float]) -> None:
    """How late each beat of the loop is."""
    while True:
        due = time.perf_counter() + _BEAT_SECONDS
        await asyncio.sleep(_BEAT_SECONDS)
        beats.append(time.perf_counter() - due)


async def measured(asked: list[tuple[str, str]], find: Callable[[str], Awaitable[object]]) -> Measured:
    """Ask one after the other."""
    beats, spent, cpu = [0.0], dict[str, list[float]](), dict[str, list[float]]()
    before = resident()
    beating = asyncio.create_task(beaten(beats))
    for kind, question in asked:
        started, computed = time.perf_counter(), time.process_time()
        await find(question)
        spent.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
        cpu.setdefault(kind, []).append((time.process_time() - computed) * 1000)
        await asyncio.sleep(0)
    beating.cancel()
    return Measured(spent, cpu, max(beats) * 1000, resident() - before)


def resident() -> float:
    """The megabytes that the process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def scan(books: Books) -> Callable[[str], Awaitable[object]]:
    """RapidFuzz over everything, in the loop."""
    names = [bare(each.name or "") for each in books.customers]

    async def find(question: str) -> object:
        wanted = bare(question)
        by_name = process.extract(wanted, names, scorer=fuzz.WRatio, limit=8, score_cutoff=75)
        return by_name, process.extract(wanted, books.invoices, scorer=fuzz.ratio, limit=8, score_cutoff=75)

    return find


def index(store: Store) -> Callable[[str], Awaitable[object]]:
    """Our own."""
    search = Search(store)

    async def find(question: str) -> object:
        return await search.find(read_search(question, _TODAY, _CONVENTIONS), _TODAY)

    return find


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store on this database."""
    store = await open_store(url)
    yield store
    await store.close()


def shown(name: str, found: Measured) -> None:
    """Print what was measured."""
    table = Table(title=name, title_justify="left")
    for column in ("query", "p50 ms", "p95 ms", "longest ms", "CPU p50 ms", "CPU p95 ms"):
        table.add_column(column, justify="left" if column == "query" else "right")
    for kind in (*found.spent, "all"):
        spent, cpu = _of(found.spent, kind), _of(found.cpu, kind)
        took = (statistics.median(spent), percentile(spent, 0.95), max(spent))
        figures = (*took, statistics.median(cpu), percentile(cpu, 0.95))
        table.add_row(kind, *(f"{each:.1f}" for each in figures))
    console.print(table)
    console.print(f"stall of the loop {found.stall:.0f} ms, memory {found.grown:+.0f} MB")


def _of(by_kind: dict[str, list[float]], kind: str) -> list[float]:
    return by_kind.get(kind) or [each for some in by_kind.values() for each in some]


async def run(url: str, name: str, many: int, each: int) -> bool:
    """Fill, ask both, print; whether what is promised is kept."""
    chance = random.Random(7)  # noqa: S311 - no secret
    async with opened(url) as store:
        started = time.perf_counter()
        books = await filled(store, chance, many)
        console.print(
            f"{name}: {many:,} customers, {len(books.invoices):,} invoices in {time.perf_counter() - started:.0f} s"
        )
    async with opened(url) as store:
        asked = list(questions(books, chance, each))
        ours = await measured(asked, index(store))
    shown(f"{name}: index", ours)
    if "sqlite" in url:
        shown("plain scan", await measured(asked[: _KINDS * max(2, each // 10)], scan(books)))
    spent = [spent for some in ours.spent.values() for spent in some]
    return percentile(spent, 0.95) < 50 and ours.stall < 50 and ours.grown < 150  # noqa: PLR2004 - as promised


async def main(*, quick: bool, postgresql: bool) -> int:
    """Measure on SQLite, and where it is wanted on PostgreSQL."""
    many, each = (10_000, 5) if quick else (_CUSTOMERS, 40)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = await run(f"sqlite:///{folder / 'casier.db'}", "SQLite", many, each)
        if postgresql:
            from tests.databases import Postgres  # noqa: PLC0415 - a server of the tests' own

            server = Postgres(folder)
            stack.callback(server.close)
            kept &= await run(server.create(), "PostgreSQL", many, each)
    return 0 if kept else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--postgresql", action="store_true", help="there, too")
    said = parser.parse_args()
    sys.exit(asyncio.run(main(quick=said.quick, postgresql=said.postgresql)))
