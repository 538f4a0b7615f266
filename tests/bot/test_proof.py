"""What billing's list proves of a payment whose answer got lost: only what is money, or may become it."""

import pytest

from bot.reply import Reply
from sandbox import ledger
from sandbox.orders import PaymentOrder as Receipt
from tests.stage import Desk, confirm_of, facts, message


def _word(reply: Reply) -> str:
    return reply.status.word if reply.status else ""


def _listed(desk: Desk, status: str) -> str:
    """A payment of 10 on 2024-001 that the list shows with this status; its id."""
    receipt, at = Receipt("2024-001", 1000, "cash"), desk.sandbox.options.now()
    number = ledger.record(desk.sandbox.books, receipt, at, reject_overpayment=False)
    with desk.sandbox.books.writing() as db:
        db.execute("UPDATE payments SET status = ? WHERE id = ?", (status, number))
    return str(number)


async def _lost(desk: Desk, *statuses: str) -> tuple[Reply, list[str]]:
    """The last reply to a payment that got lost while the list came to show these; and their ids."""
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    reply, listed = Reply(), list[str]()
    async for reply in desk.app.answer_to_the_end(message(confirm_of(draft))):
        if reply.state == "looking" and not listed:
            listed = [_listed(desk, status) for status in statuses]
    return reply, listed


def _posted(desk: Desk) -> int:
    return desk.sandbox.requests.count(("POST", "/payments"))


async def test_received_money_is_proof(desk: Desk) -> None:
    receipt, (payment,) = await _lost(desk, "Confirmed")
    assert receipt.title == f"Receipt: payment {payment}"
    assert not receipt.warnings


async def test_what_may_become_money_is_proof_and_is_told_as_what_it_is(desk: Desk) -> None:
    receipt, (payment,) = await _lost(desk, "pending")
    assert receipt.title == f"Receipt: payment {payment}"
    assert receipt.warnings == (
        f"Billing lists it as payment {payment}, with the status “pending”: that is not received money.",
    )


@pytest.mark.parametrize("status", ["failed", "refunded", "in review"])
async def test_what_is_no_money_is_no_proof_and_nothing_is_sent_again(desk: Desk, status: str) -> None:
    unknown, (payment,) = await _lost(desk, status)
    assert _word(unknown) == "unknown"
    assert unknown.warnings[1] == (
        f"Billing lists it as payment {payment}, with the status “{status}”: that is not received money."
    )
    refused = await desk.say(confirm_of(await desk.say("/pay 2024-001 11 cash")))
    assert "has an unknown outcome" in refused.text
    assert _posted(desk) == 1


async def test_a_failed_one_beside_a_received_one_leaves_it_open_which_is_ours(desk: Desk) -> None:
    unknown, _payments = await _lost(desk, "failed", "confirmed")
    assert _word(unknown) == "unknown"
    assert unknown.warnings[1] == "Billing's list has 2 new payments of this amount on this invoice."


async def test_an_admin_who_says_that_ours_is_the_failed_one_makes_no_receipt_of_it(desk: Desk) -> None:
    unknown, (payment,) = await _lost(desk, "failed")
    asked = await desk.say(f"/settle {unknown.subject}", "admin")
    assert asked.buttons[0].label == f"It is payment {payment}: failed"
    settled = await desk.say(asked.buttons[0].command, "admin")
    assert _word(settled) == "not received"
    assert settled.text.endswith("Look in the billing system before it is paid anew.")
    assert facts(settled)["Settled by"] == "Admin"
    again = await desk.say("/pay 2024-001 10 cash")
    assert "lately" in again.warnings[0]
    assert _posted(desk) == 1


async def test_an_admin_who_says_that_ours_is_the_pending_one_is_told_so_on_the_receipt(desk: Desk) -> None:
    unknown, (first, _second) = await _lost(desk, "pending", "pending")
    receipt = await desk.say(f"/settle {unknown.subject} {first}", "admin")
    assert receipt.title == f"Receipt: payment {first}"
    assert "“pending”" in receipt.warnings[0]
