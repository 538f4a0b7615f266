"""Paying: asked for, confirmed once, told truly, and in the books exactly once."""

import asyncio

import pytest

from sandbox import SandboxOptions
from tests.surfaces.conftest import OpenDesk
from tests.surfaces.desk import PAYER, Can, Card, Desk, Where

WHOLE = (532050, "card", "EUP123456789")


def statuses(card: Card) -> list[str]:
    """What a payment's card has said of it, one look after the other."""
    return [look.lines[1] for look in card.looks]


async def test_a_payment_is_asked_for_confirmed_and_receipted(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 5320.50 card EUP123456789")
    assert draft.lines[:-1] == [
        "Pay RON 5,320.50 on 2024-001?",
        "not sent yet",
        "Invoice: 2024-001",
        "Customer: Client Premium (CL-001)",
        "Amount: RON 5,320.50",
        "Method: card",
        "Reference: EUP123456789",
        "Left to pay now: RON 5,320.50",
        "Left to pay after: RON 0.00",
    ]
    assert draft.lines[-1].startswith("Can be confirmed until ")
    assert {"Confirm", "Cancel"} <= set(draft.buttons)
    assert desk.paid() == []
    receipt = await desk.confirm(draft)
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert receipt.lines[:-1] == [
        f"Receipt: payment {payment}",
        "recorded",
        "Invoice: 2024-001",
        "Customer: Client Premium (CL-001)",
        "Amount: RON 5,320.50",
        "Method: card",
        "Reference: EUP123456789",
        "Left to pay: RON 0.00",
    ]
    assert receipt.lines[-1].startswith(f"By: {desk.name_of(PAYER)}, ")
    assert not {"Confirm", "Cancel"} & set(receipt.buttons)
    assert desk.paid() == [WHOLE]
    assert desk.posted == 1
    invoice = await desk.press(receipt, "Invoice")
    assert invoice.lines[1] == "paid"
    assert invoice.facts["Left to pay"] == "RON 0.00"
    assert not [label for label in invoice.buttons if label.startswith("Pay ")]


@pytest.mark.needs(Can.REDRAW)
async def test_the_draft_becomes_its_receipt_where_it_is(desk: Desk) -> None:
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.1)
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.confirm(draft)
    assert list(dict.fromkeys(statuses(draft))) == ["not sent yet", "being recorded…", "recorded"]
    assert draft.lines[0].startswith("Receipt: payment ")
    assert len(desk.cards()) == 1


