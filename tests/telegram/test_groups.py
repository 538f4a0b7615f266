"""Groups: who reads what, who nobody is, and where a group has gone."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.message import Chat, ChatKind, Message
from bot.outlets import ChatClosedError, Outlet
from bot.platforms.telegram import deep_link
from bot.reply import Button, Fact, Reply
from tests.telegram.phones import GROUP, IDS, Talk, person, place, pressed, settled, written
from tests.telegram.screen import Fields
from tests.telegram.strict import No, StrictTelegram

ROOM = Chat("telegram", str(GROUP), ChatKind.GROUP)


def answering(talk: Talk[StrictTelegram], *replies: Reply) -> None:
    """Let the bot answer everything with these."""

    async def serve(message: Message, outlet: Outlet) -> None:
        card = message.card
        for reply in replies:
            if card and reply.in_place:
                await outlet.edit(card, reply)
            else:
                card = await outlet.send(message.chat, reply, message)

    talk.serve = serve


async def test_an_anonymous_admin_is_refused_with_the_reason(talk: Talk[StrictTelegram]) -> None:
    group = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    anonymous: Fields = {"from": group, "sender_chat": place(GROUP)}
    async with talk.running():
        card = await talk.say("/invoice 2024-001", chat=GROUP, **anonymous)
        assert "can't see who you are" in card.text
        assert card.reply_to
        await talk.tell("/invoice@other 1", chat=GROUP, **anonymous)
        await talk.tell("chatter", chat=GROUP, **anonymous)
        await settled()
        assert len(talk.screen.in_chat(GROUP)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"from": {**person("cashier"), "is_bot": True}},
        {"from": None},
        {"sender_chat": place(-5), "is_automatic_forward": True},
        {"chat": {"id": -9, "type": "channel"}, "sender_chat": {"id": -9, "type": "channel"}},
        {"text": None, "pinned_message": {}},
    ],
)
async def test_bots_channels_and_service_messages_are_not_answered(
    talk: Talk[StrictTelegram], more: dict[str, Any]
) -> None:
    async with talk.running():
        update = written("/invoice 2024-001", "cashier", GROUP)
        update["message"] |= more
        await talk.telegram.push(update)
        await talk.say("/id", chat=GROUP)
        assert len(talk.screen.cards) == 1


CHANNEL: Fields = {"id": -1009, "type": "channel", "title": "Money <&>"}


def posted(text: str | None) -> Fields:
    """A post of a channel: nobody knows by whom."""
    words = {} if text is None else {"text": text}
    return {"channel_post": {"message_id": 7, "date": 1, "chat": CHANNEL, "sender_chat": CHANNEL, **words}}


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_a_channel_is_told_its_id_and_nothing_else(talk: Talk[StrictTelegram], way: str) -> None:
    if way == "webhook":
        talk.listen()
    async with talk.running():
        for other in ("/invoice 2024-001", "2024-001", "/id please", "/id@other_bot", "@casier_bot /id", None):
            await talk.telegram.push(posted(other))
        for said in ("/id", "/ID@casier_bot "):
            before = len(talk.screen.in_chat(-1009))
            await talk.telegram.push(posted(said))
            card = await talk.next(-1009, before)
            assert card.text.startswith("This channel is telegram:-1009\n")
            assert "/subscribe chat=telegram:-1009" in card.text
            assert card.reply_to == 7
        await talk.say("/id")
    assert len(talk.screen.in_chat(-1009)) == 2


async def test_a_channel_where_we_may_not_post_is_left_alone(talk: Talk[StrictTelegram]) -> None:
    talk.telegram.closed.add(-1009)
    async with talk.running():
        await talk.telegram.push(posted("/id"))
        await talk.say("/id")
    assert talk.closed == ["-1009"]


async def test_a_private_answer_in_a_group_goes_to_the_person_s_own_chat(talk: Talk[StrictTelegram]) -> None:
    answering(talk, Reply(title="Only you", facts=(Fact("Id", "1"),), private=True))
    async with talk.running():
        pointer = await talk.say("/me", chat=GROUP)
        assert pointer.text == "I have answered you in our private chat."
        assert "Only you" in talk.screen.in_chat(IDS["cashier"])[0].text


async def test_who_never_wrote_to_us_gets_a_link_to_our_chat_instead(talk: Talk[StrictTelegram]) -> None:
    answering(talk, Reply(title="Only you", private=True))
    talk.telegram.closed.add(IDS["cashier"])
    async with talk.running():
        card = await talk.say("/invoice 2024-001", chat=GROUP)
        assert "this answer is for you alone" in card.text
        assert card.buttons == {"Open our chat": deep_link("casier_bot", "/invoice 2024-001")}
        card = await talk.say("/me", chat=GROUP)
        assert card.buttons == {"Open our chat": deep_link("casier_bot")}


async def test_a_private_refusal_that_is_too_long_for_an_alert_goes_to_the_person_s_own_chat(
    talk: Talk[StrictTelegram],
) -> None:
    answering(talk, Reply(text="No. " * 60, private=True))
    async with talk.running():
        card = await talk.chat.send(ROOM, Reply(text="A card", buttons=(Button("Press", "/x"),)))
        shown = talk.screen.cards[GROUP, int(card.message)]
        await talk.press(shown, "Press")
        assert "No. No." in (await talk.next(IDS["cashier"], 0)).text


async def test_a_card_for_all_does_not_turn_private(talk: Talk[StrictTelegram]) -> None:
    answering(talk, Reply(text="done", private=True, in_place=True, buttons=(Button("More", "/more"),)))
    async with talk.running() as chat:
        card = await chat.send(ROOM, Reply(text="A card", buttons=(Button("Press", "/x"),)))
        shown = talk.screen.cards[GROUP, int(card.message)]
        with pytest.raises(Exception, match=card.message):
            await chat.edit(card, Reply(text="secret", private=True))
        assert shown.looks == ["A card"]
        update = pressed(shown, "/x", "cashier")
        await talk.telegram.push(update)
        await talk.acknowledged(update["callback_query"]["id"])
        assert shown.looks == ["A card"]


async def test_a_group_that_became_a_supergroup_is_followed_when_writing(talk: Talk[StrictTelegram]) -> None:
    talk.telegram.moved[GROUP] = -1009
    async with talk.running() as chat:
        topic = Chat("telegram", str(GROUP), ChatKind.GROUP, thread="4")
        card = await chat.send(topic, Reply(text="hello"))
        assert card.chat == Chat("telegram", "-1009", ChatKind.GROUP)
        again = await chat.send(ROOM, Reply(text="hello again"))
        assert again.chat.id == "-1009"
        assert talk.moved == [(str(GROUP), "-1009")]
        assert len(talk.telegram.refused) == 1


async def test_a_group_that_says_that_it_moved_is_followed_and_told_of_once(talk: Talk[StrictTelegram]) -> None:
    async with talk.running() as chat:
        await talk.tell(None, chat=GROUP, migrate_to_chat_id=-1009)
        await talk.tell(None, chat=-1009, migrate_from_chat_id=GROUP)
        await settled()
        assert talk.moved == [(str(GROUP), "-1009")]
        assert (await chat.send(ROOM, Reply(text="hello"))).chat.id == "-1009"


async def test_being_put_out_is_noted_and_writing_there_says_so(talk: Talk[StrictTelegram]) -> None:
    async with talk.running() as chat:
        member = {"chat": place(GROUP), "from": person("cashier"), "date": 1, "new_chat_member": {"status": "kicked"}}
        await talk.telegram.push({"my_chat_member": member})
        await talk.telegram.push({"my_chat_member": {**member, "new_chat_member": {"status": "member"}}})
        await settled()
        assert talk.closed == [str(GROUP)]
        talk.telegram.closed.add(GROUP)
        with pytest.raises(ChatClosedError, match=str(GROUP)):
            await chat.send(ROOM, Reply(text="hello"))
        talk.telegram.closed.clear()
        talk.telegram.unknown.add(GROUP)
        with pytest.raises(ChatClosedError) as closed:
            await chat.send(ROOM, Reply(text="hello"))
        assert closed.value.chat == ROOM
        await talk.tell("/invoice 2024-001", chat=GROUP)
        await talk.say("/invoice 2024-001")
        assert talk.closed == [str(GROUP)]
        talk.telegram.unknown.clear()
        await talk.say("/invoice 2024-001", chat=GROUP)
        await talk.telegram.push({"my_chat_member": member})
        await settled()
        assert talk.closed == [str(GROUP)] * 2


async def test_a_card_in_a_chat_that_is_gone_is_forgotten_and_never_tried_again(
    talk: Talk[StrictTelegram], caplog: pytest.LogCaptureFixture
) -> None:
    async with talk.running():
        lost, kept = [await talk.say("/pay 2024-001 10 cash", chat=chat) for chat in (GROUP, IDS["cashier"])]
        cards = talk.app.services.store.cards
        orders = [each.labelled("Confirm").removeprefix("/confirm ") for each in (lost, kept)]
        talk.telegram.closed.add(GROUP)
        await talk.say("/cancel")
        assert await cards.of(orders[0]) == []
        assert [card.chat.id for card in await cards.of(orders[1])] == [str(IDS["cashier"])]
        refused = len(talk.telegram.refused)
        for _round in range(3):
            await talk.app.services.desk.sweep(settled_for=-timedelta(minutes=1))
        await talk.tell("/invoice 2024-001", chat=GROUP)
        await talk.screen.until(lambda: len(talk.telegram.refused) > refused)
        assert len(talk.telegram.refused) == refused + 1
    assert [each.levelno for each in caplog.records if "telegram.closed" in each.message] == [logging.WARNING]


async def test_a_topic_that_is_gone_does_not_swallow_the_answer(talk: Talk[StrictTelegram]) -> None:
    talk.telegram.faults["sendMessage"].append(No(400, "Bad Request: message thread not found"))
    async with talk.running():
        card = await talk.say("/invoice 2024-001", chat=GROUP, message_thread_id=9, is_topic_message=True)
        assert card.thread is None
