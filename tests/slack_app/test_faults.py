"""Whatever happens on the way to Slack: the answer comes, payments are made once, and what is wrong is said."""

import asyncio
import io
from dataclasses import replace

import pytest

from bot.message import Chat, ChatKind
from bot.outlets import CardGoneError, ChatClosedError
from bot.platforms.slack import WrongTokenError
from bot.platforms.slack.faults import SlackNoError
from bot.reply import File, Reply
from tests.slack_app.standin import Broken, No, Reset, TooMany, own_channel
from tests.slack_app.workspace import CHANNEL, IDS, Talk

OWN = own_channel(IDS["cashier"])
TEAM = Chat("slack", CHANNEL, ChatKind.GROUP)

FAULTS: dict[str, list[Exception]] = {
    "502": [Broken(502)],
    "5xx and a cut": [Broken(503), Reset()],
    "429": [TooMany(0)],
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_an_answer_comes_and_a_payment_is_made_once_whatever_is_on_the_way(here: Talk, kind: str) -> None:
    here.slack.faults["chat.postMessage"] = list(FAULTS[kind])
    draft = await here.said("pay 2024-001 10 cash REF")
    here.slack.faults["chat.update"] = list(FAULTS[kind])
    await here.press(draft, "Confirm")
    await here.screen.until(lambda: "✅ recorded" in draft.lines, 20)
    assert len(here.screen.seen_in(OWN)) == 1
    assert here.sandbox.requests.count(("POST", "/payments")) == 1
    here.slack.faults["response_url"] = list(FAULTS[kind])
    card = await here.said("invoice 2024-001", "viewer", CHANNEL)
    assert card.lines[0] == "Invoice 2024-001"


async def test_a_deleted_card_is_shown_anew(here: Talk) -> None:
    draft = await here.said("pay 2024-001 10 cash REF")
    here.slack.faults["chat.update"] = [No("message_not_found"), No("cant_update_message")]
    await here.press(draft, "Confirm")
    await here.screen.until(lambda: any("✅ recorded" in card.lines for card in here.screen.seen_in(OWN)))


async def test_a_channel_that_lets_nobody_in_is_told_of_once(here: Talk) -> None:
    here.slack.members.clear()
    for _time in range(2):
        with pytest.raises(ChatClosedError):
            await here.chat.send(TEAM, Reply(text="news"))
    assert here.closed == [CHANNEL]
    here.slack.members.add(CHANNEL)
    await here.chat.send(TEAM, Reply(text="news"))
    with pytest.raises(ChatClosedError):
        await here.chat.send(Chat("slack", "U0NOBODY"), Reply(text="news"))
    here.slack.faults["chat.postMessage"] = [No("fatal_error")]
    with pytest.raises(SlackNoError, match="fatal_error"):
        await here.chat.send(TEAM, Reply(text="news"))


@pytest.mark.parametrize(
    ("name", "method"), [("SLACK_BOT_TOKEN", "auth.test"), ("SLACK_APP_TOKEN", "apps.connections.open")]
)
async def test_a_wrong_token_ends_the_start_with_a_line_that_names_it(talk: Talk, name: str, method: str) -> None:
    talk.slack.faults[method] = [No("invalid_auth")]
    with pytest.raises(WrongTokenError, match=f"{name} is wrong: Slack says “invalid_auth”"):
        async with talk.running():
            raise AssertionError


async def test_a_slack_that_is_away_at_the_start_is_waited_for(talk: Talk, lines: io.StringIO) -> None:
    talk.slack.faults["auth.test"] = [Broken() for _time in range(8)]
    talk.slack.faults["apps.connections.open"] = [No("internal_error")]
    async with talk.running(patience=0.01):
        assert talk.chat.state() == {
            "ok": False,
            "mode": "socket",
            "trouble": None,
            "last_event_seconds_ago": None,
        }
        await talk.slack.deliveries.until_connected(1)
        assert (await talk.said("2024-001")).lines[0] == "Invoice 2024-001"
        assert talk.chat.state()["ok"]
    assert lines.getvalue().count("slack.unreachable") == 2
    assert "slack.reached" in lines.getvalue()


async def test_a_connection_that_is_asked_to_leave_or_cut_is_made_anew(here: Talk) -> None:
    deliveries = here.slack.deliveries
    await deliveries.ask_to_leave()
    await deliveries.until_connected(2)
    assert (await here.said("2024-001")).lines[0] == "Invoice 2024-001"
    # The next address is of no use: another one is asked for.
    here.slack.faults["apps.connections.open"] = [Broken(503), Broken(503), Broken(503), Broken(503), Broken(503)]
    await deliveries.cut()
    await deliveries.until_connected(3)
    assert (await here.said("CL-001")).lines[0] == "Client Premium"


async def test_an_address_that_does_not_connect_is_not_tried_again(here: Talk) -> None:
    deliveries = here.slack.deliveries
    deliveries.spoilt = 1
    await deliveries.cut()
    await deliveries.until_connected(2)
    assert (await here.said("CL-001")).lines[0] == "Client Premium"


async def test_what_is_not_acknowledged_is_sent_again_and_answered_once(here: Talk) -> None:
    told = here.event({"type": "message", "channel": OWN, "channel_type": "im", "text": "2024-001"}, "cashier")
    for number in range(3):
        await here.slack.deliveries.push("events_api", {**told, "retry": number})
    await here.next(OWN, 0)
    await here.said("id")
    assert len(here.screen.seen_in(OWN)) == 2


async def test_a_stop_finishes_what_was_asked(talk: Talk) -> None:
    talk.sandbox.faults.add("GET", "*", "delay", seconds=0.3)
    async with talk.running():
        await talk.command("invoice 2024-001")
    assert [card.lines[0] for card in talk.screen.seen_in(OWN)] == ["Invoice 2024-001"]


async def test_a_thousand_messages_to_a_channel_that_says_429_are_each_shown_once_in_their_order(here: Talk) -> None:
    here.slack.faults["chat.postMessage"] = [TooMany(0), *[None] * 300] * 3
    await asyncio.gather(*(here.chat.send(TEAM, Reply(text=f"notice {number}")) for number in range(1000)))
    assert [card.lines for card in here.screen.seen_in(CHANNEL)] == [[f"notice {number}"] for number in range(1000)]
    assert here.slack.refused.count(("chat.postMessage", "ratelimited")) == 3


async def test_no_secret_and_no_name_is_logged(talk: Talk, lines: io.StringIO) -> None:
    async with talk.running():
        card = await talk.said("customer CL-001", channel=CHANNEL)
        assert card.lines[0] == "Client Premium"
        talk.slack.faults["chat.postMessage"] = [No("fatal_error")]
        await talk.command("pay 2024-001 10 cash")
        await asyncio.sleep(0.1)
    logged = lines.getvalue()
    assert "fatal_error" in logged
    for secret in ("xoxb", "xapp", "Client Premium", "respond-", "Cashier", "ticket-"):
        assert secret not in logged


async def test_an_answer_that_can_not_be_responded_is_whispered(here: Talk) -> None:
    here.slack.faults["response_url"] = [Reset() for _time in range(4)]
    card = await here.said("invoice 2024-001", "viewer", CHANNEL)
    assert (card.lines[0], card.reader) == ("Invoice 2024-001", IDS["viewer"])


async def test_what_can_neither_be_shared_nor_shown_here_comes_into_our_own_chat(here: Talk) -> None:
    here.slack.members.clear()
    card = await here.said("invoice 2024-001", channel=CHANNEL)
    here.slack.faults["response_url"] = [No("used_url"), No("used_url")]
    await here.press(card, "Share to channel")
    assert (await here.next(OWN, 0)).lines[0] == "Invoice 2024-001"
    here.slack.faults["chat.postMessage"] = [No("not_in_channel"), No("messages_tab_disabled")]
    told = await here.said("pay 2024-001 10 cash", channel=CHANNEL)
    assert told.lines == ["I can't write to you: open my chat under “Apps” first, then ask again."]


async def test_a_press_that_asks_for_nothing_gets_no_answer(here: Talk) -> None:
    card = await here.said("invoice 2024-001")
    pressed = here.pressing(card, "Customer")
    for changed in ({"value": ""}, {"action_id": "other"}):
        action = {**pressed["actions"][0], **changed}
        await here.slack.deliveries.push("interactive", {**pressed, "actions": [action]})
    await here.said("id")
    assert len(here.screen.seen_in(OWN)) == 2


async def test_a_card_that_grows_too_long_is_shown_anew(here: Talk) -> None:
    card = await here.chat.send(TEAM, Reply(text="short"))
    with pytest.raises(CardGoneError):
        await here.chat.edit(card, Reply(text="\n".join(["long " * 200] * 20)))
    here.slack.faults["chat.update"] = [No("fatal_error")]
    with pytest.raises(SlackNoError):
        await here.chat.edit(card, Reply(text="short"))
    await here.chat.edit(card, Reply(text="a file", files=(File("a.txt", "text/plain", b"a"),)))
    assert [shown.file for shown in here.screen.seen_in(CHANNEL)] == [None, "a.txt"]


async def test_a_slack_that_is_not_there_is_tried_on_and_on(talk: Talk, lines: io.StringIO) -> None:
    talk.options = replace(talk.options, url="http://127.0.0.1:1/api/")
    async with talk.running(patience=0.3):
        assert not talk.chat.state()["ok"]
    assert "slack.unreachable" in lines.getvalue()


async def test_a_token_that_turns_out_wrong_later_is_logged(talk: Talk, lines: io.StringIO) -> None:
    talk.slack.faults["auth.test"] = [*(Broken() for _time in range(4)), No("token_revoked")]
    async with talk.running(patience=0.01):
        async with asyncio.timeout(10):
            while "slack.ended" not in lines.getvalue():
                await asyncio.sleep(0.02)
    assert "SLACK_BOT_TOKEN is wrong" in lines.getvalue()
