"""Whatever happens on the way, there is an answer, in order, and one line in the log."""

import asyncio
import io
import json
import logging
import sqlite3
from contextlib import closing

import pytest

from bot.access import Role
from bot.arguments import SearchText
from bot.context import Context
from bot.logs import set_up_logs
from bot.message import CardRef, Chat
from bot.refusals import NotAnswering
from bot.reply import Outcome, Reply
from bot.words import _
from tests.stage import Desk, OpenDesk, confirm_of, facts, message

LOOKUPS = ("/invoice 2024-001", "/payments", "/customers", "/customer CL-001", "/invoices CL-001")


def add_command(desk: Desk, handler: object, role: Role = Role.VIEWER) -> None:
    """Teach the bot one more command."""
    desk.app.services.router.command(role=role)(handler)  # type: ignore[type-var]  # a handler, as the caller knows


async def test_a_bug_is_an_answer_with_an_id_that_the_log_has_too(desk: Desk, lines: io.StringIO) -> None:
    async def broken(ctx: Context) -> Reply:
        """Break."""
        secret_of_the_customer = ctx.message.sender.name
        raise ZeroDivisionError(len(secret_of_the_customer))

    add_command(desk, broken)
    reply = await desk.say("/broken")
    assert reply.outcome is Outcome.FAILED
    assert "Traceback" not in reply.text
    trace = reply.text.rsplit(" ", 1)[-1]
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    failed, answered = (line for line in logged if line.get("id") == trace)
    assert (failed["event"], answered["event"], answered["outcome"]) == ("failed", "answered", "failed")
    assert "ZeroDivisionError" in failed["exception"]
    assert "Cashier" not in lines.getvalue()


async def test_one_line_a_message_with_no_words_of_anybody(desk: Desk, lines: io.StringIO) -> None:
    await desk.say("/pay 2024-001 77.31 card EUP-my-reference")
    await desk.say("/customer CL-001")
    await desk.say("/customers premium")
    await desk.say("2024-404")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    answered = [line for line in logged if line["event"] == "answered"]
    assert [line["command"] for line in answered] == ["pay", "customer", "customers", "look"]
    assert [line["outcome"] for line in answered] == ["answered", "answered", "answered", "refused"]
    assert all(line["ms"] >= 0 and line["platform"] == "web" and len(line["id"]) == 8 for line in answered)
    for secret in ("sandbox-key", "Premium", "premium", "client@example.com", "EUP-my", "77.31", "Cashier", "+40"):
        assert secret not in lines.getvalue(), secret


async def test_a_secret_in_a_librarys_line_is_hidden(lines: io.StringIO) -> None:
    logging.getLogger("somebody").warning("sent %s to %s", "sandbox-key", "x")
    assert "sandbox-key" not in lines.getvalue()
    assert "sent [hidden] to x" in lines.getvalue()


def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    set_up_logs("INFO", "console", ["s3cret"])
    try:
        logging.getLogger("somebody").info("hello s3cret")
    finally:
        logging.getLogger().handlers = before
        logging.getLogger().setLevel(logging.WARNING)
    line = capsys.readouterr().err
    assert "hello [hidden]" in line
    assert not line.startswith("{")


async def test_an_admin_reads_what_there_is_to_mend_and_nobody_else_does(desk: Desk) -> None:
    desk.sandbox.faults.add("GET", "/payments", "unauthorized", times=2)
    assert (await desk.say("/payments")).text == "The billing system refuses our key. Please tell an admin."
    assert "BILLING_API_KEY" in (await desk.say("/payments", "admin")).text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("error-before-commit", "The billing system does not answer right now. Please try again in a minute."),
        ("too-many", "The billing system is busy right now. Please try again in a minute."),
        ("wrong-json", "The billing system's answer can't be understood. Please tell an admin."),
        ("wrong-shape", "The billing system's answer can't be understood. Please tell an admin."),
        ("redirect", "The billing system's answer can't be understood. Please tell an admin."),
        ("unauthorized", "The billing system refuses our key. Please tell an admin."),
    ],
)
async def test_every_failure_of_billing_is_told_in_the_readers_words(desk: Desk, fault: str, told: str) -> None:
    desk.sandbox.faults.add("GET", "*", fault, times=50)
    replies = await asyncio.gather(*(desk.say(asked, chat=Chat("web", asked)) for asked in LOOKUPS))
    assert [reply.text for reply in replies] == [told] * len(LOOKUPS)
    assert {reply.outcome for reply in replies} == {Outcome.REFUSED}


