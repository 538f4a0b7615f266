"""A second person for large payments: who is asked, what each copy offers, and what is said where nobody is."""

import pytest

from bot.dates import now
from bot.message import Chat
from bot.reply import Reply
from bot.store import OrderState
from tests.stage import TEAM, Desk, OpenDesk, confirm_of


def _word(reply: Reply) -> str:
    return reply.status.word if reply.status else ""


def _labels(reply: Reply) -> list[str]:
    return [button.label for button in reply.buttons]


def _in(desk: Desk, chat: str) -> list[Reply]:
    """Every card of a chat, as it looks now."""
    return [replies[-1] for card, replies in desk.wall.cards.items() if card.chat.id == chat]


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    """Above 1,000 a second person is needed."""
    return await open_desk(approval_limit=1000)


async def _awaiting(desk: Desk, who: str = "cashier", chat: Chat | None = None) -> str:
    """Ask for a large payment and confirm it on its card; its id."""
    await desk.post("/pay 2024-001 2000 cash", who, chat)
    card, draft = desk.wall.newest
    await desk.post(confirm_of(draft), who, card=card)
    return draft.subject or ""


@pytest.mark.parametrize("who", ["cashier", "approver"])
async def test_each_copy_offers_what_its_reader_can_do(desk: Desk, who: str) -> None:
    await _awaiting(desk, who)
    (own,) = _in(desk, who)
    assert _labels(own) == ["Withdraw"]
    (other,) = _in(desk, "admin")
    assert _labels(other) == ["Approve", "Reject"]


async def test_where_both_read_along_both_can_press(desk: Desk) -> None:
    await _awaiting(desk, chat=TEAM)
    (shared,) = _in(desk, "team")
    assert _labels(shared) == ["Approve", "Reject", "Withdraw"]
    assert shared.text.endswith("2 people were asked.")


async def test_a_copy_that_is_drawn_anew_offers_no_more(desk: Desk) -> None:
    order = await _awaiting(desk)
    assert await desk.app.services.desk._telling.redraw(order, OrderState.AWAITING)  # noqa: SLF001 - as a doubt does
    assert _labels(_in(desk, "cashier")[0]) == ["Withdraw"]
    assert _labels(_in(desk, "approver")[0]) == ["Approve", "Reject"]


async def test_who_asks_is_told_how_many_were_reached(desk: Desk) -> None:
    desk.wall.deaf.add("admin")
    await _awaiting(desk)
    (own,) = _in(desk, "cashier")
    assert own.text == "Somebody else, who may approve payments, has to agree. 1 person was asked."
    assert not own.warnings


async def test_who_asks_is_told_that_nobody_was_reached_and_they_are_asked_again(desk: Desk) -> None:
    desk.wall.deaf |= {"admin", "approver"}
    order = await _awaiting(desk)
    (own,) = _in(desk, "cashier")
    assert own.warnings[0].startswith("Nobody who may approve it could be reached in a chat of their own.")
    assert _labels(own) == ["Withdraw"]
    pending = await desk.say("/pending", "approver")
    assert pending.table
    story = await desk.say(pending.table.rows[0].command or "", "approver")
    assert _labels(story) == ["Approve", "Reject"]
    desk.wall.deaf.clear()
    await desk.app.services.desk.recover()
    assert not _in(desk, "approver")
    desk.app.services.desk._approvals._again[order] = now()  # noqa: SLF001 - or the test would wait for it
    await desk.app.services.desk.recover()
    assert [_labels(each) for each in _in(desk, "approver")] == [["Approve", "Reject"]]
    (own,) = _in(desk, "cashier")
    assert own.text.endswith("2 people were asked.")
    assert not own.warnings


async def test_a_typed_reason_leaves_one_card(desk: Desk) -> None:
    await _awaiting(desk)
    card = next(card for card in desk.wall.cards if card.chat.id == "approver")
    reject = next(button.command for button in desk.wall.cards[card][-1].buttons if button.label == "Reject")
    await desk.post(reject, "approver", card=card)
    assert "type the reason" in desk.wall.cards[card][-1].text
    await desk.post("the wrong invoice", "approver")
    cards, answer = _in(desk, "approver")[:-1], _in(desk, "approver")[-1]
    assert [_word(each) for each in cards] == ["rejected"]
    assert answer == Reply(text="Rejected. Cashier reads your reason on the card.")
    assert _word(_in(desk, "cashier")[0]) == "rejected"


async def test_a_reason_that_is_typed_where_there_is_no_card_is_answered_with_one(desk: Desk) -> None:
    order = await _awaiting(desk)
    rejected = await desk.say(f"/reject {order} no", "approver", Chat("web", "elsewhere"))
    assert _word(rejected) == "rejected"
