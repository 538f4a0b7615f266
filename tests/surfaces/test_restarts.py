"""What the bot remembers when it is stopped, killed and started again."""

import pytest

from bot.dates import now
from bot.store import OrderState
from tests.surfaces.desk import Can, Desk


@pytest.mark.needs(Can.KEEP, Can.REDRAW)
async def test_a_draft_is_confirmed_by_its_button_after_a_restart(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await desk.restart()
    receipt = await desk.confirm(draft)
    assert receipt.lines[1] == "recorded"
    assert draft.lines == receipt.lines
    assert desk.paid() == [(1000, "cash", "REF")]


async def test_a_draft_from_before_a_restart_can_be_taken_back_or_confirmed(desk: Desk) -> None:
    drafts = [await desk.say(f"/pay 2024-001 {amount} cash REF") for amount in (10, 20)]
    commands = [draft.looks[0].buttons for draft in drafts]
    await desk.restart()
    card = await desk.say(commands[0]["Confirm"])
    await desk.until(lambda: card.lines[1] == "recorded")
    assert (await desk.say("/cancel")).lines == ["1 payment cancelled. Nothing was sent."]
    assert (await desk.say(commands[1]["Confirm"])).lines == ["This payment was cancelled before. Nothing was sent."]
    assert desk.paid() == [(1000, "cash", "REF")]


async def test_a_question_is_still_open_after_a_restart(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    await desk.restart()
    assert (await desk.say("25")).lines == ["Pay invoice 2024-001", "How is it paid?"]


@pytest.mark.needs(Can.KEEP, Can.NEWS)
async def test_a_verdict_that_nobody_heard_is_told_after_a_restart(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.3)
    await desk.touch(draft, "Confirm")
    await desk.until(lambda: draft.lines[1] == "being recorded…")
    await desk.die()
    assert desk.paid() == [(1000, "cash", "REF")]
    await desk.start()
    await desk.later()
    await desk.until(lambda: [card for card in desk.cards() if card.lines[1] == "recorded"])
    (receipt,) = desk.cards()
    ((payment,),) = desk.sandbox.books.query("SELECT id FROM payments WHERE invoice_id = '2024-001'")
    assert receipt.lines[0] == f"Receipt: payment {payment}"
    assert not {"Confirm", "Cancel"} & set(receipt.buttons)
    assert desk.posted == 1


@pytest.mark.needs(Can.NEWS)
async def test_a_payment_that_was_held_when_the_bot_was_killed_is_sent_after_the_next_start(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    order, at = draft.looks[0].buttons["Confirm"].removeprefix("/confirm "), now()
    assert await desk.app.services.store.orders.claim(order, at, OrderState.HELD, send_at=at, expires_at=at)
    await desk.die()
    assert desk.posted == 0
    await desk.start()
    await desk.later()
    await desk.until(lambda: [card for card in desk.cards() if card.lines[1] == "recorded"])
    assert desk.posted == 1
    assert desk.paid() == [(1000, "cash", "REF")]