async def test_a_billing_system_that_never_answers_is_told_so_in_time(open_desk: OpenDesk) -> None:
    desk = await open_desk(billing_read_seconds=0.2, billing_deadline_seconds=0.5)
    desk.sandbox.faults.add("GET", "*", "hang", times=50)
    for asked in ("/invoice 2024-001", "/payments"):
        reply = await asyncio.wait_for(desk.say(asked), 5)
        assert reply.text == "The billing system does not answer right now. Please try again in a minute."


@pytest.mark.parametrize("fault", ["drop-before-commit", "error-before-commit", "half-body"])
async def test_a_passing_failure_is_not_noticed(desk: Desk, fault: str) -> None:
    for asked in LOOKUPS:
        desk.sandbox.faults.add("GET", "*", fault)
        assert (await desk.say(asked)).outcome is Outcome.ANSWERED, asked
        assert len(desk.sandbox.faults) == 0, asked


async def test_one_persons_messages_are_answered_in_order_and_others_meanwhile(desk: Desk) -> None:
    begun, may_end, order = asyncio.Event(), asyncio.Event(), []

    async def slow(ctx: Context, text: SearchText) -> Reply:
        """Take a while."""
        begun.set()
        if text == "first":
            await may_end.wait()
        order.append(text)
        return Reply(text=text)

    add_command(desk, slow)
    first = asyncio.create_task(desk.say("/slow first"))
    await asyncio.wait_for(begun.wait(), 5)
    second = asyncio.create_task(desk.say("/slow second"))
    assert (await asyncio.wait_for(desk.say("/slow colleague", "colleague"), 5)).text == "colleague"
    assert (await asyncio.wait_for(desk.say("/slow elsewhere", chat=Chat("web", "2")), 5)).text == "elsewhere"
    may_end.set()
    await asyncio.wait_for(asyncio.gather(first, second), 5)
    assert order == ["colleague", "elsewhere", "first", "second"]


async def test_a_page_takes_the_place_of_its_card_and_a_link_does_not(desk: Desk) -> None:
    await desk.post("/customers")
    card, listed = desk.wall.newest
    assert listed.table
    await desk.post(listed.table.following or "", card=card)
    assert len(desk.wall.cards) == 1
    assert desk.wall.cards[card][-1].table != listed.table
    await desk.post(listed.table.rows[0].command or "", card=card)
    assert len(desk.wall.cards) == 2


async def test_a_page_of_a_card_that_is_gone_is_a_new_card(desk: Desk) -> None:
    await desk.post("/customers page=2", card=CardRef(Chat("web", "cashier"), "gone"))
    assert len(desk.wall.cards) == 1


async def test_the_menu_is_what_a_role_may_ask_for(desk: Desk) -> None:
    assert [usage for usage, _purpose in desk.app.menu(message("", "nobody").sender)] == ["/id", "/link [code]"]
    usages = [usage for usage, _purpose in desk.app.menu(message("", "cashier").sender)]
    assert "/pay <invoice> [amount] [card|cash|transfer] [reference]" in usages
    assert not any(usage.startswith(("/confirm", "/look")) for usage in usages)


async def test_the_watch_goes_on_after_a_bad_round(desk: Desk, lines: io.StringIO) -> None:
    with closing(sqlite3.connect(desk.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)) as books:
        books.execute("ALTER TABLE payment_orders RENAME TO elsewhere")
        watching = asyncio.create_task(desk.app.watch())
        async with asyncio.timeout(5):
            while "desk.watch" not in lines.getvalue():
                await asyncio.sleep(0.01)
        assert not watching.done()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_refusal_says_more_to_admins_only_where_there_is_more() -> None:
    refusal = NotAnswering()
    assert "no reason given" in refusal.for_admins
    assert _("Invoice") == "Invoice"


async def test_names_seen_once_are_shown_without_another_call(desk: Desk) -> None:
    assert facts(await desk.say("/invoice 2024-001"))["Customer"] == "CL-001"
    await desk.say("/customers")
    desk.sandbox.requests.clear()
    assert facts(await desk.say("/invoice 2024-001"))["Customer"] == "Client Premium (CL-001)"
    assert desk.sandbox.requests == [("GET", "/invoices/2024-001")]


async def test_the_log_tells_who_was_asked_to_approve_before_a_restart(open_desk: OpenDesk, lines: io.StringIO) -> None:
    desk = await open_desk(approval_limit=1000)
    await desk.post("/pay 2024-001 2000 cash")
    card, draft = desk.wall.newest
    await desk.post(confirm_of(draft), card=card)
    desk.app.services.desk._approvals._asked.clear()  # noqa: SLF001 - as a start finds it
    await desk.app.services.desk.recover()
    logged = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "payment.approval"]
    assert [(line["may"], line["asked_before"], line["asked_now"]) for line in logged] == [(2, 0, 2), (2, 2, 0)]
    assert {line["level"] for line in logged} == {"info"}
