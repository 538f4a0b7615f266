"""Paying: asked, confirmed once, told truly."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.dates import now
from bot.message import Chat
from bot.reply import Outcome, Reply, Style
from bot.store import OrderState
from sandbox import SandboxOptions
from tests.stage import PATIENT, TEAM, Desk, OpenDesk, Say, confirm_of, facts


def _rows(desk: Desk, invoice: str = "2024-001") -> list[tuple[int, str, str | None]]:
    """What the books really say about an invoice's payments."""
    return desk.sandbox.books.query(
        "SELECT amount_bani, method, reference FROM payments WHERE invoice_id = ? ORDER BY id", invoice
    )


def _word(reply: Reply) -> str:
    return reply.status.word if reply.status else ""


async def test_a_payment_is_asked_for_confirmed_and_receipted(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 5320.50 card EUP123456789")
    assert _word(draft) == "not sent yet"
    assert not draft.warnings
    assert facts(draft) == {
        "Invoice": "2024-001",
        "Customer": "Client Premium (CL-001)",
        "Amount": "RON 5,320.50",
        "Method": "card",
        "Reference": "EUP123456789",
        "Left to pay now": "RON 5,320.50",
        "Left to pay after": "RON 0.00",
    }
    assert _rows(desk) == []
    held, *_between, receipt = await desk.replies(confirm_of(draft))
    assert _word(held) == "being recorded…"
    assert not held.buttons
    assert _rows(desk) == [(532050, "card", "EUP123456789")]
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert receipt.title == f"Receipt: payment {payment}"
    assert _word(receipt) == "recorded"
    told = facts(receipt)
    assert told["Left to pay"] == "RON 0.00"
    assert told["Reference"] == "EUP123456789"
    assert told["By"].startswith("Cashier, ")


async def test_a_reference_is_made_and_printed_when_none_is_given(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    reference = facts(draft)["Reference"]
    assert reference.startswith("CASIER-")
    receipt = await desk.say(confirm_of(draft))
    assert facts(receipt)["Reference"] == reference
    assert _rows(desk) == [(1000, "cash", reference)]


async def test_a_second_press_sends_nothing(desk: Desk) -> None:
    confirm = confirm_of(await desk.say("/pay 2024-001 10 cash"))
    first, second = await asyncio.gather(desk.say(confirm), desk.say(confirm, chat=Chat("web", "elsewhere")))
    again = await desk.say(confirm)
    assert sorted([first.outcome, second.outcome]) == [Outcome.ANSWERED, Outcome.REFUSED]
    assert again.outcome is Outcome.REFUSED
    assert "recorded already" in again.text
    assert len(_rows(desk)) == 1


async def test_only_the_person_who_asked_may_confirm_or_cancel(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash", chat=TEAM)
    for who in ("colleague", "admin"):
        for press in draft.buttons:
            refused = await desk.say(press.command, who, chat=TEAM)
            assert refused.text == "Only Cashier, who asked for this payment, can decide it."
    assert (await desk.say(confirm_of(draft), "viewer")).outcome is Outcome.REFUSED
    assert _rows(desk) == []
    assert _word(await desk.say(confirm_of(draft))) == "recorded"


async def test_a_cancelled_payment_is_never_sent(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    cancelled = await desk.say(draft.buttons[1].command)
    assert _word(cancelled) == "cancelled"
    assert not cancelled.buttons
    assert "cancelled before" in (await desk.say(confirm_of(draft))).text
    assert "cancelled before" in (await desk.say(draft.buttons[1].command)).text
    assert _rows(desk) == []


async def test_cancel_alone_takes_back_all_that_waits_on_every_card(desk: Desk) -> None:
    assert (await desk.say("/cancel")).text == "Nothing of yours is waiting to be confirmed."
    await desk.post("/pay 2024-001 10 cash")
    first, _draft = desk.wall.newest
    await desk.post("/pay 2024-001 20 cash")
    second, _draft = desk.wall.newest
    assert (await desk.say("/cancel")).text == "2 payments cancelled. Nothing was sent."
    assert [_word(desk.wall.cards[card][-1]) for card in (first, second)] == ["cancelled", "cancelled"]


async def test_an_expired_payment_says_so_on_its_card(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_draft_minutes=0.001)
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    await asyncio.sleep(0.1)
    refused = await desk.say(confirm_of(draft))
    assert refused.text == "The time to confirm this payment has passed. Nothing was sent."
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert _word(desk.wall.cards[card][-1]) == "expired"
    assert [button.command for button in desk.wall.cards[card][-1].buttons] == ["/pay 2024-001 10.00 cash"]
    assert "has passed" in (await desk.say(confirm_of(draft))).text
    assert _rows(desk) == []


async def test_a_draft_survives_a_restart(open_desk: OpenDesk) -> None:
    before = await open_desk()
    await before.post("/pay 2024-001 10 cash")
    card, draft = before.wall.newest
    after = await open_desk(before.sandbox)
    after.wall.cards = before.wall.cards
    await after.post(confirm_of(draft), card=card)
    await after.until(card, "recorded")
    words = list(dict.fromkeys(_word(reply) for reply in after.wall.cards[card]))
    assert words == ["not sent yet", "being recorded…", "recorded"]


@pytest.mark.parametrize(
    "fault", ["drop-after-commit", "error-after-commit", "half-body", "wrong-json", "hang-after-commit"]
)
async def test_a_payment_whose_answer_is_lost_is_found_in_the_list_and_never_sent_again(desk: Desk, fault: str) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", fault)
    replies = await desk.replies(confirm_of(draft))
    assert "no answer yet" in [_word(reply) for reply in replies]
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert replies[-1].title == f"Receipt: payment {payment}"
    assert "recorded already" in (await desk.say(confirm_of(draft))).text
    assert desk.sandbox.requests.count(("POST", "/payments")) == 1


@pytest.mark.parametrize(
    ("fault", "more"),
    [("error-before-commit", {"status": 503}), ("drop-before-commit", {}), ("too-many", {}), ("redirect", {})],
)
async def test_what_may_have_arrived_is_never_called_failed(desk: Desk, fault: str, more: dict[str, int]) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", fault, status=more.get("status", 302 if fault == "redirect" else 503))
    unknown = await desk.say(confirm_of(draft))
    assert _word(unknown) == "unknown"
    assert "It will not be sent again" in unknown.warnings[0]
    assert "will not be sent again" in (await desk.say(confirm_of(draft))).text
    assert desk.sandbox.requests.count(("POST", "/payments")) == 1


async def test_nothing_is_sent_on_an_invoice_while_a_payment_on_it_is_unknown(desk: Desk) -> None:
    desk.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    unknown = await desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash")))
    again = await desk.say("/pay 2024-001 20 cash", "colleague")
    assert "unknown outcome" in again.warnings[0]
    assert again.buttons[0].style is Style.DANGER
    assert again.buttons[-1].command == f"/payment {unknown.subject}"
    refused = await desk.say(confirm_of(again), "colleague")
    assert refused.text == (
        "An earlier payment on this invoice, by Cashier, has an unknown outcome. An admin has to settle it first."
    )
    assert refused.buttons[0].command == f"/payment {unknown.subject}"
    assert desk.sandbox.requests.count(("POST", "/payments")) == 1


async def test_a_refused_payment_is_told_in_billings_own_words(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(demo=True, reject_overpayment=True))
    refused = await desk.insist("/pay 2024-001 6000 cash")
    assert _word(refused) == "refused"
    assert "Nothing was recorded." in refused.text
    assert len(refused.text.splitlines()[0]) > 10
    assert _rows(desk) == []


async def test_nothing_is_sent_where_nobody_listens(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.sandbox.__aexit__(None, None, None)
    refused = await desk.say(confirm_of(draft))
    assert refused.text.endswith("Nothing was sent; this payment can still be confirmed.")
    order = await desk.app.services.store.orders.get(draft.subject or "")
    assert order
    assert order.state is OrderState.DRAFT


async def test_nothing_is_sent_where_the_list_cannot_be_read_just_before(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("GET", "/payments", "error-before-commit", times=20, status=500)
    refused = await desk.say(confirm_of(draft))
    assert _word(refused) == "not sent"
    assert [button.command for button in refused.buttons] == ["/pay 2024-001 10.00 cash"]
    assert desk.sandbox.requests.count(("POST", "/payments")) == 0


async def test_a_verdict_that_could_not_be_told_is_told_later(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    desk.wall.broken = True
    with pytest.raises(ConnectionError):
        await desk.post(confirm_of(draft), card=card)
    async for _order in desk.app.services.desk.follow(draft.subject or ""):
        pass
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert _word(desk.wall.cards[card][-1]) == "not sent yet"
    desk.wall.broken = False
    desk.app.services.desk._telling._resting.clear()  # noqa: SLF001 - or the test would wait for it
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert _word(desk.wall.cards[card][-1]) == "recorded"
    seen = len(desk.wall.cards[card])
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert len(desk.wall.cards[card]) == seen


async def test_a_card_that_is_gone_is_sent_anew(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    del desk.wall.cards[card]
    await desk.post(confirm_of(draft), card=card)
    assert len(desk.wall.cards) == 1
    newest, _held = desk.wall.newest
    assert newest != card
    await desk.until(newest, "recorded")
    assert len(_rows(desk)) == 1


async def test_every_copy_of_a_card_shows_the_verdict(open_desk: OpenDesk) -> None:
    desk = await open_desk(**PATIENT)
    await desk.post("/pay 2024-001 10 cash")
    first, draft = desk.wall.newest
    second = await desk.wall.send(TEAM, draft)
    await desk.app.services.desk.shown(draft.subject or "", draft.state, second)
    await desk.post(confirm_of(draft), card=first)
    await desk.until(first, "recorded")
    await desk.until(second, "recorded")


async def test_pay_alone_offers_the_rest_by_each_method_or_takes_a_typed_amount(desk: Desk) -> None:
    asked = await desk.say("/pay 2024-001")
    assert [button.command for button in asked.buttons] == [
        "/pay 2024-001 5320.50 card",
        "/pay 2024-001 5320.50 cash",
        "/pay 2024-001 5320.50 transfer",
    ]
    by_method = await desk.say("1.200,50")
    assert [button.command for button in by_method.buttons] == [
        "/pay 2024-001 1200.50 card",
        "/pay 2024-001 1200.50 cash",
        "/pay 2024-001 1200.50 transfer",
    ]
    draft = await desk.say(by_method.buttons[1].command)
    assert facts(draft)["Amount"] == "RON 1,200.50"


async def test_a_typed_amount_belongs_to_who_was_asked_and_where(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    assert (await desk.say("25", "colleague")).outcome is Outcome.REFUSED
    assert (await desk.say("25", chat=Chat("web", "elsewhere"))).outcome is Outcome.REFUSED
    assert (await desk.say("25")).title == "Pay invoice 2024-001"


async def test_saying_something_else_ends_the_question(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    await desk.say("/invoice 2024-001")
    assert (await desk.say("25")).outcome is Outcome.REFUSED


async def test_an_open_question_survives_a_restart(open_desk: OpenDesk) -> None:
    before = await open_desk()
    await before.say("/pay 2024-001")
    after = await open_desk(before.sandbox)
    assert (await after.say("25")).title == "Pay invoice 2024-001"


async def test_an_ambiguous_amount_is_asked_back_with_both_readings(say: Say) -> None:
    asked = await say("/pay 2024-001 1,234 card EUP 1,234")
    assert asked.text == "“1,234” can be read in two ways. Which one do you mean?"
    assert [(button.label.replace("\xa0", " "), button.command) for button in asked.buttons] == [
        ("RON 1,234.00", "/pay 2024-001 1234.00 card EUP 1,234"),
        ("RON 1.23 (rounded)", "/pay 2024-001 1.23 card EUP 1,234"),
    ]


AMOUNTS = [
    ("5320.50", "5320.50"),
    ("5320,50", "5320.50"),
    ("5.320,50", "5320.50"),
    ("5 320,50", "5320.50"),
    ("5\u00a0320,50", "5320.50"),
    ("5,320.50", "5320.50"),
    ("RON 5320.50", "5320.50"),
    ("ron 5 320,50", "5320.50"),
    ("5320.50 lei", "5320.50"),
    ("12", "12.00"),
    ("1 234 567", "1234567.00"),
]


async def test_amounts_are_understood_as_people_write_them(say: Say) -> None:
    for amount, read in AMOUNTS:
        draft = await say(f"/pay 2024-001 {amount} card")
        assert facts(draft)["Amount"].replace(",", "") == f"RON {Decimal(read)}", amount


NO_AMOUNTS = [
    ("0", "zero"),
    ("-5", "negative"),
    ("−5", "negative"),
    ("1e3", "no amount"),
    ("NaN", "no amount"),
    ("Infinity", "no amount"),
    ("5.001", "two ways"),
    ("5320.505", "2 decimals"),
    ("1000000000000.01", "more than can be paid"),
    ("EUR 5", "in RON"),
    ("٥", "no amount"),
    ("5²", "no amount"),
    ("1_000", "no amount"),
    ("12,34.50", "no amount"),
]


async def test_what_cannot_be_paid_is_refused_with_the_reason(desk: Desk) -> None:
    for amount, why in NO_AMOUNTS:
        refused = await desk.say(f"/pay 2024-001 {amount} card")
        assert why in refused.text, amount
        assert refused.outcome in {Outcome.MISUSED, Outcome.REFUSED}, amount
    assert desk.sandbox.requests == []


async def test_an_unknown_method_is_refused_with_those_there_are(say: Say) -> None:
    refused = await say("/pay 2024-001 5 crypto")
    assert refused.text.startswith("“crypto” is no payment method here: card, cash, transfer.")


async def test_a_reference_is_one_short_line(say: Say) -> None:
    assert "64 characters at most" in (await say(f"/pay 2024-001 5 card {'x' * 65}")).text
    quoted = await say("/pay 2024-001 5 CARD “EUP 123”")
    assert facts(quoted)["Reference"] == "EUP 123"
    assert facts(quoted)["Method"] == "card"


async def test_odd_payments_are_warned_of_and_still_possible(desk: Desk) -> None:
    too_much = await desk.say("/pay 2024-001 6000 card")
    assert [warning.replace("\xa0", " ") for warning in too_much.warnings] == [
        "This is more than the RON 5,320.50 that is left to pay."
    ]
    again = await desk.say(confirm_of(too_much))
    assert _word(again) == "look again"
    assert again.buttons[0].label.replace("\xa0", " ") == "Pay anyway: more than the rest"
    assert _word(await desk.say(confirm_of(again))) == "recorded"
    paid = await desk.say("/pay 2024-001 1 card")
    assert paid.warnings == ("This invoice is paid already.",)
    ((cancelled,),) = desk.sandbox.books.query("SELECT number FROM invoices WHERE status = 'cancelled' LIMIT 1")
    odd = await desk.say(f"/pay {cancelled} 1 card")
    assert odd.warnings == ("This invoice is cancelled.",)


async def test_an_invoice_that_is_not_there_can_not_be_paid(say: Say) -> None:
    reply = await say("/pay 2024-404 1 cash")
    assert reply.text == "There is no invoice 2024-404."


async def test_a_forged_id_confirms_nothing(desk: Desk) -> None:
    assert (await desk.say("/confirm 0000000000")).text == "This payment is not known here."
    assert (await desk.say("/confirm ../../etc")).outcome is Outcome.MISUSED
    assert (await desk.say("/cancel 0000000000")).text == "This payment is not known here."


async def test_an_amount_goes_out_digit_by_digit(desk: Desk) -> None:
    for amount in ("0.01", "1.10", "2.30", "999999.99"):
        await desk.insist(f"/pay 2024-001 {amount} cash {amount}")
    assert _rows(desk) == [
        (1, "cash", "0.01"),
        (110, "cash", "1.10"),
        (230, "cash", "2.30"),
        (99999999, "cash", "999999.99"),
    ]


async def test_a_receipt_does_not_wait_for_what_is_left(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    # The first look at the invoice is the guard's.
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.3)
    await desk.post(confirm_of(draft), card=card)
    desk.sandbox.faults.add("GET", "/invoices/*", "hang", times=10)
    await desk.until(card, "recorded")
    assert "Left to pay" not in facts(desk.wall.cards[card][-1])


async def test_late_proof_overrules_a_persons_word_and_nothing_overrules_proof(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    orders, at = desk.app.services.store.orders, now()
    assert await orders.claim(draft.subject or "", at, OrderState.HELD, send_at=at, expires_at=at)
    sent = await orders.begin(draft.subject or "", at)
    assert sent
    unknown = replace(sent, state=OrderState.UNKNOWN, settled_at=now())
    recorded = replace(sent, state=OrderState.RECORDED, settled_at=now(), payment="77")
    assert (await orders.settle(unknown)).state is OrderState.UNKNOWN
    assert await orders.resolve(replace(sent, state=OrderState.ABSENT, settler="web:admin", settled_at=now()))
    for verdict in (recorded, unknown):
        assert (await orders.settle(verdict)).state is OrderState.RECORDED
    assert (await orders.get(sent.id) or sent).payment == "77"


async def test_two_drafts_on_one_invoice_are_not_both_sent(desk: Desk) -> None:
    first = await desk.say("/pay 2024-001 5320.50 card")
    second = await desk.say("/pay 2024-001 5320.50 card", "colleague")
    assert not first.warnings
    assert "Another payment on this invoice is drafted, and not confirmed, by Cashier" in second.warnings[0]
    assert _word(await desk.say(confirm_of(first))) == "recorded"
    again = await desk.say(confirm_of(second), "colleague")
    assert again.warnings[0] == "This invoice is paid already."
    refused = await desk.say(confirm_of(again), "colleague")
    assert refused.text.startswith("Meanwhile another payment on this invoice was sent.")
    assert refused.buttons[0].command == "/payments 2024-001"
    assert len(_rows(desk)) == 1


async def test_two_drafts_confirmed_at_once_are_not_both_sent(desk: Desk) -> None:
    drafts = [await desk.say("/pay 2024-001 5320.50 card", who) for who in ("cashier", "colleague")]
    presses = zip(map(confirm_of, drafts), ("cashier", "colleague"), strict=True)
    replies = await asyncio.gather(*(desk.say(press, who) for press, who in presses))
    assert sorted(reply.outcome for reply in replies) == [Outcome.ANSWERED, Outcome.REFUSED]
    assert len(_rows(desk)) == 1


async def test_a_copy_that_cannot_be_reached_floods_nobody(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    pressed, draft = desk.wall.newest
    copies = [await desk.wall.send(Chat("web", where), draft) for where in ("deaf", "deleted", "fine")]
    for copy in copies:
        await desk.app.services.desk.shown(draft.subject or "", draft.state, copy)
    desk.wall.deaf.add("deaf")
    del desk.wall.cards[copies[1]]
    await desk.post(confirm_of(draft), card=pressed)
    await desk.until(pressed, "recorded")
    for _round in range(5):
        await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    looks = {card.chat.id: [_word(reply) for reply in replies] for card, replies in desk.wall.cards.items()}
    assert looks["deaf"] == ["not sent yet"]
    assert looks["deleted"][-1] == "recorded"
    assert list(dict.fromkeys(looks["fine"])) == ["not sent yet", "being recorded…", "recorded"]
    assert len(looks["fine"]) < 6


async def test_a_cancelled_card_that_could_not_be_drawn_is_drawn_later(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    card, _draft = desk.wall.newest
    desk.wall.broken = True
    assert (await desk.say("/cancel")).text == "1 payment cancelled. Nothing was sent."
    desk.wall.broken = False
    desk.app.services.desk._telling._resting.clear()  # noqa: SLF001 - or the test would wait for it
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert _word(desk.wall.cards[card][-1]) == "cancelled"


async def test_proof_is_kept_though_the_database_cannot_be_written_for_a_while(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.5)
    following = asyncio.create_task(desk.say(confirm_of(draft)))
    while ("POST", "/payments") not in desk.sandbox.requests:
        await asyncio.sleep(0.01)
    with closing(sqlite3.connect(desk.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(1.5)
        db.execute("ROLLBACK")
    assert _word(await following) == "recorded"
    assert len(_rows(desk)) == 1


async def test_cancel_takes_back_only_ones_own(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash", "colleague")
    assert (await desk.say("/cancel")).text == "Nothing of yours is waiting to be confirmed."
    assert _word(await desk.say(confirm_of(draft), "colleague")) == "recorded"


async def test_trying_again_asks_for_the_same_payment(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_methods=("bank transfer", "card"))
    asked = await desk.say("/pay 2024-001")
    draft = await desk.say(asked.buttons[0].command + ' "EUP ""7"" 7"')
    assert facts(draft)["Method"] == "bank transfer"
    assert facts(draft)["Reference"] == 'EUP "7" 7'
    desk.sandbox.faults.add("GET", "/payments", "error-before-commit", times=20, status=500)
    refused = await desk.say(confirm_of(draft))
    assert refused.buttons[0].command == '/pay 2024-001 5320.50 "bank transfer" "EUP ""7"" 7"'


async def test_a_lookup_in_between_ends_the_question(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    ((other,),) = desk.sandbox.books.query("SELECT number FROM invoices WHERE number != '2024-001' LIMIT 1")
    assert (await desk.say(other)).title == f"Invoice {other}"
    assert (await desk.say("100")).outcome is Outcome.REFUSED
    await desk.say("/pay 2024-001")
    await desk.say("cancel")
    assert (await desk.say("100")).outcome is Outcome.REFUSED
    await desk.say("/pay 2024-001")
    assert facts(await desk.say("25 card"))["Amount"] == "RON 25.00"


async def test_the_request_goes_on_though_whoever_pressed_is_gone(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.3)
    pressing = asyncio.create_task(desk.say(confirm_of(draft)))
    while not desk.sandbox.requests or desk.sandbox.requests[-1][0] != "POST":
        await asyncio.sleep(0.01)
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)
    states = [order.state async for order in desk.app.services.desk.follow(draft.subject or "")]
    assert states[-1] is OrderState.RECORDED


async def test_what_cannot_be_told_for_a_day_is_given_up(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    _card, draft = desk.wall.newest
    orders = desk.app.services.store.orders
    await orders.cancel(draft.subject or "", now() - timedelta(days=2))
    desk.wall.broken = True
    await desk.app.services.desk.sweep(settled_for=timedelta())
    order = await orders.get(draft.subject or "")
    assert order
    assert order.told_at


async def test_a_chat_that_moved_keeps_its_cards(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash", chat=TEAM)
    card, draft = desk.wall.newest
    cards = desk.app.services.store.cards
    await cards.move(TEAM, Chat("web", "supergroup"))
    (moved,) = await cards.of(draft.subject or "")
    assert (moved.chat.id, moved.message) == ("supergroup", card.message)


async def test_long_commands_behind_buttons_survive_a_restart(open_desk: OpenDesk) -> None:
    before = await open_desk()
    command = f"/pay 2024-001 5.00 card {'x' * 60}"
    short = await before.app.services.store.shorts.put(command)
    assert await before.app.services.store.shorts.put(command) == short
    assert len(short) <= 32
    after = await open_desk(before.sandbox)
    assert await after.app.services.store.shorts.get(short) == command
    await after.app.services.store.shorts.forget(now() + timedelta(days=200))
    assert await after.app.services.store.shorts.get(short) is None


async def test_who_may_approve_is_asked_where_they_are_also_after_a_restart(open_desk: OpenDesk) -> None:
    before = await open_desk(approval_limit=1000)
    await before.post("/pay 2024-001 5320.50 card")
    card, draft = before.wall.newest
    # Nobody can be written to: as if it had stopped right after the press.
    before.wall.deaf |= {"admin", "approver"}
    await before.post(confirm_of(draft), card=card)
    assert _word(before.wall.cards[card][-1]) == "needs a second person"
    after = await open_desk(before.sandbox, approval_limit=1000)
    after.wall.cards = before.wall.cards
    for _round in range(2):
        await after.app.services.desk.recover()
    asked = [card.chat.id for card in after.wall.cards if _word(after.wall.cards[card][-1]) == "needs a second person"]
    assert sorted(asked) == ["admin", "approver", "cashier"]


async def test_a_large_payment_is_refused_where_nobody_else_may_approve(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000, approvers=(), admins=("web:admin",))
    draft = await desk.say("/pay 2024-001 5320.50 card", "admin")
    refused = await desk.say(confirm_of(draft), "admin")
    assert "nobody else may approve" in refused.text
    assert (await desk.say("/pending")).text == "None: everything that was confirmed has its verdict."


async def test_an_approval_that_nobody_gives_expires(open_desk: OpenDesk) -> None:
    desk = await open_desk(approval_limit=1000, approval_hours=0.00001)
    await desk.post("/pay 2024-001 5320.50 card")
    card, draft = desk.wall.newest
    await desk.post(confirm_of(draft), card=card)
    await asyncio.sleep(0.1)
    refused = await desk.say(f"/approve {draft.subject}", "approver")
    assert refused.text == "It was not approved in time. Nothing was sent."
    await desk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
    assert _word(desk.wall.cards[card][-1]) == "expired"
    assert desk.wall.cards[card][-1].text == "It was not approved in time: nothing was sent."
    assert _rows(desk) == []


async def test_what_was_held_through_a_long_absence_is_not_sent_behind_anybodys_back(desk: Desk) -> None:
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    at = now() - timedelta(hours=1)
    orders = desk.app.services.store.orders
    assert await orders.claim(draft.subject or "", at, OrderState.HELD, send_at=at, expires_at=at)
    await desk.app.services.desk.recover()
    told = await desk.until(card, "not sent")
    assert told.text == "Casier was away when it should have been sent, so it was not sent."
    assert [button.label for button in told.buttons] == ["Try again"]
    assert _rows(desk) == []
