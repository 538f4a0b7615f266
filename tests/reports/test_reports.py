"""Reports: what came in by day and by method, what is owed, and what is said where something is missing."""

from dataclasses import replace

from bot.periods import read_period
from bot.pictures import Painter
from bot.reply import Outcome
from sandbox import SandboxOptions
from tests.reports.conftest import OpenFilled
from tests.reports.figures import fact, rows, today
from tests.reports.filled import fill
from tests.stage import Desk, Say, facts

NO_TIME = Painter(seconds=0)


def _without_picture(desk: Desk) -> Desk:
    """A picture takes a second: only those tests have one drawn that look at it."""
    desk.app.services = replace(desk.app.services, painter=NO_TIME)
    return desk


async def test_a_report_has_its_picture_and_leads_on(filled: Desk) -> None:
    reply = await filled.say("/report", "viewer")
    assert reply.title == f"Report: {today():%B %Y}"
    assert reply.picture
    assert reply.picture.name == f"report-{read_period('month', today()).spelled}.png"
    assert reply.picture.content.startswith(b"\x89PNG")
    assert reply.notes[0] == "What is outstanding is as of now, whatever the period: billing keeps no history."
    for button in reply.buttons:
        assert (await _without_picture(filled).say(button.command)).outcome is Outcome.ANSWERED
    assert {button.label for button in reply.buttons} == {"Received by day", "Period before", "Overdue", "Debtors"}


async def test_methods_are_told_only_of_what_was_recorded_here(filled: Desk) -> None:
    desk = _without_picture(filled)
    before = fact(await desk.say("/report"), "Received")
    assert not any(label.startswith("Recorded") for label in facts(await desk.say("/report")))
    for amount, method in (("10.50", "cash"), ("20.25", "card"), ("100.00", "card")):
        assert (await desk.insist(f"/pay 2024-001 {amount} {method}")).state == "recorded"
    report = await desk.say("/report")
    assert fact(report, "Received") == before + 13075
    assert fact(report, "Recorded here, card") == 12025
    assert fact(report, "Recorded here, cash") == 1050
    assert fact(report, "Recorded elsewhere") == before


async def test_only_received_money_of_the_period_counts(filled: Desk) -> None:
    desk = _without_picture(filled)
    day = str(today())
    with desk.sandbox.books.writing() as db:
        db.execute("DELETE FROM payments")
        for number, (status, paid_at) in enumerate((
            ("confirmed", f"{day} 00:00:00"), ("Confirmed", f"{day} 23:59:59"), ("pending", f"{day} 12:00:00"),
            ("failed", f"{day} 12:00:00"), ("refunded", f"{day} 12:00:00"), ("confirmed", "2019-05-05 10:00:00"),
            ("confirmed", f"{day}T12:00:00+00:00"), ("confirmed", "gestern"), ("confirmed", ""),
        )):  # fmt: skip
            row = (number + 1, "2024-001", 100 + number, status, paid_at, "card", None)
            db.execute("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    report = await desk.say("/report today")
    assert facts(report)["Received"] == "RON 3.07 (3 payments)"
    assert [note.replace("\xa0", " ") for note in report.notes][1] == (
        "Not counted: 2 payments (RON 2.15) without a readable day."
    )
    assert rows(await desk.say("/received_file today")) == [{"day": day, "payments": "3", "received": "3.07"}]
    assert (await desk.say("/received 2018")).text == "Nothing was received."


async def test_what_is_received_is_for_the_deployment_to_say(open_filled: OpenFilled) -> None:
    desk = await open_filled(received_statuses=("pending",))
    sql = "SELECT sum(amount_bani) FROM payments WHERE status = 'pending' AND substr(paid_at, 1, 4) = ?"
    year = str(today().year)
    assert fact(await desk.say(f"/received {year}"), "Received") == desk.sandbox.books.query(sql, year)[0][0]


async def test_days_go_on_from_page_to_page(filled: Desk) -> None:
    page = await filled.say("/received 2025..2026")
    days = []
    while page.table:
        days += [row.cells[0] for row in page.table.rows]
        if not page.table.following:
            break
        page = await filled.say(page.table.following)
    sql = "SELECT count(DISTINCT substr(paid_at, 1, 10)) FROM payments WHERE status = 'confirmed' AND paid_at >= '2025'"
    assert len(days) == len(set(days)) == filled.sandbox.books.query(sql)[0][0]


async def test_a_report_of_nothing_is_right(open_filled: OpenFilled) -> None:
    desk = await open_filled(SandboxOptions(customers=1, payments=1))
    with desk.sandbox.books.writing() as db:
        db.execute("UPDATE invoices SET balance_bani = 0, status = 'paid'")
    await fill(desk.app.services.store, desk.sandbox.books)
    reply = await desk.say("/report 2019")
    assert facts(reply)["Received"] == "RON 0.00 (0 payments)"
    assert facts(reply)["Issued"] == "RON 0.00 (0 invoices)"
    assert facts(reply)["Outstanding now"] == "RON 0.00"
    assert reply.text == "Nobody owes anything."
    assert reply.picture


async def test_a_report_that_is_not_whole_says_so(filled: Desk) -> None:
    async with filled.app.services.store.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE indexed_customers SET read_at = NULL WHERE id = 'CL-003'")
    reply = await _without_picture(filled).say("/report")
    assert reply.warnings == ("This is not whole: the invoices of 1 customer were not read yet.",)
    assert facts(reply)["Outstanding now"].endswith(" so far")
    assert " so far (" in facts(reply)["Issued"]


async def test_a_picture_that_fails_keeps_no_figures_back(filled: Desk) -> None:
    reply = await _without_picture(filled).say("/report")
    assert reply.outcome is Outcome.ANSWERED
    assert reply.picture is None
    assert reply.notes[-1] == "The picture could not be drawn."
    assert facts(reply)["Outstanding now"]


async def test_what_is_no_period_is_asked_back(say: Say) -> None:
    for said in ("1/2/2024", "2024..2023", "soon"):
        assert (await say(f"/report {said}")).outcome is Outcome.MISUSED
