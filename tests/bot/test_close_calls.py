"""Close calls: what happens seldom, at a bad moment, and would cost somebody money."""

from datetime import timedelta

import pytest

from bot.reply import Reply
from sandbox import ledger
from sandbox.orders import PaymentOrder as Receipt
from tests.stage import Desk, OpenDesk, confirm_of, message


def _word(reply: Reply) -> str:
    return reply.status.word if reply.status else ""


def _pay_elsewhere(desk: Desk, bani: int, days_ago: int = 0) -> str:
    """Somebody records a payment without the bot; its id."""
    receipt, day = Receipt("2024-001", bani, "cash"), desk.sandbox.options.now() - timedelta(days=days_ago)
    return str(ledger.record(desk.sandbox.books, receipt, day, reject_overpayment=False))


async def _confirmed_before_a_short_list(desk: Desk, press: str) -> Reply:
    """The last reply to a press after which billing's list is empty once, and the payment's answer gets lost."""
    reply = Reply()
    async for reply in desk.app.answer_to_the_end(message(press)):
        if reply.state == "held":
            desk.sandbox.faults.add("GET", "/payments", "wrong-shape", body='{"data": []}')
            desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    return reply


async def test_an_answer_that_names_an_older_payment_proves_nothing(desk: Desk) -> None:
    older = _pay_elsewhere(desk, 1000)
    draft = await desk.say("/pay 2024-001 10 cash")
    body = f'{{"message": "Plata a fost înregistrată.", "payment_id": {older}}}'
    desk.sandbox.faults.add("POST", "/payments", "wrong-json", body=body)
    insisting = await desk.say(confirm_of(draft))
    receipt = await desk.say(confirm_of(insisting))
    ((newest,),) = desk.sandbox.books.query("SELECT max(id) FROM payments")
    assert str(newest) != older
    assert receipt.title == f"Receipt: payment {newest}"


async def test_a_list_that_comes_short_makes_no_payment_of_before_ours(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_hold_seconds=0.5)
    _pay_elsewhere(desk, 1000)
    insisting = await desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash")))
    assert "lately" in insisting.warnings[0]
    assert _word(await _confirmed_before_a_short_list(desk, confirm_of(insisting))) == "unknown"


async def test_a_list_that_comes_short_makes_no_payment_of_long_ago_ours(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_hold_seconds=0.5)
    _pay_elsewhere(desk, 1000, days_ago=9)
    draft = await desk.say("/pay 2024-001 10 cash")
    assert not draft.warnings
    assert _word(await _confirmed_before_a_short_list(desk, confirm_of(draft))) == "unknown"
