"""What is said and answered, as the page hears of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from bot.message import CardRef, Chat, ChatKind, Message
from bot.outlets import CardGoneError, ChatClosedError, Outlet
from bot.platforms.web import TEAM, WebChat
from bot.reply import Button, Column, Fact, File, Reply, Row, Table

pytestmark = pytest.mark.asyncio(loop_scope="session")

Event = dict[str, Any]
Say = Callable[..., Awaitable[httpx.Response]]
Watch = Callable[..., AbstractAsyncContextManager[AsyncIterator[Event]]]
Serve = Callable[[Message, Outlet], Awaitable[None]]

DESK = Chat("web", "admin")


async def upto(events: AsyncIterator[Event], kind: str, **expected: object) -> list[Event]:
    """The events until one of this kind with these values, that one included."""
    got: list[Event] = []
    async with asyncio.timeout(5):
        async for event in events:
            got.append(event)
            if event["kind"] == kind and expected.items() <= event.items():
                return got
    raise AssertionError(got)


async def seen(watch: Watch, person: str, last: str = "") -> list[Event]:
    """What a page that opens now would show."""
    async with watch(person, last) as events:
        return [event for event in await upto(events, "ready") if event["kind"] == "entry"]


def words(entries: list[Event]) -> list[str]:
    return [entry["card"]["text"] if "card" in entry else entry["text"] for entry in entries]


async def test_what_is_said_and_what_is_answered_is_heard_in_this_order(say: Say, watch: Watch) -> None:
    async with watch("admin") as events:
        assert (await upto(events, "ready"))[0]["kind"] == "hello"
        assert (await say("admin", "  hello ", key="k1")).status_code == 202
        got = await upto(events, "job", done=True)
    entries = [event for event in got if event["kind"] == "entry"]
    assert words(entries) == ["hello", "You said hello"]
    assert entries[0]["key"] == "k1"
    assert got[-1]["key"] == "k1"


async def test_the_bot_is_told_who_spoke_and_where(say: Say, web: WebChat, heard: list[Message]) -> None:
    await say("cashier", "/pay 2024-001")
    await say("cashier", "/team", chat="team")
    await web.close()
    assert [message.sender.key for message in heard] == ["web:cashier", "web:cashier"]
    assert [message.chat for message in heard] == [Chat("web", "cashier"), Chat("web", "team", ChatKind.GROUP)]
    assert {message.bot_name for message in heard} == {"casier"}


async def test_texts_reach_the_bot_in_the_order_they_came(say: Say, web: WebChat, heard: list[Message]) -> None:
    for number in range(30):
        await say("admin", str(number))
    await web.close()
    assert [message.text for message in heard] == [str(number) for number in range(30)]


async def test_a_text_sent_again_after_a_lost_answer_counts_once(say: Say, web: WebChat, heard: list[Message]) -> None:
    for _ in range(3):
        assert (await say("admin", "/pay", key="same")).status_code == 202
    await say("viewer", "/pay", key="same")
    await web.close()
    assert [message.sender.id for message in heard] == ["admin", "viewer"]


async def test_a_page_that_opens_later_sees_what_was_said_but_not_what_others_said_alone(
    say: Say, web: WebChat, watch: Watch
) -> None:
    await web.send(DESK, Reply(text="for the admin"))
    await web.send(TEAM, Reply(text="for all"))
    await say("viewer", "I am reading", chat="team")
    assert words(await seen(watch, "admin")) == ["for the admin", "for all", "I am reading"]
    assert words(await seen(watch, "viewer")) == ["for all", "I am reading"]


async def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(web: WebChat, watch: Watch) -> None:
    first = await web.send(DESK, Reply(text="one"))
    await web.send(DESK, Reply(text="two"))
    before = await seen(watch, "admin")
    await web.send(DESK, Reply(text="three"))
    await web.edit(first, Reply(text="one, edited"))
    after = await seen(watch, "admin", before[-1]["event_id"])
    assert words(after) == ["three", "one, edited"]
    assert (after[1]["id"], after[1]["edited"]) == (before[0]["id"], True)
    assert await seen(watch, "admin", after[-1]["event_id"]) == []


@pytest.mark.parametrize("last", ["deadbeef-1", "nonsense", "-", "{epoch}-", "{epoch}-" + 5000 * "9", "{epoch}-x"])
async def test_a_page_from_before_a_restart_sees_everything(web: WebChat, watch: Watch, last: str) -> None:
    card = await web.send(DESK, Reply(text="one"))
    epoch = card.message.partition("-")[0]
    assert words(await seen(watch, "admin", last.format(epoch=epoch))) == ["one"]


async def test_an_edited_card_changes_in_every_open_page(web: WebChat, watch: Watch) -> None:
    card = await web.send(TEAM, Reply(text="waiting", buttons=(Button("Approve", "/approve 1"),)))
    async with watch("admin") as here, watch("viewer") as there:
        await upto(here, "ready")
        await upto(there, "ready")
        await web.edit(card, Reply(text="approved"))
        for events in (here, there):
            (entry,) = await upto(events, "entry")
            assert (entry["id"], entry["card"]["text"], entry["card"]["buttons"]) == (card.message, "approved", [])


async def test_a_page_that_sleeps_is_told_only_how_things_stand(web: WebChat, watch: Watch) -> None:
    async with watch("admin") as events:
        await upto(events, "ready")
        card = await web.send(DESK, Reply(text="0"))
        for number in range(1, 50):
            await web.edit(card, Reply(text=str(number)))
        got = await upto(events, "entry")
    assert words(got) == ["49"]


async def test_a_card_that_is_not_known_cannot_be_edited(web: WebChat) -> None:
    for card in (CardRef(DESK, "deadbeef-1"), CardRef(Chat("web", "nobody"), "1")):
        with pytest.raises(CardGoneError):
            await web.edit(card, Reply(text="x"))


async def test_nothing_can_be_sent_to_a_chat_that_does_not_exist(web: WebChat) -> None:
    with pytest.raises(ChatClosedError):
        await web.send(Chat("web", "nobody"), Reply(text="x"))


async def test_what_goes_on_from_a_card_says_from_which(web: WebChat, watch: Watch) -> None:
    card = await web.send(TEAM, Reply(title="RON 10.00 on 2024-001"))
    below = await web.send(TEAM, Reply(text="It is confirmed now."), under=card)
    await web.send(TEAM, Reply(text="x"), under=CardRef(TEAM, "gone"))
    shown = {entry["id"]: entry["under"] for entry in await seen(watch, "admin") if entry["room"] == "team"}
    assert shown[below.message] == "RON 10.00 on 2024-001"
    assert list(shown.values())[-1] is None


async def test_only_the_last_500_entries_are_kept(web: WebChat, watch: Watch) -> None:
    first = await web.send(DESK, Reply(text="0"))
    for number in range(1, 501):
        await web.send(DESK, Reply(text=str(number)))
    entries = await seen(watch, "admin")
    assert (len(entries), words(entries[:1])) == (500, ["1"])
    with pytest.raises(CardGoneError):
        await web.edit(first, Reply(text="x"))


async def test_in_the_team_channel_people_talk_and_commands_go_to_the_bot(
    say: Say, watch: Watch, heard: list[Message]
) -> None:
    async with watch("admin") as events:
        await say("viewer", "good morning", chat="team")
        await say("viewer", "/invoice 2024-001", chat="team")
        entries = [event for event in await upto(events, "job", done=True) if event["kind"] == "entry"]
    assert [message.text for message in heard] == ["/invoice 2024-001"]
    assert words(entries) == ["good morning", "/invoice 2024-001", "You said /invoice 2024-001"]
    assert entries[0]["who"] == {"id": "viewer", "name": "Vlad <b>_Bold*_</b>"}
    assert entries[2]["asker"]["id"] == "viewer"


async def test_a_private_answer_in_the_team_channel_is_for_the_asker_alone(
    say: Say, watch: Watch, answers: dict[str, Reply]
) -> None:
    answers["/secret"] = Reply(text="hush", private=True, buttons=(Button("More", "/more"),))
    async with watch("cashier") as events:
        await upto(events, "ready")
        await say("cashier", "/secret", chat="team")
        got = await upto(events, "job", done=True)
    card = next(event for event in got if "card" in event)
    assert (card["card"]["text"], card["aside"]) == ("hush", True)
    assert words(await seen(watch, "admin")) == ["/secret"]
    assert (await say("admin", "/more", chat="team", card=card["id"])).status_code == 404
    assert (await say("cashier", "/more", chat="team", card=card["id"])).status_code == 202


async def test_a_card_for_all_does_not_turn_private(web: WebChat) -> None:
    card = await web.send(TEAM, Reply(text="for all"))
    with pytest.raises(CardGoneError):
        await web.edit(card, Reply(text="hush", private=True))
    with pytest.raises(ValueError, match="needs somebody who asked"):
        await web.send(TEAM, Reply(text="hush", private=True))


async def test_a_press_says_its_command_on_its_card_and_is_no_bubble(
    say: Say, web: WebChat, watch: Watch, heard: list[Message]
) -> None:
    card = await web.send(DESK, Reply(text="sure?", buttons=(Button("Confirm", "/confirm 7Q2K"),)))
    async with watch("admin") as events:
        await upto(events, "ready")
        assert (await say("admin", "/confirm 7Q2K", card=card.message, key="p")).status_code == 202
        got = await upto(events, "job", done=True)
    assert [(message.text, message.card) for message in heard] == [("/confirm 7Q2K", card)]
    (answer,) = [event for event in got if event["kind"] == "entry"]
    assert (answer["card"]["text"], answer["pressed"]) == ("You said /confirm 7Q2K", "Confirm")


@pytest.mark.parametrize(
    ("command", "label"), [("/f", "2024-001"), ("/r", "Dacia"), ("/n", "next page"), ("/b", "Go"), ("/x", None)]
)
async def test_whatever_can_be_pressed_has_a_name(
    say: Say, web: WebChat, watch: Watch, command: str, label: str | None
) -> None:
    table = Table((Column("Name"),), (Row(("Dacia",), "/r"), Row((), "/empty"), Row(("x",))), 1, 2, None, "/n")
    card = await web.send(
        DESK,
        Reply(facts=(Fact("Invoice", "2024-001", "/f"), Fact("x", "y")), table=table, buttons=(Button("Go", "/b"),)),
    )
    async with watch("admin") as events:
        await say("admin", command, card=card.message)
        assert (await upto(events, "job", done=True))[-2]["pressed"] == label


async def test_a_press_must_be_on_a_card_of_that_chat(say: Say, web: WebChat, watch: Watch) -> None:
    theirs = await web.send(Chat("web", "viewer"), Reply(text="x"))
    await say("admin", "hello")
    typed = (await seen(watch, "admin"))[0]["id"]
    for card in (theirs.message, typed, "1", ""):
        answer = await say("admin", "/x", card=card)
        assert (answer.status_code, answer.text) == (404, "This card is gone. Please ask again.")


async def test_the_page_hears_when_the_bot_works_and_when_it_is_done(
    say: Say, watch: Watch, acts: dict[str, Serve]
) -> None:
    go = asyncio.Event()

    async def slow(message: Message, outlet: Outlet) -> None:
        await go.wait()
        await outlet.send(message.chat, Reply(text="at last"), message)

    acts["/slow"] = slow
    async with watch("admin") as events:
        await say("admin", "/slow", key="s")
        assert (await upto(events, "job"))[-1] | {"key": "s", "done": False, "room": "private"} == (
            {**(await _job(watch)), "kind": "job"}
        )
        go.set()
        assert (await upto(events, "job", done=True))[-1]["key"] == "s"


async def _job(watch: Watch) -> Event:
    async with watch("admin") as events:
        return (await upto(events, "job"))[-1]


async def test_an_answer_that_fails_is_logged_and_said(
    say: Say, watch: Watch, acts: dict[str, Serve], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_message: Message, _outlet: Outlet) -> None:
        raise RuntimeError("the till is stuck")

    acts["/broken"] = broken
    async with watch("admin") as events:
        await say("admin", "/broken")
        got = await upto(events, "job", done=True)
    assert got[-2]["card"]["text"].startswith("Something went wrong here.")
    assert got[-2]["card"]["outcome"] == "failed"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "the till is stuck" in (record.exc_text or caplog.text)


async def test_a_half_character_in_a_name_does_not_break_the_line(web: WebChat, watch: Watch) -> None:
    await web.send(DESK, Reply(text="half \ud83d, whole 😀, line\u2028break"))
    assert words(await seen(watch, "admin")) == ["half \ud83d, whole 😀, line\u2028break"]


async def test_the_page_learns_who_there_is_and_what_they_may_say(client: httpx.AsyncClient) -> None:
    people = (await client.get("/people")).json()
    assert people[0] == {"id": "admin", "name": "Ana Popescu"}
    menu = (await client.get("/menu", params={"person": "admin"})).json()
    assert menu[1] == {"usage": "/invoice <invoice>", "purpose": "Show one invoice."}


async def test_a_file_can_be_fetched_where_the_card_says(web: WebChat, watch: Watch, client: httpx.AsyncClient) -> None:
    receipt = File("Chitanță <1>.html", "text/html; charset=utf-8", b"<script>alert(1)</script>")
    picture = File("chart.png", "image/png", b"\x89PNG")
    await web.send(DESK, Reply(picture=picture, files=(receipt, File("odd\r\n\ud800", "no\r\ntype", b""))))
    card = (await seen(watch, "admin"))[0]["card"]
    got = [await client.get(file["path"]) for file in (card["picture"], *card["files"])]
    assert [answer.content for answer in got] == [b"\x89PNG", b"<script>alert(1)</script>", b""]
    assert [answer.headers["content-type"] for answer in got] == [
        "image/png",
        "text/html; charset=utf-8",
        "application/octet-stream",
    ]
    assert got[0].headers["content-disposition"] == "inline; filename*=utf-8''chart.png"
    assert got[1].headers["content-disposition"].startswith("attachment; filename*=utf-8''Chitan%C8%9B%C4%83")
    assert all("sandbox" in answer.headers["content-security-policy"] for answer in got)
    assert len(card["files"][0]["path"]) >= len("/files/") + 32


async def test_a_file_that_is_not_kept_any_more_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/files/0123")
    assert (answer.status_code, answer.text) == (404, "This file is not kept any more. Please ask for it again.")
