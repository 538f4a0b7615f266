"""Who did what is written down, and read by admins only."""

import asyncio
import csv
import io
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.dates import now
from bot.message import Sender
from bot.reply import Outcome
from bot.store import Deed, Entry, Head, OrderState, Wanted
from bot.trail import By, writing
from bot.trail.records import record
from handlers import audit
from tests.stage import TEAM, Desk, OpenDesk, confirm_of


async def _rows(desk: Desk) -> list[Entry]:
    """Everything in the trail, what waits included."""
    await desk.app.services.trail._write()  # noqa: SLF001 - or the test would wait a second
    return [row async for row in desk.app.services.store.trail.all()]


async def _deeds(desk: Desk) -> list[str]:
    return [row.deed for row in await _rows(desk)]


@asynccontextmanager
async def _locked(desk: Desk) -> AsyncIterator[sqlite3.Connection]:
    """Nobody else can write to the database meanwhile. Who is writing just now needs this loop to come to an end."""
    path = desk.settings.database_url.removeprefix("sqlite:///")
    connect = partial(sqlite3.connect, path, timeout=30, isolation_level=None, check_same_thread=False)
    with closing(connect()) as db:
        await asyncio.to_thread(db.execute, "BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


async def _break(desk: Desk) -> None:
    """Take the trail's table away; the rest of the database is well."""
    async with _locked(desk) as db:
        db.execute("ALTER TABLE trail RENAME TO trail_away")


async def _mend(desk: Desk) -> None:
    async with _locked(desk) as db:
        db.execute("ALTER TABLE trail_away RENAME TO trail")


async def test_a_payment_leaves_its_whole_story(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 5320.50 card", chat=TEAM)
    await desk.say(confirm_of(draft), chat=TEAM)
    drafted, confirmed, verdict = await _rows(desk)
    assert [drafted.deed, confirmed.deed, verdict.deed] == [Deed.DRAFTED, Deed.CONFIRMED, Deed.VERDICT]
    for row in (drafted, confirmed, verdict):
        assert (row.subject, row.invoice, row.amount, row.currency) == (draft.subject, "2024-001", "5320.50", "RON")
    assert (confirmed.actor, confirmed.actor_name, confirmed.chat) == ("web:cashier", "Cashier", "web:team")
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert (verdict.actor, verdict.outcome, verdict.note) == ("casier", "recorded", str(payment))
    assert (await desk.app.services.trail.verify()).fault is None


async def test_what_is_taken_back_or_expires_is_written_too(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 1 card")
    await desk.say(f"/cancel {draft.subject}")
    await desk.say("/pay 2024-001 2 card")
    await desk.say("/cancel")
    assert await _deeds(desk) == ["drafted", "cancelled", "drafted", "cancelled", "asked"]


async def test_casier_itself_lets_a_draft_expire(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_draft_minutes=0.0001)
    await desk.say("/pay 2024-001 1 card")
    await asyncio.sleep(0.02)
    await desk.app.services.desk.sweep(timedelta())
    assert (await _rows(desk))[-1].deed == Deed.EXPIRED
    assert (await _rows(desk))[-1].actor == "casier"


@pytest.mark.parametrize(
    ("said", "who", "outcome"),
    [
        ("/pay 2024-001 1 card", "nobody", "stranger"),
        ("/pay 2024-001 1 card", "viewer", "forbidden"),
        ("/confirm 0000000000", "viewer", "forbidden"),
        ("/confirm 0000000000", "cashier", "late"),
        ("/cancel 0000000000", "cashier", "late"),
        ("/audit", "cashier", "forbidden"),
    ],
)
async def test_a_refusal_is_written_before_it_is_told(desk: Desk, said: str, who: str, outcome: str) -> None:
    assert (await desk.say(said, who)).outcome is Outcome.REFUSED
    (row,) = [row async for row in desk.app.services.store.trail.all()]
    assert (row.deed, row.actor, row.outcome) == (Deed.REFUSED, f"web:{who}", outcome)
    assert row.note == said.partition(" ")[0]
    assert not await desk.app.services.store.trail.count(Wanted(actors=("web:admin",)))


@pytest.mark.parametrize(
    ("said", "who", "what", "outcome"),
    [
        ("hello", "nobody", "was refused on a message", "unknown person"),
        ("CL-001", "viewer", "sent a message CL-001", "answered"),
        ("/pay 2024-001 1.234", "cashier", "asked /pay", "asked back"),
        ("/pay 2024-001 much", "cashier", "asked /pay", "asked back"),
        ("/customers a b=", "nobody", "was refused /customers", "unknown person"),
        ("/invoice 2024-404", "viewer", "asked /invoice", "no such thing"),
        ("/pay 2024-404 1 card", "cashier", "asked /pay", "no such thing"),
        ("/audit", "viewer", "was refused /audit", "role too low"),
    ],
)
async def test_an_auditor_reads_who_may_not_and_who_was_only_asked_back(
    desk: Desk, said: str, who: str, what: str, outcome: str
) -> None:
    await desk.say(said, who)
    await _rows(desk)
    page = await desk.say("/audit", "admin")
    assert page.table
    assert page.table.rows[0].cells[2::2] == (what, outcome)


async def test_a_question_that_billing_does_not_answer_is_no_refusal_of_the_person(desk: Desk) -> None:
    desk.sandbox.faults.add("GET", "/invoices/*", "unauthorized", times=1)
    await desk.say("/invoice 2024-001", "viewer")
    (row,) = await _rows(desk)
    assert (row.deed, row.outcome) == (Deed.ASKED, "keyrefused")


async def test_rows_of_before_read_as_those_of_now(desk: Desk) -> None:
    by = By(Sender("web", "viewer", "Viewer"))
    rows = [
        record(Deed.REFUSED, by, outcome="refused", note="/look"),
        record("asked", by, outcome="misused", note="/pay"),
    ]
    await desk.app.services.store.trail.append(rows)
    page = await desk.say("/audit", "admin")
    assert page.table
    assert [row.cells[2::2] for row in page.table.rows] == [
        ("asked /pay", "asked back"),
        ("was refused on a message", "refused"),
    ]


async def test_a_late_press_is_written_with_what_it_was_about(desk: Desk) -> None:
    confirm = confirm_of(await desk.say("/pay 2024-001 1 card"))
    await desk.say(confirm)
    await desk.say(confirm)
    refused = (await _rows(desk))[-1]
    assert (refused.deed, refused.outcome, refused.subject) == (Deed.REFUSED, "late", confirm.split()[1])


async def test_lookups_are_written_together_and_none_is_lost_at_the_end(open_desk: OpenDesk) -> None:
    desk = await open_desk()
    for _round in range(30):
        await desk.say("/id", "viewer")
    assert await desk.app.services.trail.head() == Head()
    await desk.app.services.trail.close()
    assert (await desk.app.services.trail.head()).number == 30


async def test_lookups_are_written_after_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PAUSE_SECONDS", 0.01)
    await desk.say("/id", "viewer")
    for _try in range(500):
        if (await desk.app.services.trail.head()).number:
            break
        await asyncio.sleep(0.01)
    (row,) = [row async for row in desk.app.services.store.trail.all()]
    assert (row.deed, row.actor, row.note, row.outcome) == (Deed.ASKED, "web:viewer", "/id", "answered")


async def test_many_lookups_are_not_kept_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PAUSE_SECONDS", 60)
    for _round in range(100):
        await desk.say("/id", "viewer")
    for _try in range(500):
        if (await desk.app.services.trail.head()).number:
            break
        await asyncio.sleep(0.01)
    assert (await desk.app.services.trail.head()).number == 100


@pytest.mark.parametrize(
    ("said", "note", "invoice"),
    [
        ("/invoice 2024-001", "/invoice", "2024-001"),
        ("2024-001", "message", "2024-001"),
        ("/customer CL-001", "/customer CL-001", ""),
        ("CL-001", "message CL-001", ""),
        ("/customers Premium", "/customers", ""),
        ("Client Premium, 0722 123 456", "message", ""),
        ("/invoice Premium", "/invoice", ""),
        ("/payments 2024-001", "/payments", "2024-001"),
        ("/nonsense Premium", "", ""),
    ],
)
async def test_a_lookup_is_written_without_anybodys_words(desk: Desk, said: str, note: str, invoice: str) -> None:
    await desk.say(said, "viewer")
    (row,) = await _rows(desk)
    assert (row.note, row.invoice) == (note, invoice)
    assert not any(
        "Premium" in str(getattr(row, name)) or "0722" in row.note for name in ("note", "invoice", "outcome")
    )


async def test_a_confirmation_that_cannot_be_written_is_not_sent(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.post("/id")
    await _break(desk)
    refused = await desk.say(confirm_of(draft))
    assert refused.outcome is Outcome.REFUSED
    assert "could not be written to the audit trail, so nothing was sent" in refused.text
    assert desk.sandbox.requests.count(("POST", "/payments")) == 0
    order = await desk.app.services.store.orders.get(draft.subject or "")
    assert order
    assert order.state is OrderState.DRAFT
    await _mend(desk)
    told = [(row.deed, row.outcome) for row in await _rows(desk)]
    assert told == [("drafted", "draft"), ("asked", "answered"), ("refused", "unwritten")]
    assert (await desk.say(confirm_of(draft))).title.startswith("Receipt")


async def test_a_verdict_that_cannot_be_written_is_told_and_written_later(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.3)
    confirming = asyncio.create_task(desk.say(confirm_of(draft)))
    while ("POST", "/payments") not in desk.sandbox.requests:
        await asyncio.sleep(0.01)
    await _break(desk)
    assert (await confirming).title.startswith("Receipt")
    await _mend(desk)
    assert await _deeds(desk) == ["drafted", "confirmed", "verdict"]
    assert (await desk.app.services.trail.verify()).fault is None


async def test_lookups_wait_for_a_database_that_fails_but_not_without_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MOST_ASKED", 5)
    monkeypatch.setattr(writing, "_PAUSE_SECONDS", 0.01)
    await _break(desk)
    for _round in range(8):
        assert (await desk.say("/id", "viewer")).outcome is Outcome.ANSWERED
        await asyncio.sleep(0.02)
    await _mend(desk)
    assert await _deeds(desk) == ["asked"] * 5


async def test_an_answer_does_not_wait_for_the_trail(desk: Desk) -> None:
    await desk.say("/invoice 2024-001", "viewer")
    async with _locked(desk):
        started = now()
        await desk.say("/invoice 2024-001", "viewer")
        assert now() - started < timedelta(seconds=1)


async def test_admins_read_it_the_newest_first_and_by_pages(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.say(confirm_of(draft))
    for _round in range(8):
        await desk.say("/id", "viewer")
    await _rows(desk)
    page = await desk.say("/audit", "admin")
    assert page.private
    assert page.table
    assert [column.label for column in page.table.columns] == ["When", "Who", "What", "About", "Outcome"]
    assert page.table.rows[0].cells[1:] == ("Viewer", "asked /id", "—", "answered")
    second = await desk.say(page.table.following or "", "admin")
    assert second.in_place
    assert second.table
    cells = [row.cells[1:] for row in second.table.rows[-3:]]
    assert [tuple(cell.replace("\xa0", " ") for cell in row) for row in cells] == [
        ("Casier", "told the verdict", "2024-001, RON 10.00", "recorded"),
        ("Cashier", "confirmed it", "2024-001, RON 10.00", "held"),
        ("Cashier", "drafted a payment", "2024-001, RON 10.00", "waits"),
    ]
    assert second.table.rows[-1].command == "/invoice 2024-001"


@pytest.mark.parametrize("who", ["nobody", "viewer", "cashier", "approver"])
@pytest.mark.parametrize("said", ["/audit", "/audit today", "/audit_file"])
async def test_nobody_else_reads_it(desk: Desk, who: str, said: str) -> None:
    refused = await desk.say(said, who)
    assert refused.outcome is Outcome.REFUSED
    assert refused.table is None
    assert not refused.files


@pytest.mark.parametrize(
    ("about", "count"),
    [
        ("web:colleague", 1),
        ("coll", 1),
        ("Cashier", 2),
        ("2024-001", 3),
        ("today", 3),
        ("2020-01-01", 0),
        ("100%", 0),
        ("_", 0),
        ("nobody at all", 0),
    ],
)
async def test_it_is_found_by_person_invoice_or_day(desk: Desk, about: str, count: int) -> None:
    for who in ("cashier", "cashier", "colleague"):
        await desk.say("/pay 2024-001 1 card", who)
    page = await desk.say(f"/audit {about}", "admin")
    assert len(page.table.rows if page.table else ()) == count
    assert page.title == f"Trail: {about}"
    read = _read((await desk.say(f"/audit_file {about}", "admin")).files[0].content)
    assert len([row for row in read if row["deed"] == "drafted"]) == count


async def test_a_day_is_the_readers(desk: Desk) -> None:
    await desk.say("/pay 2024-001 1 card")
    day = now().astimezone(desk.settings.conventions.timezone).date()
    assert (await desk.say(f"/audit {day}", "admin")).table
    assert not (await desk.say(f"/audit {day - timedelta(days=1)}", "admin")).table


def _read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


async def test_the_button_gives_the_file_and_says_what_is_left_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_MOST_ROWS", 2)
    for amount in (1, 2, 3):
        await desk.say(f"/pay 2024-001 {amount} card")
    page = await desk.say("/audit 2024-001", "admin")
    file = await desk.say(page.buttons[0].command, "admin")
    assert file.text == "The trail as a file: 2 rows."
    assert file.notes[0].startswith("There are 3 in all; these are the newest.")
    assert file.files[0].name == "audit.csv"
    assert [row["amount"] for row in _read(file.files[0].content)] == ["3.00", "2.00"]


async def test_a_word_that_we_do_not_know_is_shown_as_it_is(desk: Desk) -> None:
    actor = Sender("web", "admin", "Admin")
    await desk.app.services.trail.access(By(actor, TEAM), whose="telegram:7", outcome="viewer")
    page = await desk.say("/audit web:admin", "admin")
    assert page.table
    assert page.table.rows[0].cells[1:] == ("Admin", "changed access telegram:7", "—", "viewer")


async def test_payments_name_who_had_them_recorded_here(desk: Desk) -> None:
    before = await desk.say("/payments")
    assert before.table
    assert [column.label for column in before.table.columns] == ["Invoice", "When", "Amount", "Status"]
    await desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash")))
    after = await desk.say("/payments")
    assert after.table
    assert after.table.columns[-1].label == "By"
    assert {row.cells[-1] for row in after.table.rows} == {"Cashier", "—"}
    ours = await desk.say("/payments 2024-001")
    assert ours.table
    assert ours.table.rows[0].cells[-1] == "Cashier"


async def test_the_newest_hash_is_put_into_a_file(open_desk: OpenDesk, tmp_path: Path) -> None:
    kept = tmp_path / "head"
    desk = await open_desk(audit_head_file=str(kept))
    await desk.say("/pay 2024-001 1 card")
    for _try in range(500):
        if kept.exists():
            break
        await asyncio.sleep(0.01)
    assert Head.read(kept.read_text()) == await desk.app.services.trail.head()
    await desk.say("/pay 2024-001 1 card")
    await desk.app.services.trail.close()
    head = Head.read(kept.read_text())
    assert head == await desk.app.services.trail.head()
    assert (await desk.app.services.trail.verify(head)).fault is None
    assert [name for name in os.listdir(tmp_path) if "head" in name] == ["head"]  # noqa: PTH208 - no await in between


async def test_a_head_that_cannot_be_written_stops_nobody(open_desk: OpenDesk, tmp_path: Path) -> None:
    desk = await open_desk(audit_head_file=str(tmp_path / "no" / "head"))
    assert (await desk.say("/pay 2024-001 1 card")).outcome is Outcome.ANSWERED
    await desk.app.services.trail.close()
    assert await _deeds(desk) == ["drafted"]


async def test_a_tail_that_is_cut_while_it_runs_is_logged(desk: Desk, lines: io.StringIO) -> None:
    await desk.say("/pay 2024-001 1 card")
    async with _locked(desk) as db:
        db.execute("DROP TRIGGER trail_no_delete")
        db.execute("DELETE FROM trail")
    lines.truncate(0)
    lines.seek(0)
    await desk.say("/pay 2024-001 1 card")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["event"] for line in logged if line["level"] == "error"] == ["trail.cut"]
    (written,) = [line for line in logged if line["event"] == "trail"]
    assert Head(written["number"], written["hash"]) == await desk.app.services.trail.head()


async def test_every_decision_of_a_second_person_is_in_it(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000)
    first = await desk.say(confirm_of(await desk.say("/pay 2024-001 2000 card")))
    await desk.say(f"/reject {first.subject} wrong invoice", "approver")
    second = await desk.say(confirm_of(await desk.say("/pay 2024-001 3000 card")))
    await desk.say(f"/approve {second.subject}", "approver")
    told = [(row.deed, row.actor, row.outcome) for row in await _rows(desk) if row.deed != "asked"]
    assert told == [
        ("drafted", "web:cashier", "draft"),
        ("confirmed", "web:cashier", "awaiting"),
        ("rejected", "web:approver", "rejected"),
        ("drafted", "web:cashier", "draft"),
        ("confirmed", "web:cashier", "awaiting"),
        ("approved", "web:approver", "held"),
        ("verdict", "casier", "recorded"),
    ]


async def test_an_undo_and_a_settled_unknown_one_are_in_it(open_desk: OpenDesk) -> None:
    held = await open_desk(payment_hold_seconds=60)
    draft = await held.say("/pay 2024-001 10 card")
    await held.post(confirm_of(draft))
    await held.say(f"/undo {draft.subject}")
    assert await _deeds(held) == ["drafted", "confirmed", "undone"]
    await held.app.services.desk.close()
    desk = await open_desk(held.sandbox)
    desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    unknown = await desk.say(confirm_of(await desk.say("/pay 2024-001 20 card")))
    await desk.say(f"/settle {unknown.subject} never", "admin")
    rows = [(row.deed, row.outcome, row.note) for row in await _rows(desk) if row.subject == unknown.subject]
    assert rows[-2:] == [("verdict", "unknown", "card"), ("settled", "absent", "never arrived")]