async def test_a_reference_is_made_and_printed_where_none_is_given(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    reference = draft.facts["Reference"]
    assert reference.startswith("CASIER-")
    receipt = await desk.confirm(draft)
    assert receipt.facts["Reference"] == reference
    assert receipt.facts["Left to pay"] == "RON 5,310.50"
    assert desk.paid() == [(1000, "cash", reference)]


async def test_a_reference_may_have_spaces_and_marks(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 12,50 TRANSFER “OP 7 <b>_*” & co")
    assert (draft.facts["Reference"], draft.facts["Method"]) == ("OP 7 <b>_* & co", "transfer")
    receipt = await desk.confirm(draft)
    assert receipt.facts["Reference"] == "OP 7 <b>_* & co"
    assert desk.paid() == [(1250, "transfer", "OP 7 <b>_* & co")]


async def test_pay_with_an_invoice_alone_offers_the_rest_by_every_method(desk: Desk) -> None:
    asked = await desk.say("/pay 2024-001")
    assert asked.lines == [
        "Pay invoice 2024-001",
        "Choose how the rest is paid, or type an amount.",
        "Customer: Client Premium (CL-001)",
        "Left to pay: RON 5,320.50",
    ]
    for method in ("card", "cash", "transfer"):
        assert f"RON 5,320.50 by {method}" in asked.buttons
    draft = await desk.press(asked, "RON 5,320.50 by transfer")
    assert (draft.facts["Amount"], draft.facts["Method"]) == ("RON 5,320.50", "transfer")
    await desk.confirm(draft)
    assert [paid[:2] for paid in desk.paid()] == [(532050, "transfer")]


async def test_an_amount_asked_back_is_typed_bare_and_its_method_pressed(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    asked = await desk.say("1.200,50")
    assert asked.lines == ["Pay invoice 2024-001", "How is it paid?"]
    assert [label for label in asked.buttons if label.startswith("RON")] == [
        "RON 1,200.50 by card",
        "RON 1,200.50 by cash",
        "RON 1,200.50 by transfer",
    ]
    draft = await desk.press(asked, "RON 1,200.50 by cash")
    await desk.confirm(draft)
    assert [paid[:2] for paid in desk.paid()] == [(120050, "cash")]


async def test_a_bare_amount_may_bring_its_method_and_reference(desk: Desk) -> None:
    invoice = await desk.say("2024-001")
    await desk.press(invoice, "Pay RON")
    draft = await desk.say("25 card EUP 7")
    assert draft.facts["Amount"] == "RON 25.00"
    assert (draft.facts["Method"], draft.facts["Reference"]) == ("card", "EUP 7")


async def test_saying_something_else_ends_the_question(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    assert (await desk.say("CL-001")).lines[0] == "Client Premium"
    assert (await desk.say("25")).lines == ["There is no invoice and no customer 25."]


async def test_pay_without_a_method_asks_for_it(desk: Desk) -> None:
    asked = await desk.say("/pay INV1 7,5")
    assert asked.lines == ["Pay invoice 2024-001", "How is it paid?"]
    draft = await desk.press(asked, "RON 7.50 by card")
    assert draft.lines[0] == "Pay RON 7.50 on 2024-001?"


async def test_an_amount_with_two_readings_is_asked_back_and_never_guessed(desk: Desk) -> None:
    asked = await desk.say("/pay 2024-001 1,234 card EUP 1,234")
    assert asked.lines == ["“1,234” can be read in two ways. Which one do you mean?"]
    assert asked.buttons == ["RON 1,234.00", "RON 1.23 (rounded)"]
    draft = await desk.press(asked, "RON 1,234.00")
    assert (draft.facts["Amount"], draft.facts["Reference"]) == ("RON 1,234.00", "EUP 1,234")
    other = await desk.press(asked, "RON 1.23")
    assert other.facts["Amount"] == "RON 1.23"
    assert desk.posted == 0


async def test_an_amount_asked_back_may_have_two_readings_too(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    asked = await desk.say("1.234")
    assert asked.lines == ["“1.234” can be read in two ways. Which one do you mean?"]
    assert (await desk.press(asked, "RON 1,234.00")).lines == ["Pay invoice 2024-001", "How is it paid?"]


async def test_amounts_are_understood_as_people_write_them(desk: Desk) -> None:
    for amount in (
        "5320.50",
        "5320,50",
        "5.320,50",
        "5 320,50",
        "5\u00a0320,50",
        "5,320.50",
        "ron 5320.50",
        "5320.5 lei",
    ):
        draft = await desk.say(f"/pay 2024-001 {amount} card")
        assert draft.facts["Amount"] == "RON 5,320.50", amount
    for amount, why in (
        ("0", "zero"),
        ("-5", "negative"),
        ("1e3", "no amount"),
        ("5.005", "two ways"),
        ("EUR 5", "RON"),
    ):
        assert why in (await desk.say(f"/pay 2024-001 {amount} card")).lines[0], amount
    refused = await desk.say("/pay 2024-001 5 crypto")
    assert refused.lines[0].startswith("“crypto” is no payment method here: card, cash, transfer.")
    assert (await desk.say("/pay 2024-404 1 cash")).lines == ["There is no invoice 2024-404."]
    assert desk.posted == 0


async def test_a_cancelled_payment_is_never_sent(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    cancelled = await desk.press(draft, "Cancel")
    assert cancelled.lines[:3] == ["Payment of RON 10.00 on 2024-001", "cancelled", "Nothing was sent."]
    assert not {"Confirm", "Cancel"} & set(cancelled.buttons)
    assert (await desk.say("/cancel")).lines == ["Nothing of yours is waiting to be confirmed."]
    assert desk.paid() == []
    assert desk.posted == 0


async def test_cancel_alone_takes_back_all_that_waits(desk: Desk) -> None:
    drafts = [await desk.say(f"/pay 2024-001 {amount} cash") for amount in (10, 20)]
    assert (await desk.say("/cancel")).lines == ["2 payments cancelled. Nothing was sent."]
    told = [draft.carries("Confirm") for draft in drafts if "Confirm" in draft.buttons]
    for command in told:
        assert (await desk.say(command)).lines == ["This payment was cancelled before. Nothing was sent."]
    assert desk.posted == 0


@pytest.mark.needs(Can.REDRAW)
async def test_cancel_alone_is_shown_on_every_card(desk: Desk) -> None:
    drafts = [await desk.say(f"/pay 2024-001 {amount} cash") for amount in (10, 20)]
    await desk.say("/cancel")
    assert [draft.lines[1] for draft in drafts] == ["cancelled", "cancelled"]
    assert not [label for draft in drafts for label in draft.buttons if label in ("Confirm", "Cancel")]


@pytest.mark.needs(Can.REDRAW)
async def test_a_double_press_pays_once_and_the_second_is_told_so(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await asyncio.gather(desk.touch(draft, "Confirm"), desk.touch(draft, "Confirm"))
    await desk.until(lambda: draft.lines[1] == "recorded" and len(desk.cards()) == 2)
    again = " ".join(desk.cards()[1].lines)
    assert "only once" in again
    assert desk.paid() == [(1000, "cash", "REF")]
    assert desk.posted == 1


async def test_a_press_repeated_later_sends_nothing(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    confirm = draft.looks[0].buttons["Confirm"]
    receipt = await desk.confirm(draft)
    payment = receipt.lines[0].removeprefix("Receipt: payment ")
    for _time in range(2):
        again = await desk.say(confirm)
        assert again.lines == [f"This payment is recorded already, as {payment}. It was sent only once."]
    assert desk.posted == 1


async def test_a_made_up_id_confirms_nothing(desk: Desk) -> None:
    for command in ("/confirm 0000000000", "/cancel 0000000000"):
        assert (await desk.say(command)).lines == ["This payment is not known here."]
    assert (await desk.say("/confirm")).lines[0] == "“payment” is missing."
    assert desk.posted == 0


async def test_odd_payments_are_warned_of_and_still_possible(desk: Desk) -> None:
    too_much = await desk.say("/pay 2024-001 6000 card REF")
    assert "This is more than the RON 5,320.50 that is left to pay." in too_much.lines
    second = await desk.say("/pay 2024-001 1 card")
    (warning,) = [line for line in second.lines if line.startswith("Another payment on this invoice is drafted, ")]
    assert f"by {desk.name_of(PAYER)}, " in warning
    await desk.confirm(too_much)
    overtaken = await desk.confirm(second)
    assert overtaken.lines == [
        "Meanwhile another payment on this invoice was sent. Look at it, and ask for this one anew."
    ]
    assert (await desk.press(overtaken, "Payments")).lines[0] == "Payments on 2024-001"
    assert "This invoice is paid already." in (await desk.say("/pay 2024-001 1 card")).lines
    ((cancelled,),) = desk.sandbox.books.query("SELECT number FROM invoices WHERE status = 'cancelled' LIMIT 1")
    assert "This invoice is cancelled." in (await desk.say(f"/pay {cancelled} 1 card")).lines
    assert desk.paid() == [(600000, "card", "REF")]


async def test_a_payment_made_here_is_in_the_list_of_payments(desk: Desk) -> None:
    await desk.confirm(await desk.say("/pay 2024-001 10 cash"))
    listed = await desk.say("/payments INV1")
    assert listed.lines[:3] == ["Payments on 2024-001", "In all: 1 payment", "Received: RON 10.00"]
    ((number, _day, amount, status, who),) = listed.rows
    assert (number, amount, status, who) == ("2024-001", "RON 10.00", "confirmed", desk.name_of(PAYER))


async def test_a_draft_whose_time_has_passed_sends_nothing_and_can_be_asked_for_anew(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_draft_minutes=0.0005)
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await asyncio.sleep(0.05)
    refused = await desk.confirm(draft)
    assert refused.lines == ["The time to confirm this payment has passed. Nothing was sent."]
    assert desk.posted == 0


@pytest.mark.needs(Can.REDRAW, Can.NEWS)
async def test_a_draft_whose_time_has_passed_says_so_by_itself(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_draft_minutes=0.0005)
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await asyncio.sleep(0.05)
    await desk.later()
    await desk.until(lambda: draft.lines[1] == "expired")
    assert draft.lines[2] == "It was not confirmed in time: nothing was sent."
    assert not {"Confirm", "Cancel"} & set(draft.buttons)
    again = await desk.press(draft, "Ask again")
    assert (again.facts["Amount"], again.facts["Reference"]) == ("RON 10.00", "REF")


@pytest.mark.parametrize("fault", ["drop-after-commit", "half-body"])
async def test_a_payment_whose_answer_is_lost_is_found_and_never_sent_again(desk: Desk, fault: str) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    confirm = draft.looks[0].buttons["Confirm"]
    desk.sandbox.faults.add("POST", "/payments", fault)
    receipt = await desk.confirm(draft)
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert receipt.lines[:2] == [f"Receipt: payment {payment}", "recorded"]
    assert (await desk.say(confirm)).lines == [
        f"This payment is recorded already, as {payment}. It was sent only once."
    ]
    assert desk.posted == 1
    assert desk.paid() == [(1000, "cash", "REF")]


async def test_a_payment_that_is_not_found_is_unknown_until_an_admin_settles_it(desk: Desk) -> None:
    desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    unknown = await desk.confirm(await desk.say("/pay 2024-001 10 cash REF"))
    assert unknown.lines[:2] == ["Payment of RON 10.00 on 2024-001", "unknown"]
    assert (await desk.press(unknown, "Payments on 2024-001")).lines[1] == "There are none yet."
    pending = await desk.say("/pending")
    assert [row[:3] for row in pending.rows] == [("2024-001", "RON 10.00", "unknown")]
    refused = await desk.confirm(await desk.say("/pay 2024-001 10 cash"))
    assert "An admin has to settle it first." in refused.lines[0]
    settle = unknown.carries("Settle")
    asked = await desk.say(settle, "admin")
    assert asked.lines[:2] == ["What became of RON 10.00 on 2024-001?", "unknown"]
    absent = await desk.press(asked, "It never arrived", "admin")
    assert absent.lines[1:2] == ["never arrived"], absent.lines
    assert (await desk.confirm(await desk.say("/pay 2024-001 10 cash"))).lines[1] == "recorded"
    assert desk.posted == 2


@pytest.mark.needs(Can.MANY)
async def test_only_an_admin_settles_an_unknown_payment(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    order = draft.carries("Confirm").removeprefix("/confirm ")
    for who in ("cashier", "approver"):
        assert "This is for the role “admin”" in (await desk.say(f"/settle {order} never", who)).lines[0]


@pytest.mark.needs(Can.REDRAW)
async def test_a_held_payment_is_undone_and_never_sent(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_hold_seconds=60)
    draft = await desk.say("/pay 2024-001 10 cash REF")
    held = await desk.press(draft, "Confirm")
    assert held.lines[1].startswith("will be sent in ")
    undone = await desk.press(held, "Undo")
    assert undone.lines[1] == "undone"
    assert "Undo" not in undone.buttons
    assert desk.posted == 0
    again = await desk.press(undone, "Ask again")
    assert again.facts["Reference"] == "REF"


@pytest.mark.needs(Can.MANY)
async def test_a_large_payment_needs_a_second_person(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000)
    await desk.say("/id", "approver")
    draft = await desk.say("/pay 2024-001 5320.50 card REF")
    waiting = await desk.press(draft, "Confirm")
    assert waiting.lines[1] == "needs a second person"
    assert "Approve" not in waiting.buttons
    order = waiting.carries("Withdraw").removeprefix("/cancel ")
    approve, reject = f"/approve {order}", f"/reject {order}"
    assert "This is for the role “approver”" in (await desk.say(approve, "colleague")).lines[0]
    await desk.until(lambda: [card for card in desk.cards("approver") if "Approve" in card.buttons])
    approved = await desk.press(desk.cards("approver")[-1], "Approve", "approver")
    await desk.until(lambda: approved.lines[1] == "recorded" and waiting.lines[1] == "recorded")
    assert approved.facts["Approved by"] == desk.name_of("approver")
    late = await desk.say(reject, "admin")
    assert "recorded already" in late.lines[0]
    assert desk.posted == 1


@pytest.mark.needs(Can.MANY)
async def test_a_rejection_is_told_with_its_reason(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000)
    await desk.say("/id", "approver")
    waiting = await desk.press(await desk.say("/pay 2024-001 5320.50 card REF"), "Confirm")
    await desk.until(lambda: [card for card in desk.cards("approver") if "Reject" in card.buttons])
    asked = await desk.press(desk.cards("approver")[-1], "Reject", "approver")
    answer = await desk.say("wrong invoice", "approver")
    assert answer.lines == [f"Rejected. {desk.name_of(PAYER)} reads your reason on the card."]
    await desk.until(lambda: waiting.lines[1] == asked.lines[1] == "rejected")
    assert waiting.facts["Reason"] == "wrong invoice"
    assert waiting.facts["Rejected by"] == desk.name_of("approver")
    assert desk.posted == 0


@pytest.mark.needs(Can.MANY)
async def test_nobody_approves_what_they_asked_for(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000)
    waiting = await desk.press(await desk.say("/pay 2024-001 5320.50 card REF", "approver"), "Confirm", "approver")
    order = waiting.carries("Withdraw").removeprefix("/cancel ")
    refused = await desk.say(f"/approve {order}", "approver")
    assert refused.lines == ["You have asked for this payment yourself: somebody else has to approve it."]
    assert desk.posted == 0


async def test_what_billing_refuses_is_told_in_its_own_words(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(demo=True, reject_overpayment=True))
    refused = await desk.confirm(await desk.say("/pay 2024-001 6000 cash"))
    assert refused.lines[:2] == ["Payment of RON 6,000.00 on 2024-001", "refused"]
    assert len(refused.lines[2]) > len("Refused")
    assert refused.lines[3] == "Nothing was recorded."
    assert not {"Confirm", "Cancel"} & set(refused.buttons)
    assert desk.paid() == []


async def test_nothing_is_sent_where_nobody_listens(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await desk.sandbox.__aexit__(None, None, None)
    refused = await desk.press(draft, "Confirm")
    assert refused.lines[0].startswith("The billing system does not answer right now")
    assert refused.lines[1] == "Nothing was sent; this payment can still be confirmed."


async def test_nothing_is_sent_where_the_list_can_not_be_read_before_and_it_can_be_tried_again(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    desk.sandbox.faults.add("GET", "/payments", "error-before-commit", times=100, status=500)
    refused = await desk.confirm(draft)
    assert refused.lines[:3] == [
        "Payment of RON 10.00 on 2024-001",
        "not sent",
        "The billing system could not be reached: nothing was sent, nothing is recorded.",
    ]
    desk.sandbox.faults.clear()
    again = await desk.press(refused, "Try again")
    assert again.facts["Reference"] == "REF"
    assert desk.posted == 0


@pytest.mark.needs(Can.TEAM)
async def test_a_payment_is_made_before_the_team_by_the_person_who_asked(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF", where=Where.TEAM)
    receipt = await desk.confirm(draft)
    assert receipt.lines[1] == "recorded"
    assert [card.lines[1] for card in desk.cards(where=Where.TEAM)] == ["recorded"]
    assert desk.paid() == [(1000, "cash", "REF")]
