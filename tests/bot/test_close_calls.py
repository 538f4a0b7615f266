"""Close calls: what happens seldom, at a bad moment, and would cost somebody money."""

from datetime import timedelta

from bot.reply import Outcome, Reply
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


async def test_what_the_list_shows_by_now_never_arrived_only_for_who_has_seen_it(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    unknown = await desk.say(confirm_of(draft))
    assert _word(unknown) == "unknown"
    asked = await desk.say(f"/settle {unknown.subject}", "admin")
    assert [button.label for button in asked.buttons] == ["It never arrived"]
    late = _pay_elsewhere(desk, 1000)
    again = await desk.say(asked.buttons[0].command, "admin")
    assert _word(again) == "unknown"
    assert [button.label for button in again.buttons] == [
        f"It is payment {late}",
        "It never arrived, none of these is it",
    ]
    later = _pay_elsewhere(desk, 1000)
    assert _word(await desk.say(again.buttons[-1].command, "admin")) == "unknown"
    seen = await desk.say(f"/settle {unknown.subject}", "admin")
    assert f"It is payment {later}" in [button.label for button in seen.buttons]
    assert _word(await desk.say(seen.buttons[-1].command, "admin")) == "never arrived"


async def test_a_press_that_insists_counts_for_the_doubts_that_it_was_shown(desk: Desk) -> None:
    insisting = await desk.say(confirm_of(await desk.say("/pay 2024-001 6000 cash")))
    old = confirm_of(insisting)
    _pay_elsewhere(desk, 600000)
    first = await desk.say(old)
    assert _word(first) == "look again"
    assert "This invoice is paid already." in first.warnings
    assert _word(await desk.say(old)) == "look again"
    assert not [post for post in desk.sandbox.requests if post[0] == "POST"]
    assert _word(await desk.say(confirm_of(first))) == "recorded"


async def test_a_press_that_insists_counts_for_the_balance_that_it_was_shown(desk: Desk) -> None:
    insisting = await desk.say(confirm_of(await desk.say("/pay 2024-001 6000 cash")))
    _pay_elsewhere(desk, 500000)
    again = await desk.say(confirm_of(insisting))
    assert [warning.replace("\xa0", " ") for warning in again.warnings] == [
        "This is more than the RON 320.50 that is left to pay."
    ]
    assert _word(again) == "look again"


async def test_who_types_that_they_insist_has_read_the_card(desk: Desk) -> None:
    insisting = await desk.say(confirm_of(await desk.say("/pay 2024-001 6000 cash")))
    assert (await desk.say(f"/confirm {insisting.subject} anyhow")).outcome is Outcome.MISUSED
    assert _word(await desk.say(f"/confirm {insisting.subject} ANYWAY")) == "recorded"


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


async def test_an_approver_is_shown_what_has_become_odd_meanwhile(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=100)
    awaiting = await desk.say(confirm_of(await desk.say("/pay 2024-001 5320.50 cash")))
    assert _word(awaiting) == "needs a second person"
    _pay_elsewhere(desk, 532050)
    again = await desk.say(f"/approve {awaiting.subject}", "approver")
    assert "This invoice is paid already." in again.warnings
    assert _word(again) == "look again"
    assert _word(await desk.say(f"/approve {awaiting.subject}", "approver")) == "look again"
    approve = next(button.command for button in again.buttons if button.command.startswith("/approve"))
    assert _word(await desk.say(approve, "approver")) == "recorded"


async def test_a_list_that_cannot_be_read_is_said_and_costs_no_press(desk: Desk) -> None:
    assert _word(await desk.insist("/pay 2024-001 10 cash")) == "recorded"
    desk.sandbox.faults.add("GET", "/payments", "error-before-commit", times=8, status=500)
    first = await desk.say("/pay 2024-001 20 cash")
    assert [warning.partition(":")[0] for warning in first.warnings] == ["Billing's list could not be read in time"]
    twin = await desk.say("/pay 2024-001 10 cash", "colleague")
    assert twin.warnings[1].startswith("The same amount was recorded on this invoice lately")
    desk.sandbox.faults.clear()
    assert _word(await desk.say(confirm_of(first))) == "recorded"


async def test_a_draft_of_a_colleague_is_not_called_under_way(desk: Desk) -> None:
    await desk.say("/pay 2024-001 10 cash")
    (warning,) = (await desk.say("/pay 2024-001 20 cash", "colleague")).warnings
    assert warning.startswith("Another payment on this invoice is drafted, and not confirmed, by Cashier, ")
