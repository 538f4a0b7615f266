"""Searching the index, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.conventions import Conventions
from bot.directory import Asked, Found, Search, Standing, read_search
from bot.money import Currency
from bot.store import IndexedCustomer, IndexedInvoice, Store, open_store
from sandbox import SandboxOptions
from tests.directory.conftest import FAST, read_all
from tests.stage import Desk, OpenDesk

TODAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ROMANIAN = Conventions(Currency("RON"), "ro", ZoneInfo("Europe/Bucharest"))

PEOPLE = [
    IndexedCustomer(id="CL-001", name="S.C. Ácme Țiglă S.R.L.", email="office@acme.ro", phone="+40 712 345 678"),
    IndexedCustomer(id="CL-002", name="Ștefan Popescu", email="stefan.p@gmail.com", phone="0722.000.111, 0215556677"),
    IndexedCustomer(id="CL-003", name="Acmeon Logistics SA", phone=None),
    IndexedCustomer(id="CL-004", name="Open Martie Solutions"),
    IndexedCustomer(id="CL-005", name="O'Brien <b>& Sons_*[SRL]"),
    IndexedCustomer(id="CL-006", name=None),
]


def _invoice(number: str, customer: str, amount: str, status: str, issued: str = "2026-03-05") -> IndexedInvoice:
    settled = status in {"paid", "cancelled"}
    return IndexedInvoice(
        number=number,
        customer=customer,
        own_id=f"INV{number[-1]}",
        issued_at=issued,
        due_at="2026-12-30" if status == "unpaid" else "2026-04-30",
        amount=Decimal(amount),
        balance=Decimal(0) if settled else Decimal(amount),
        status=status,
        is_open=not settled,
        read_at=NOON,
        told_at=NOON,
    )


INVOICES = [
    _invoice("2024-001", "CL-001", "5320.50", "overdue", "2024-03-01"),
    _invoice("2024-00123", "CL-001", "1234.00", "unpaid"),
    _invoice("2025-00077", "CL-002", "1.23", "paid", "2025-06-01"),
    _invoice("2026-00500", "CL-002", "20000", "overdue"),
    _invoice("F-88/2026", "CL-003", "150", "cancelled", "2026-11-02"),
    _invoice("2026-00042", "CL-003", "150", "unpaid", "2026-11-03"),
]


@pytest.fixture
async def search(begun_url: str) -> AsyncIterator[Search]:
    """A search in an index of a few customers."""
    store: Store = await open_store(begun_url)
    await store.index.list_customers(PEOPLE, NOON)
    for each in PEOPLE:
        await store.index.put(each.id, [one for one in INVOICES if one.customer == each.id], NOON)
    await store.index.settle(NOON, None)
    yield Search(store)
    await store.close()


async def _find(search: Search, text: str) -> Found:
    return await search.find(read_search(text, TODAY, ROMANIAN), TODAY)


async def _names(search: Search, text: str) -> list[str]:
    found = await _find(search, text)
    return [hit.invoice.number if hit.invoice else hit.customer.id if hit.customer else "" for hit in found.hits]


FIRST = {
    "acme": "CL-001",
    "ACME tigla": "CL-001",
    "tigla srl acme": "CL-001",
    "acmee tigla": "CL-001",
    "stefan popescu": "CL-002",
    "popescu ștefan": "CL-002",
    "popesuc": "CL-002",
    "stefn popsecu": "CL-002",
    "logistics": "CL-003",
    "logi": "CL-003",
    "gistic": "CL-003",
    "obrien sons": "CL-005",
    "o'brien": "CL-005",
    "open solutions": "CL-004",
    "martie": "CL-004",
    "CL-6": "CL-006",
    "cl002": "CL-002",
    "office@acme.ro": "CL-001",
    "stefan.p": "CL-002",
    "+40 712 345 678": "CL-001",
    "0040712345678": "CL-001",
    "0712345678": "CL-001",
    "(0712) 345-678": "CL-001",
    "0722 000 111": "CL-002",
    "021-555-6677": "CL-002",
    "5678": "CL-001",
    "2024-001": "2024-001",
    "2024001": "2024-001",
    "2024/1": "2024-001",
    "00123": "2024-00123",
    "123": "2024-00123",
    "0050": "2026-00500",
    "88/2026": "F-88/2026",
    "f88": "F-88/2026",
    "5320": "2024-001",
    "5.320,50": "2024-001",
    "5320.50": "2024-001",
    "5 320,50 lei": "2024-001",
    "1,234": "2024-00123",
    "1.23": "2025-00077",
    "unpaid acme": "2024-001",
    "acme neplătită > 5000": "2024-001",
    "overdue > 10000": "2026-00500",
    "restante": "2024-001",
    "scadentă popescu": "2026-00500",
    "plătit": "2025-00077",
    "anulată": "F-88/2026",
    "march 2024": "2024-001",
    "2024-03": "2024-001",
    "nov acmeon": "2026-00042",
    "noiembrie anulate": "F-88/2026",
    "100..200": "2026-00042",
    "100..200 unpaid": "2026-00042",
    "<= 1.23": "2025-00077",
    "acme 5320": "2024-001",
}


async def test_what_is_meant_comes_first(search: Search) -> None:
    found = {asked: (await _names(search, asked))[:1] for asked in FIRST}
    assert found == {asked: [meant] for asked, meant in FIRST.items()}


async def test_filters_find_everything_that_fits_and_nothing_else(search: Search) -> None:
    assert set(await _names(search, "unpaid")) == {"2024-001", "2024-00123", "2026-00500", "2026-00042"}
    assert await _names(search, "overdue") == ["2024-001", "2026-00500"]
    assert await _names(search, "overdue <= 5320.50") == ["2024-001"]
    assert await _names(search, "overdue < 5320.50") == []
    assert set(await _names(search, "> 1,234")) == {"2024-001", "2024-00123", "2026-00500", *_OF_150}
    assert await _names(search, "martie < 2000 neplatit") == ["2024-00123"]
    assert await _names(search, "unpaid zzzz") == []


_OF_150 = ("2026-00042", "F-88/2026")


async def test_nonsense_finds_nothing(search: Search) -> None:
    for nonsense in ("qzxwv", "99999999", "", "!?", "%", "_", "😀", "'; DROP TABLE x --", "x" * 5000, "> 1e999", "\0"):
        assert await _names(search, nonsense) == [], nonsense


async def test_a_part_in_the_middle_of_a_number_is_found_when_nothing_else_is(search: Search) -> None:
    assert await _names(search, "240012") == ["2024-00123"]


async def test_a_hit_says_when_it_was_read(search: Search) -> None:
    found = await _find(search, "2024-001")
    assert found.hits[0].as_of == NOON
    assert [hit.customer and hit.customer.id for hit in await search.owned(found.hits)] == ["CL-001"]
    assert found.is_sure
    assert (await _find(search, "acme")).hits[0].as_of == NOON


def test_what_is_asked_is_read_in_parts() -> None:
    asked = read_search("acme neplătită > 1.000,50 martie 2024 07", TODAY, ROMANIAN)
    assert (asked.words, asked.standing, asked.more) == (("acme",), Standing.OPEN, (Decimal("1000.50"), False))
    assert asked.days == ("2024-03-01", "2024-04-01")
    assert [each.text for each in asked.numerals] == ["07"]
    assert read_search("decembrie", TODAY, ROMANIAN).days == ("2025-12-01", "2026-01-01")
    assert read_search(">= 0", TODAY, ROMANIAN).more == (Decimal(0), True)
    assert read_search("!", TODAY, ROMANIAN) == Asked()


async def test_find_lists_hits_as_buttons_and_says_how_old_they_are(indexed: Desk) -> None:
    reply = await indexed.say("/find unpaid")
    assert reply.table
    assert reply.table.pages > 1
    assert reply.table.rows[0].command == "/invoice 2024-001"
    assert reply.notes[0].startswith("as of ")
    following = await indexed.say(reply.table.following or "")
    assert following.in_place
    assert following.table
    assert following.table.page == 2
    assert indexed.sandbox.requests == []
    nothing = await indexed.say("/find qzxwv")
    assert (nothing.text, nothing.table) == ("Nothing fits.", None)
    assert nothing.notes[0].startswith("as of ")


async def test_any_text_is_searched_and_the_only_one_meant_is_opened_fresh(indexed: Desk) -> None:
    assert (await indexed.say("clientt premum")).title == "Found: clientt premum"
    assert (await indexed.say("client premium")).title == "Client Premium"
    assert indexed.sandbox.requests == [("GET", "/customers/CL-001")]
    ((ugly, customer),) = indexed.sandbox.books.query("SELECT name, id FROM customers WHERE name LIKE '%<b>%' LIMIT 1")
    found = await indexed.say(f"/find {ugly}")
    assert found.table
    assert (found.table.rows[0].cells[0], found.table.rows[0].command) == (ugly, f"/customer {customer}")


async def test_strangers_search_nothing(indexed: Desk) -> None:
    for text in ("/find unpaid", "unpaid", "client"):
        reply = await indexed.say(text, who="stranger")
        assert reply.text.startswith("This is a billing desk")
        assert reply.table is None


async def test_an_empty_index_says_what_to_do(desk: Desk) -> None:
    assert "nothing can be found" in (await desk.say("/find acme")).text
    told = await desk.say("/find acme", who="admin")
    assert told.buttons[0].command == "/refresh"


async def test_an_unfinished_index_says_how_far_it_is(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(demo=True), directory_requests_per_second=FAST)
    await desk.app.services.rounds.step()
    reply = await desk.say("/find client premium")
    assert reply.table
    assert reply.notes[-1] == "0 of 40 customers read so far."
    await read_all(desk)
    assert len((await desk.say("/find client premium")).notes) == 1
