"""The rounds that fill the index, in front of the sandbox."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
from pydantic import SecretStr

from bot.billing import Billing, InvoiceSummary, Payment
from bot.billing.models import Id, Number
from bot.dates import now
from bot.directory import Rounds, Tempo
from bot.directory.readings import as_read
from bot.notifications import News
from bot.refusals import NotAnswering
from bot.start.hearing import IndexMarks
from bot.store import Store
from sandbox import SandboxOptions
from tests.directory.conftest import FAST, read_all, store_of
from tests.stage import Desk, OpenDesk, message

SPARSE = SandboxOptions(customers=5, payments=12, summary_balance=False)


def rounds_of(desk: Desk, **tempo: object) -> Rounds:
    """Somebody else who reads."""
    return Rounds(desk.app.services.billing, store_of(desk), Tempo(**{"requests": FAST, **tempo}))  # type: ignore[arg-type]


async def idle(rounds: Rounds) -> None:
    """Read until nothing is due."""
    for _step in range(500):
        if await rounds.step():
            return
    raise AssertionError("there is no end to it")


async def test_a_first_round_reads_everything_once(desk: Desk) -> None:
    await idle(rounds_of(desk))
    books = desk.sandbox.books
    ((customers, invoices),) = books.query("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM invoices)")
    state = await store_of(desk).index.state()
    assert (state.customers, state.read, state.is_complete) == (customers, customers, True)
    assert len(desk.sandbox.requests) == 1 + customers
    held = [await store_of(desk).index.invoices_of(name) for (name,) in books.query("SELECT id FROM customers")]
    assert sum(map(len, held)) == invoices
    first = (await store_of(desk).index.invoices_of("CL-001"))["2024-001"]
    assert (first.amount, first.balance, first.own_id, first.due_at, first.is_open) == (
        Decimal("5320.50"),
        Decimal("5320.50"),
        "INV1",
        "2024-03-30",
        True,
    )


async def test_what_the_list_does_not_tell_is_asked_of_what_is_open_alone(open_desk: OpenDesk) -> None:
    desk = await open_desk(SPARSE)
    rounds = rounds_of(desk)
    await idle(rounds)
    asked = [path for _method, path in desk.sandbox.requests if path.startswith("/invoices/")]
    open_ones = desk.sandbox.books.query("SELECT number FROM invoices WHERE status NOT IN ('paid', 'cancelled')")
    assert sorted(asked) == sorted(f"/invoices/{number}" for (number,) in open_ones)
    desk.sandbox.requests.clear()
    await store_of(desk).turns.want_all(now())
    await idle(rounds_of(desk))
    assert len(desk.sandbox.requests) == 1 + 5
    assert not [path for _method, path in desk.sandbox.requests if path.startswith("/invoices/")]


async def test_a_kill_costs_what_was_being_read_and_nothing_else(open_desk: OpenDesk) -> None:
    desk = await open_desk(SPARSE)
    for _life in range(10):
        killed = asyncio.create_task(idle(rounds_of(desk)))
        await asyncio.sleep(0.05)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        if (await store_of(desk).index.state()).is_complete:
            break
    # What a killed one had taken is free again, some minutes later.
    await store_of(desk).turns.give_back(name for (name,) in desk.sandbox.books.query("SELECT id FROM customers"))
    await idle(rounds_of(desk))
    paths = [path for _method, path in desk.sandbox.requests if path != "/customers"]
    assert (await store_of(desk).index.state()).is_complete
    assert len(paths) - len(set(paths)) <= 10


async def test_two_bots_on_one_database_share_the_work(desk: Desk) -> None:
    first, second = rounds_of(desk), rounds_of(desk)
    await first.step()
    await second.step()
    await asyncio.gather(idle(first), idle(second))
    paths = [path for _method, path in desk.sandbox.requests if path != "/customers"]
    assert len(paths) == len(set(paths))


async def test_who_differs_is_read_again_and_nobody_else(desk: Desk) -> None:
    rounds = rounds_of(desk, list_seconds=0)
    await read_all(desk)
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE customers SET name = 'Renamed' WHERE id = 'CL-001'")
        books.execute("INSERT INTO customers VALUES ('CL-9', 'New', NULL, NULL, NULL, '2024-01-01 00:00:00')")
    desk.sandbox.requests.clear()
    await rounds.step()
    await idle(rounds_of(desk))
    paths = [path for _method, path in desk.sandbox.requests if path != "/customers"]
    assert sorted(paths) == ["/customers/CL-001/invoices", "/customers/CL-9/invoices"]


async def test_who_is_gone_is_forgotten_and_a_list_that_lost_half_is_doubted(desk: Desk, lines: io.StringIO) -> None:
    await read_all(desk)
    index = store_of(desk).index
    ((count,),) = desk.sandbox.books.query("SELECT count(*) FROM customers")
    with desk.sandbox.books.writing() as books:
        books.execute("DELETE FROM customers WHERE id NOT IN (SELECT customer_id FROM invoices)")
    ((left,),) = desk.sandbox.books.query("SELECT count(*) FROM customers")
    rounds = rounds_of(desk)
    await rounds.step()
    assert left < (await index.state()).customers + 1 <= count
    with desk.sandbox.books.writing() as books:
        books.execute("PRAGMA defer_foreign_keys = 1")
        books.execute("DELETE FROM payments")
        books.execute("DELETE FROM invoices")
        books.execute("DELETE FROM customers WHERE id != 'CL-001'")
    again = rounds_of(desk, list_seconds=0)
    await again.step()
    assert "directory.list_doubted" in lines.getvalue()
    assert (await index.state()).customers == left
    again._list_due = 0  # noqa: SLF001 - a minute later
    await again.step()
    assert (await index.state()).customers == 1


async def test_an_unchanged_list_is_not_read_again(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(demo=True, etag=True))
    await read_all(desk)
    before = await store_of(desk).index.edition()
    assert before[0]
    await rounds_of(desk).step()
    after = await store_of(desk).index.edition()
    assert (after[0], after[1] != before[1]) == (before[0], True)


async def test_a_payment_brings_its_invoice_up_to_date(open_desk: OpenDesk) -> None:
    desk = await open_desk(SPARSE)
    await read_all(desk)
    store, numbers = store_of(desk), desk.sandbox.books.query("SELECT number FROM invoices WHERE balance_bani > 0")
    number = numbers[0][0]
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE invoices SET balance_bani = 100 WHERE number = ?", (number,))
    rounds = rounds_of(desk)
    await rounds.step()
    await hear(store, rounds, number)
    await idle(rounds)
    told = await store.index.invoice(number)
    assert told
    assert told.balance == Decimal("1.00")


async def hear(store: Store, rounds: Rounds, number: str) -> None:
    """A payment on this invoice becomes known."""
    marks = IndexMarks(store.turns, rounds.touched)
    payment = Payment(id=Id("1"), amount=Decimal(1), invoice_number=Id(number))
    async with store.engine.begin() as transaction:
        await transaction.run_sync(marks.hear, [News(payment, is_new=True, before=None, seen_at=now())])
    marks.committed()


async def test_a_payment_on_an_invoice_that_is_not_known_yet_makes_it_known(desk: Desk) -> None:
    store, rounds = store_of(desk), rounds_of(desk)
    await idle(rounds)
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE payments SET invoice_id = 'NEW-1' WHERE invoice_id = '2024-001'")
        books.execute("UPDATE invoices SET number = 'NEW-1' WHERE number = '2024-001'")
    await hear(store, rounds, "NEW-1")
    await hear(store, rounds, "NOBODY-1")
    await idle(rounds)
    assert set(await store.index.invoices_of("CL-001")) == {"NEW-1"}


async def test_who_is_asked_for_is_read_soon_unless_that_was_just_now(desk: Desk) -> None:
    await read_all(desk)
    rounds = desk.app.services.rounds
    await rounds.step()
    desk.sandbox.requests.clear()
    await desk.say("/customer CL-001")
    assert (await rounds.step()) > 0
    async with store_of(desk).engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(minutes=10)
        await connection.exec_driver_sql("UPDATE indexed_customers SET read_at = ?", (str(long_ago)[:26],))
    await desk.say("/invoice 2024-001")
    await rounds.step()
    assert ("GET", "/customers/CL-001/invoices") in desk.sandbox.requests


async def test_rounds_fill_the_index_by_themselves(watched: Desk, lines: io.StringIO) -> None:
    state = await store_of(watched).index.state()
    async with asyncio.timeout(10):
        while not state.is_complete:
            await asyncio.sleep(0.02)
            state = await store_of(watched).index.state()
    assert "directory.failed" not in lines.getvalue()


async def test_one_customer_that_cannot_be_read_does_not_keep_the_others_waiting(desk: Desk) -> None:
    class Choosy(Billing):
        """Has no answer for one customer."""

        def invoices_unless(self, customer_id: str, etag: str | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
            if customer_id == "CL-001":
                raise NotAnswering
            return super().invoices_unless(customer_id, etag)

    billing = Choosy(desk.app.services.billing._options)  # noqa: SLF001 - the same API
    rounds, failures = Rounds(billing, store_of(desk), Tempo(FAST)), 0
    for _step in range(100):
        try:
            if await rounds.step():
                break
        except NotAnswering:
            failures += 1
    state = await store_of(desk).index.state()
    assert (failures, state.customers - state.read) == (1, 1)
    await billing.close()


async def test_refresh_reads_everything_again_and_says_how_far_it_is(open_desk: OpenDesk) -> None:
    desk = await open_desk(directory_requests_per_second=FAST)
    replies = await desk.replies("/refresh", who="admin")
    assert [reply.in_place for reply in replies] == [False, *(True for _more in replies[1:])]
    assert replies[0].status
    assert replies[0].status.word == "under way"
    assert replies[-1].status
    assert replies[-1].status.word == "done"
    ((count,),) = desk.sandbox.books.query("SELECT count(*) FROM customers")
    assert replies[-1].text == f"{count} of {count} customers read so far."
    assert (await desk.say("/refresh", who="cashier")).text.startswith("This is for the role “admin”")


async def test_refresh_watches_rounds_that_are_under_way_and_others_are_answered_meanwhile(watched: Desk) -> None:
    replies = watched.app.answer(message("/refresh", "admin"))
    assert (await anext(replies)).title.startswith("Reading")
    assert (await watched.say("/invoice 2024-001", who="admin")).title == "Invoice 2024-001"
    last = [reply async for reply in replies][-1]
    assert last.status
    assert last.status.word == "done"


async def test_refresh_ends_with_what_is_wrong(open_desk: OpenDesk) -> None:
    desk = await open_desk(billing_api_key=SecretStr("wrong"))
    replies = await desk.replies("/refresh", who="admin")
    assert "refuses our key" in replies[-1].text


async def test_no_index_is_kept_where_none_is_wanted(open_desk: OpenDesk) -> None:
    desk = await open_desk(directory_requests_per_second=0)
    await desk.app.services.rounds.watch()
    assert "DIRECTORY_REQUESTS_PER_SECOND is 0" in (await desk.say("/refresh", "admin")).text
    assert desk.sandbox.requests == []


def test_a_due_day_that_is_none_is_no_day() -> None:
    summary = InvoiceSummary(number=Number("F-1"), amount=Decimal(1), due_at="2024-13-45", status="unpaid")
    assert as_read(summary, "CL-001", None, now()).due_at is None
    told = msgspec.structs.replace(summary, due_at="2024-03-30 10:00:00")
    assert as_read(told, "CL-001", None, now()).due_at == "2024-03-30"
