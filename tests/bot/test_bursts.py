"""A flood is held back, a burst is not, and nobody learns from it."""

import pytest

from bot import bursts
from bot.reply import Outcome
from tests.stage import TEAM, Desk, OpenDesk, confirm_of, message

SLOW = "That was a lot at once: nothing was done. Please wait a moment, and say it again."


async def test_a_burst_is_answered_and_a_flood_is_asked_to_wait(open_desk: OpenDesk) -> None:
    desk = await open_desk(person_messages_per_minute=5)
    for _time in range(5):
        assert (await desk.say("/help", "viewer")).outcome is Outcome.ANSWERED
    slow = await desk.say("/help", "viewer")
    assert (slow.text, slow.outcome, slow.private) == (SLOW, Outcome.REFUSED, False)
    assert (await desk.say("/help", "cashier")).outcome is Outcome.ANSWERED


async def test_a_payment_that_is_not_taken_is_said_to_be_none(open_desk: OpenDesk) -> None:
    desk = await open_desk(person_messages_per_minute=1)
    draft = await desk.say("/pay 2024-001 1 card")
    assert (await desk.say(confirm_of(draft))).text == SLOW
    assert desk.sandbox.requests.count(("POST", "/payments")) == 0


async def test_everybody_in_a_chat_shares_its_room(open_desk: OpenDesk) -> None:
    desk = await open_desk(chat_messages_per_minute=2)
    for who in ("viewer", "cashier"):
        assert (await desk.say("/help", who, TEAM)).outcome is Outcome.ANSWERED
    slow = await desk.say("/help", "admin", TEAM)
    assert (slow.text, slow.private) == (SLOW, True)
    assert (await desk.say("/help", "admin")).outcome is Outcome.ANSWERED


async def test_strangers_are_answered_ten_times_and_then_not_at_all(open_desk: OpenDesk) -> None:
    desk = await open_desk(person_messages_per_minute=60)
    for _time in range(10):
        assert len(await desk.replies("/payments", "nobody")) == 1
    assert await desk.replies("/payments", "nobody") == []
    assert desk.sandbox.requests == []


async def test_without_a_limit_there_is_none(desk: Desk) -> None:
    for _time in range(100):
        assert (await desk.say("/id", "viewer")).outcome is Outcome.ANSWERED


async def test_whoever_asked_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "_MOST", 2)
    theirs = bursts.Bursts(1, 0)
    for who in ("a", "b", "c", "a"):
        assert await theirs.admit(message("/id", who), is_stranger=False), who
    assert not await theirs.admit(message("/id", "c"), is_stranger=False)
