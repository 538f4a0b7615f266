"""What is owed: overdue, open, by whom; how lists are asked for and what they say."""

from datetime import timedelta

from bot.dates import now
from bot.message import CardRef, Chat
from bot.reply import Outcome, Reply
from sandbox import SandboxOptions
from tests.reports.conftest import OpenFilled
from tests.reports.figures import bani, fact, rows, today
from tests.reports.filled import fill
from tests.stage import Desk, Say, facts

LATE = {
    "days>30": 31, "days>=30": 30, "30": 31, "days ≥30": 30, "zile>30": 31, "days > 30": 31, "0": 1,
}  # fmt: skip
COMMANDS = ("/overdue", "/open", "/debtors", "/report", "/received", "/overdue_file", "/open_file", "/debtors_file")


def _numbers(reply: Reply) -> list[str]:
    assert reply.table
    return [row.cells[0] for row in reply.table.rows]


def _owe(desk: Desk, customer: str, number: str, days: int, bani: int, status: str = "overdue") -> None:
    due = today() - timedelta(days=days)
    with desk.sandbox.books.writing() as db:
        row = (f"X{number}", number, customer, str(due - timedelta(days=30)), str(due), bani, bani, status)
        db.execute("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


async def _read_again(desk: Desk) -> None:
    await fill(desk.app.services.store, desk.sandbox.books)


async def test_a_stranger_learns_nothing(filled: Desk) -> None:
    for command in (*COMMANDS, "/received_file"):
        reply = await filled.say(command, "stranger")
        assert reply.text.startswith("This is a billing desk, and you don't have access to it yet.")
        assert not any((reply.facts, reply.table, reply.files, reply.picture, reply.notes))
    assert filled.sandbox.requests == []


async def test_every_viewer_may_ask(filled: Desk) -> None:
    for command in ("/overdue", "/open", "/debtors"):
        assert (await filled.say(command, "viewer")).outcome is Outcome.ANSWERED
    assert filled.sandbox.requests == []


async def test_lists_go_on_from_page_to_page_and_end_with_every_invoice_once(filled: Desk) -> None:
    page = await filled.say("/open")
    seen = _numbers(page)
    while page.table and page.table.following:
        page = await filled.say(page.table.following)
        assert page.in_place
        seen += _numbers(page)
    owed = "SELECT number FROM invoices WHERE balance_bani > 0 AND status NOT IN ('paid', 'cancelled')"
    assert sorted(seen) == sorted(number for (number,) in filled.sandbox.books.query(owed))
    assert len(seen) == int(facts(page)["In all"].split()[0])
    assert page.table
    assert (await filled.say("/open page=99")).table == page.table


async def test_a_list_is_sorted_by_amount_days_or_customer(filled: Desk) -> None:
    largest = await filled.say("/overdue")
    assert largest.table
    sums = [bani(row.cells[3]) for row in largest.table.rows]
    assert sums == sorted(sums, reverse=True)
    oldest = await filled.say("/overdue sort=days")
    assert _numbers(oldest)[0] == "2024-001"
    by_name = await filled.say("/overdue sort=client")
    assert by_name.table
    names = [row.cells[1] for row in by_name.table.rows]
    assert names == sorted(names, key=str.lower)
    assert {button.label for button in by_name.buttons} == {"Largest first", "Oldest first", "CSV"}
    assert (await filled.say("/overdue sort=size")).text.startswith("A list is sorted by amount, days, customer.")


async def test_a_row_opens_its_invoice_and_a_debtor_its_open_invoices(filled: Desk) -> None:
    overdue, debtors = await filled.say("/overdue sort=days"), await filled.say("/debtors")
    assert overdue.table
    assert overdue.table.rows[0].command == "/invoice 2024-001"
    assert debtors.table
    assert debtors.table.rows[0].command == "/open CL-003"
    assert "98,765,432.10" in facts(await filled.say("/open CL-003"))["Outstanding"]


async def test_a_customer_is_meant_by_id_or_by_name(filled: Desk) -> None:
    for said in ("CL-006", "cl006", "intarziatilor", "TÂMPLĂRIA întârz"):
        reply = await filled.say(f"/overdue {said}")
        assert reply.title == "Overdue invoices: Tâmplăria Întârziaților SRL (CL-006)"


async def test_an_ugly_name_is_one_customers(filled: Desk) -> None:
    reply = await filled.say("/open O'Brien <b>& Sons_*[SRL]")
    assert reply.title == "Open invoices: O'Brien <b>& Sons_*[SRL] (CL-002)"
    assert reply.table
    assert [column.label for column in reply.table.columns] == ["Invoice", "Days", "Left"]


async def test_a_name_of_several_customers_is_asked_back_and_each_button_asks_the_same(filled: Desk) -> None:
    asked = await filled.say("/overdue srl days>30 sort=days")
    assert asked.text == "More than 8 customers are called “srl”. Say more of the name, or choose one of these."
    assert all("days>30 sort=days" in button.command for button in asked.buttons)
    assert (await filled.say(asked.buttons[0].command)).title.startswith("Overdue invoices: ")
    some = await filled.say("/open brutaria")
    assert some.text == "Several customers are called “brutaria”. Which one do you mean?"
    assert 1 < len(some.buttons) <= 8


async def test_a_customer_that_is_not_there_gets_suggestions(filled: Desk) -> None:
    missed = await filled.say("/overdue CL-06")
    assert missed.text == "There is no customer CL-06."
    async with filled.app.services.store.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM customer_words WHERE customer = 'CL-006'")
    assert (await filled.say("/open CL-006")).title == "Open invoices: Tâmplăria Întârziaților SRL (CL-006)"
    assert "/customer CL-006" in [button.command for button in missed.buttons]


async def test_how_late_is_said_in_many_ways(filled: Desk) -> None:
    words = {30: "Overdue for 30 days or more.", 31: "Overdue for 31 days or more.", 1: ""}
    for days in (30, 31):
        _owe(filled, "CL-004", f"2020-{days}", days, 100)
    await _read_again(filled)
    for said, least in LATE.items():
        for customer in ("CL-004", "ticu"):
            reply = await filled.say(f"/overdue {customer} {said}")
            assert _numbers(reply) == [f"2020-{days}" for days in (30, 31) if days >= least], said
            assert reply.text == words[least]


async def test_what_is_compared_without_a_word_of_days_is_an_amount(filled: Desk) -> None:
    _owe(filled, "CL-004", "2020-031", 31, 500_000)
    _owe(filled, "CL-004", "2020-030", 30, 100)
    await _read_again(filled)
    for said in ("overdue > 4000", "/overdue >4000", "/overdue ticu >= 4000"):
        found = await filled.say(said)
        assert found.title.startswith("Found: overdue"), said
        assert found.table, said
        assert [row.cells[0] for row in found.table.rows if "2020-03" in str(row)], said
        assert "2020-030" not in str(found.table), said


async def test_days_that_can_not_be_read_are_asked_back(say: Say) -> None:
    assert (await say("/open a\x07b")).text.startswith("A customer is called by an id or a name.\nUsage: /open")
    for said in ("days=3", "days<3", "zile", "days>many"):
        reply = await say(f"/overdue CL-006 {said}")
        assert reply.text.startswith(f"“{said}” says no days: write days>30, or 30.\nUsage: /overdue [customer] [days]")


async def test_a_customer_whose_id_is_a_number_can_be_asked_for(filled: Desk) -> None:
    with filled.sandbox.books.writing() as db:
        db.execute("INSERT INTO customers VALUES ('30', 'Treizeci SRL', NULL, NULL, NULL, '')")
    _owe(filled, "30", "2020-001", 10, 100)
    await _read_again(filled)
    reply = await filled.say("/overdue 30 days>0")
    assert (reply.title, _numbers(reply)) == ("Overdue invoices: Treizeci SRL (30)", ["2020-001"])
    sorts = [button.command for button in reply.buttons if button.label == "Oldest first"]
    assert _numbers(await filled.say(sorts[0])) == ["2020-001"]


async def test_what_billing_calls_otherwise_is_marked_and_said(filled: Desk) -> None:
    _owe(filled, "CL-004", "2020-001", 5, 12345, "unpaid")
    _owe(filled, "CL-004", "2020-002", -5, 100, "overdue")
    _owe(filled, "CL-004", "2020-003", 5, 777, "paid")
    _owe(filled, "CL-004", "2020-004", 5, 888, "cancelled")
    with filled.sandbox.books.writing() as db:
        db.execute("UPDATE invoices SET balance_bani = 0 WHERE number = '2020-002'")
    _owe(filled, "CL-004", "2020-005", -5, 100, "overdue")
    await _read_again(filled)
    reply = await filled.say("/overdue CL-004")
    assert reply.table
    assert [row.cells for row in reply.table.rows] == [("2020-001", "5 days late*", "RON\xa0123.45")]
    notes = [note.replace("\xa0", " ") for note in reply.notes]
    assert notes[:5] == [
        "Not counted: 1 invoice that billing calls paid, with a balance (RON 7.77).",
        "Not counted: 1 cancelled invoice with a balance (RON 8.88).",
        "* 1 is overdue by its due date; billing calls it unpaid (1).",
        "Owed, not overdue: 1 invoice (RON 1.00) that billing calls overdue before its due date.",
        "Not counted: 1 invoice that billing calls overdue, with nothing left to pay.",
    ]


async def test_days_are_said_as_people_say_them(filled: Desk) -> None:
    for place, days in enumerate((1, 0, -1)):
        _owe(filled, "CL-004", f"2020-{place}", days, 100 - place)
    with filled.sandbox.books.writing() as db:
        db.execute("UPDATE invoices SET due_at = 'demnächst' WHERE number = '2020-2'")
    _owe(filled, "CL-004", "2020-3", -1, 50)
    await _read_again(filled)
    reply = await filled.say("/open CL-004")
    assert reply.table
    said = [row.cells[1].rstrip("*") for row in reply.table.rows]
    assert said == ["1 day late", "due today", "no due date", "due in 1 day"]
    assert _numbers(await filled.say("/overdue CL-004")) == ["2020-0"]


async def test_nothing_owed_is_said_in_words(filled: Desk) -> None:
    for command, words in (
        ("/overdue CL-004", "Nothing is overdue."),
        ("/overdue CL-004 30", "Nothing is overdue for 31 days or more."),
        ("/open CL-004", "Nothing is open."),
    ):
        reply = await filled.say(command)
        assert reply.text == words
        assert reply.table is None
        assert reply.buttons == ()
    with filled.sandbox.books.writing() as db:
        db.execute("UPDATE invoices SET balance_bani = 0, status = 'paid'")
    await _read_again(filled)
    assert (await filled.say("/debtors")).text == "Nobody owes anything."


async def test_a_total_that_is_not_whole_does_not_look_whole(open_filled: OpenFilled) -> None:
    desk = await open_filled()
    async with desk.app.services.store.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE indexed_customers SET read_at = NULL WHERE id IN ('CL-003', 'CL-006')")
        await connection.exec_driver_sql("UPDATE indexed_invoices SET balance = NULL WHERE number = '2024-001'")
    for command in ("/open", "/debtors"):
        reply = await desk.say(command)
        assert reply.warnings == (
            "This is not whole: the invoices of 2 customers were not read yet.",
            "This is not whole: what is left on 1 invoice is not known yet.",
        )
        whole = [value for label, value in facts(reply).items() if label.startswith(("Outstanding", "Overdue"))]
        assert whole
        assert all(" so far" in value for value in whole)
    assert (await desk.say("/debtors_file")).warnings == (await desk.say("/debtors")).warnings


async def test_an_index_that_was_never_read_says_nothing_of_nobody(desk: Desk) -> None:
    reply = await desk.say("/debtors")
    assert reply.text == "Nothing, in what was read so far."
    assert reply.warnings[0] == "This is not whole: billing's list of customers was not read to its end yet."


async def test_an_answer_says_how_old_it_is(open_filled: OpenFilled) -> None:
    desk = await open_filled(timezone="UTC")
    await fill(desk.app.services.store, desk.sandbox.books, now().replace(hour=0, minute=1))
    assert (await desk.say("/open")).notes[-1].replace("\u202f", " ") == "as of 12:01 AM"
    await fill(desk.app.services.store, desk.sandbox.books, now().replace(year=2025, month=3, day=1))
    assert (await desk.say("/open")).notes[-1].startswith("as of Mar 1, 2025, ")


async def test_a_file_has_every_row_and_starts_no_formula(open_filled: OpenFilled) -> None:
    desk = await open_filled(SandboxOptions(customers=40, payments=150))
    with desk.sandbox.books.writing() as db:
        db.execute("UPDATE customers SET name = '=HYPERLINK(\"http://x\")' WHERE id = 'CL-002'")
    _owe(desk, "CL-002", "2020-001", 5, 12345)
    await _read_again(desk)
    found = rows(await desk.say("/overdue_file CL-002"))
    assert found[-1] | {"issued_at": "", "due_at": ""} == {
        "number": "2020-001", "customer": "CL-002", "name": "'=HYPERLINK(\"http://x\")", "issued_at": "", "due_at": "",
        "days_late": "5", "amount": "123.45", "balance": "123.45", "status": "overdue",
    }  # fmt: skip
    assert len(rows(await desk.say("/open_file"))) == int(facts(await desk.say("/open"))["In all"].split()[0])


async def test_a_pressed_page_takes_the_place_of_its_card(filled: Desk) -> None:
    card = CardRef(Chat("web", "viewer"), "1")
    await filled.post("/debtors page=2", "viewer", card=card)
    assert fact(filled.wall.newest[1], "Outstanding") == fact(await filled.say("/debtors"), "Outstanding")
