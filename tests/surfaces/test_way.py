"""Whatever happens on the way to the chat: the answer comes, and the payment is made once."""

import pytest

from tests.surfaces.desk import Can, Desk
from tests.surfaces.telegram import TelegramDesk
from tests.telegram.strict import No, Reset

pytestmark = pytest.mark.needs(Can.FAULTS)

FLOOD = "Too Many Requests: retry after 1"

FAULTS: dict[str, list[Exception]] = {
    "502": [No(502, "Bad Gateway")],
    "5xx and a reset": [No(500, "Internal Server Error"), No(503, "Service Unavailable"), Reset()],
    "429": [No(429, FLOOD, retry_after=1)],
    "answer lost": [Reset(after=True)],
}


@pytest.fixture
def faults(desk: Desk) -> dict[str, list[Exception]]:
    """What the next calls of a method meet."""
    assert isinstance(desk, TelegramDesk)
    return desk.server.faults


@pytest.mark.parametrize("kind", FAULTS)
async def test_an_answer_comes_whatever_is_on_its_way(
    desk: Desk, faults: dict[str, list[Exception]], kind: str
) -> None:
    faults["sendMessage"] = list(FAULTS[kind])
    card = await desk.say("/invoice 2024-001")
    assert card.lines[:2] == ["Invoice 2024-001", "overdue"]
    assert faults["sendMessage"] == []
    assert desk.sandbox.requests == [("GET", "/invoices/2024-001")]
    assert (await desk.press(card, "Customer")).lines[0] == "Client Premium"


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_payment_is_made_once_whatever_is_on_its_way(
    desk: Desk, faults: dict[str, list[Exception]], kind: str
) -> None:
    faults["sendMessage"] = list(FAULTS[kind])
    draft = await desk.say("/pay 2024-001 10 cash REF")
    faults["editMessageText"] = list(FAULTS[kind])
    receipt = await desk.confirm(draft)
    assert receipt.lines[1] == "recorded"
    assert draft.lines == receipt.lines
    assert faults["editMessageText"] == []
    assert desk.paid() == [(1000, "cash", "REF")]
    assert desk.posted == 1


async def test_a_list_is_turned_and_a_refusal_heard_through_faults(
    desk: Desk, faults: dict[str, list[Exception]]
) -> None:
    faults["sendMessage"] = [Reset(), No(502, "Bad Gateway")]
    card = await desk.say("/customers")
    faults["editMessageText"] = [No(500, "Internal Server Error"), Reset(after=True)]
    await desk.press(card, desk.onward)
    assert card.page == "2/5"
    faults["answerCallbackQuery"] = [Reset(), No(503, "Service Unavailable")]
    await desk.press(card, desk.onward)
    assert card.page == "3/5"
    faults["answerCallbackQuery"] = [Reset(after=True)]
    await desk.touch(card, desk.back)
    await desk.until(lambda: card.page == "2/5")
    faults["sendMessage"] = [Reset()]
    assert (await desk.say("/invoice 2024-404", "viewer")).lines == ["There is no invoice 2024-404."]


async def test_a_restart_amid_faults_loses_and_repeats_nothing(desk: Desk, faults: dict[str, list[Exception]]) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    await desk.stop()
    faults["getMe"] = [No(502, "Bad Gateway"), Reset()]
    faults["editMessageText"] = [Reset(), No(502, "Bad Gateway")]
    await desk.start()
    receipt = await desk.confirm(draft)
    assert receipt.lines[1] == "recorded"
    await desk.restart()
    assert (await desk.say("/payments 2024-001")).facts["In all"] == "1 payment"
    assert desk.paid() == [(1000, "cash", "REF")]
    assert desk.posted == 1


async def test_an_outage_while_the_verdict_is_told_ends_with_the_receipt(
    desk: Desk, faults: dict[str, list[Exception]]
) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF")
    faults["editMessageText"] = [Reset() for _time in range(40)]
    faults["sendMessage"] = [Reset() for _time in range(40)]
    await desk.touch(draft, "Confirm")
    await desk.until(lambda: len(faults["editMessageText"]) < 40)
    await desk.die()
    assert draft.lines[1] == "not sent yet"
    faults.clear()
    await desk.start()
    await desk.later()
    await desk.until(lambda: draft.lines[1] == "recorded")
    assert not {"Confirm", "Cancel"} & set(draft.buttons)
    assert len(desk.cards()) == 1
    assert desk.paid() == [(1000, "cash", "REF")]
    assert desk.posted == 1
