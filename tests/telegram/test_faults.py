"""What Telegram has against us, and what becomes of the answer all the same."""

import logging
import time
from dataclasses import replace

import pytest
from telegram.error import BadRequest, NetworkError

from bot.message import CardRef, Chat
from bot.outlets import CardGoneError, ChatClosedError
from bot.platforms.telegram import UNLIMITED
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.request import Fields, WireRequest
from bot.reply import Button, Fact, File, Reply
from tests.telegram.phones import GROUP, IDS, Talk, asked, pressed, settled
from tests.telegram.strict import No, Slow, StrictTelegram

OWN = Chat("telegram", str(IDS["cashier"]))
FLOOD = "Too Many Requests: retry after 1"


async def test_a_429_is_waited_for_and_keeps_nobody_else_waiting(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        talk.telegram.faults["sendMessage"] = [No(429, FLOOD, retry_after=3)]
        started = time.monotonic()
        await talk.tell("/invoice 2024-001")
        await talk.screen.until(lambda: talk.telegram.refused)
        await talk.say("/invoice 2024-001", "viewer")
        assert time.monotonic() - started < 2.5
        await talk.next(IDS["cashier"], 0)
        assert time.monotonic() - started >= 3


async def test_markup_that_telegram_refuses_is_sent_as_plain_text(
    talk: Talk[StrictTelegram], caplog: pytest.LogCaptureFixture
) -> None:
    refusal = No(400, "Bad Request: can't parse entities: unsupported start tag")
    talk.telegram.faults["sendMessage"] = [refusal]
    talk.telegram.faults["editMessageText"] = [refusal]
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(title="A & <b>"))
        assert talk.screen.in_chat(IDS["cashier"])[0].text == "A & <b>"
        await chat.edit(card, Reply(title="B & <b>"))
        assert talk.screen.in_chat(IDS["cashier"])[0].text == "B & <b>"
    assert [each.levelno for each in caplog.records if "telegram.markup" in each.message] == [logging.ERROR] * 2


async def test_drawing_a_card_as_it_is_counts_as_done(talk: Talk[StrictTelegram]) -> None:
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(text="the same"))
        await chat.edit(card, Reply(text="the same"))
        assert talk.telegram.refused[-1][0] == "editMessageText"


@pytest.mark.parametrize(
    "fault",
    [
        No(400, "Bad Request: message can't be edited"),
        No(403, "Forbidden: bot was kicked from the group chat"),
        No(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009),
    ],
)
async def test_a_card_that_can_t_be_edited_is_gone(talk: Talk[StrictTelegram], fault: Exception) -> None:
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(text="before"))
        talk.telegram.faults["editMessageText"] = [fault]
        with pytest.raises(CardGoneError):
            await chat.edit(card, Reply(text="after"))
        with pytest.raises(CardGoneError):
            await chat.edit(CardRef(OWN, "999999"), Reply(text="after"))


async def test_a_deleted_draft_gets_its_receipt_as_a_new_card(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        draft = await talk.say("/pay 2024-001 10 cash")
        confirm = draft.labelled("Confirm")
        del talk.screen.cards[draft.chat, draft.id]
        await talk.telegram.push(pressed(draft, confirm, "cashier"))
        receipt = await talk.next(IDS["cashier"], 0)
        await talk.looks(receipt, "Receipt")


@pytest.mark.parametrize("fault", [No(400, "Bad Request: BUTTON_DATA_INVALID"), No(418, "I'm a teapot")])
async def test_an_answer_that_can_t_be_shown_is_said_to_have_failed(
    talk: Talk[StrictTelegram], fault: Exception
) -> None:
    talk.telegram.faults["sendMessage"] = [fault] * (1 if fault.args[0].startswith("Bad") else 5)
    async with talk.running():
        card = await talk.say("/invoice 2024-001")
        assert "Something went wrong here" in card.text


async def test_when_not_even_that_can_be_said_the_bot_goes_on(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        talk.telegram.faults["sendMessage"] = [No(400, "Bad Request: strange")] * 2
        await talk.tell("/invoice 2024-001")
        await settled(0.3)
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text


async def test_a_blocked_person_costs_a_line_in_the_log_and_nothing_else(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        talk.telegram.closed.add(IDS["cashier"])
        await talk.tell("/invoice 2024-001")
        await talk.screen.until(lambda: talk.telegram.refused)
        await talk.say("/invoice 2024-001", "viewer")
        assert talk.closed == ["3"]


async def test_a_press_that_is_too_old_is_no_trouble(talk: Talk[StrictTelegram]) -> None:
    old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    async with talk.running():
        draft = await talk.say("/pay 2024-001 10 cash")
        talk.telegram.faults["answerCallbackQuery"] = [No(400, old), No(400, "Bad Request: else")]
        for label in ("2024-001", "Confirm"):
            await talk.telegram.push(pressed(draft, draft.labelled(label), "cashier"))
        await talk.looks(draft, "Receipt")


async def test_a_refusal_whose_alert_is_too_late_still_reaches_the_presser(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        draft = await talk.say("/pay 2024-001 10 cash", chat=GROUP)
        talk.telegram.faults["answerCallbackQuery"] = [No(400, "Bad Request: query is too old")]
        await talk.telegram.push(pressed(draft, draft.labelled("Confirm"), "colleague"))
        assert "can decide it" in (await talk.next(IDS["colleague"], 0)).text


async def test_a_button_from_before_a_restart_still_works_and_a_forgotten_one_says_so(
    talk: Talk[StrictTelegram],
) -> None:
    long = "/customers " + "x" * 60
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(text="a card", buttons=(Button("Find", long), Button("Void", long + "y"))))
    shown = talk.screen.cards[IDS["cashier"], int(card.message)]
    find, void = shown.labelled("Find"), shown.labelled("Void")
    assert find.startswith("~")
    talk.shorts._commands.pop(void.removeprefix("~"))  # noqa: SLF001 - time passes
    async with talk.running():
        await talk.telegram.push(pressed(shown, find, "cashier"))
        await talk.next(IDS["cashier"], 1)
        update = pressed(shown, void, "cashier", "void")
        await talk.telegram.push(update)
        answer = await talk.acknowledged("void")
        assert answer["text"] == "This button is too old. Please ask again."
        await talk.telegram.push(pressed(shown, "odd", "cashier", "odd"))
        assert "text" not in await talk.acknowledged("odd")


async def test_a_store_that_fails_answers_a_press_in_words(talk: Talk[StrictTelegram]) -> None:
    class Broken:
        async def put(self, command: str) -> str:
            return command[-3:]

        async def get(self, short: str) -> str | None:
            raise ConnectionError(short)

    talk.shorts = Broken()  # type: ignore[assignment]
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(text="a card", buttons=(Button("Find", "/customers " + "x" * 60),)))
        shown = talk.screen.cards[IDS["cashier"], int(card.message)]
        await talk.telegram.push(pressed(shown, shown.labelled("Find"), "cashier", "find"))
        assert (await talk.acknowledged("find"))["show_alert"] is True


async def test_a_long_card_is_several_messages_and_one_again_when_it_is_short(talk: Talk[StrictTelegram]) -> None:
    async with talk.running() as chat:
        long = Reply(title="Long", text="word " * 2000, buttons=(Button("Help", "/help"),))
        card = await chat.send(OWN, long)
        shown = talk.screen.in_chat(IDS["cashier"])
        assert len(shown) == 4
        assert [bool(each.rows) for each in shown] == [False, False, False, True]
        await chat.edit(card, Reply(text="short"))
        assert [each.text for each in talk.screen.in_chat(IDS["cashier"])] == ["short"]
        with pytest.raises(CardGoneError):
            await chat.edit(CardRef(OWN, card.message), Reply(text="word " * 2000, buttons=long.buttons))
        card = await chat.send(OWN, long)
        with pytest.raises(CardGoneError):
            await chat.edit(card, long)
        assert not any(each.rows for each in talk.screen.in_chat(IDS["cashier"]))
        talk.telegram.faults["deleteMessage"] = [No(400, "Bad Request: message can't be deleted")]
        await chat.edit(card, Reply(text="short"))


async def test_files_follow_their_card_and_a_picture_carries_its_text(talk: Talk[StrictTelegram]) -> None:
    receipt, graph = File("receipt.pdf", "application/pdf", b"%PDF"), File("graph.png", "image/png", b"\x89PNG")
    async with talk.running() as chat:
        card = await chat.send(OWN, Reply(title="Receipt", files=(receipt,), buttons=(Button("Help", "/help"),)))
        await chat.edit(card, Reply(title="Receipt 2", files=(receipt,)))
        picture = await chat.send(OWN, Reply(title="Graph <1>", picture=graph, facts=(Fact("a", "b"),)))
        await chat.send(OWN, Reply(title="Much", text="word " * 300, picture=graph))
        shown = talk.screen.in_chat(IDS["cashier"])
        assert [each.file for each in shown][:4] == [None, "receipt.pdf", "receipt.pdf", "graph.png"]
        assert shown[3].text == "Graph <1>\n\na: b"
        assert (shown[4].file, shown[4].text) == ("graph.png", "")
        assert shown[5].text.startswith("Much")
        with pytest.raises(CardGoneError):
            await chat.edit(picture, Reply(title="Words"))


async def test_typing_is_shown_when_an_answer_takes_long_and_never_after_it(talk: Talk[StrictTelegram]) -> None:
    talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.7)
    talk.options = talk.quick(typing=0.2)
    async with talk.running():
        await talk.tell("/invoice 2024-001", chat=GROUP, message_thread_id=9, is_topic_message=True)
        await talk.next(GROUP, 0)
        await talk.say("/invoice 2024-001")
        await settled(0.3)
        names = [name for name, _fields in talk.screen.calls if name in ("sendChatAction", "sendMessage")]
        assert names == ["sendChatAction", "sendMessage", "sendMessage"]
        assert talk.screen.of("sendChatAction")[0]["message_thread_id"] == 9


async def test_typing_that_fails_is_no_trouble(talk: Talk[StrictTelegram]) -> None:
    talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.5)
    talk.telegram.faults["sendChatAction"] = [No(400, "Bad Request: strange")]
    talk.options = talk.quick(typing=0.1)
    async with talk.running():
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text


async def test_a_slow_press_stops_spinning_long_before_its_answer(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        card = await talk.say("/invoice 2024-001")
        talk.sandbox.faults.add("GET", "/*", "delay", seconds=0.8)
        started = time.monotonic()
        await talk.press(card, "Payments")
        assert time.monotonic() - started < 0.7
        assert len(talk.screen.in_chat(IDS["cashier"])) == 1
        await talk.next(IDS["cashier"], 1)


async def test_who_types_on_inline_gets_the_newest_answer_only(talk: Talk[StrictTelegram]) -> None:
    talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.4)
    async with talk.running():
        for number, text in enumerate(("2024-00", "2024-001")):
            await talk.telegram.push(asked(text, "viewer", str(number)))
            await settled(0.05)
        await talk.screen.until(lambda: talk.screen.of("answerInlineQuery"))
        await settled(0.4)
        assert [each["inline_query_id"] for each in talk.screen.of("answerInlineQuery")] == ["1"]


async def test_inline_there_is_nothing_for_what_is_no_number_or_not_there(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        found: dict[str, int] = {}
        for text in ("", "hello", "9999-999", "/pay 2024-001 1 cash", "CL-001"):
            talk.screen.calls.clear()
            await talk.telegram.push(asked(text, "viewer"))
            (answer,) = await talk.screen.until(lambda: talk.screen.of("answerInlineQuery"))
            found[text] = len(answer["results"])
        assert found == {"": 0, "hello": 0, "9999-999": 0, "/pay 2024-001 1 cash": 0, "CL-001": 1}
        for fault in ("query is too old", "strange"):
            talk.telegram.faults["answerInlineQuery"] = [No(400, f"Bad Request: {fault}")]
            await talk.telegram.push(asked("2024-001", "viewer"))
        await settled()
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text


async def test_inline_names_are_searched_in_the_index_and_each_hit_is_a_card(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        rounds = talk.app.services.rounds
        while not await rounds.step():
            pass
        found: dict[tuple[str, str], list[str]] = {}
        for who in ("viewer", "stranger"):
            for text in ("clent premium", "unpaid", "a"):
                talk.screen.calls.clear()
                await talk.telegram.push(asked(text, who))
                (answer,) = await talk.screen.until(lambda: talk.screen.of("answerInlineQuery"))
                assert answer["is_personal"] is True
                found[who, text] = [each["title"] for each in answer["results"]]
                for each in answer["results"]:
                    assert "as of" in each["input_message_content"]["message_text"]
        assert found["viewer", "clent premium"] == ["Client Premium"]
        assert "2024-001" in found["viewer", "unpaid"]
        assert len(found["viewer", "unpaid"]) == 8
        assert [titles for (who, _text), titles in found.items() if who == "stranger"] == [[], [], []]
        assert found["viewer", "a"] == []


async def test_an_update_that_nobody_understands_harms_no_other(talk: Talk[StrictTelegram]) -> None:
    async with talk.running():
        await talk.telegram.push({"message": {"message_id": "five"}})
        await talk.telegram.push({"callback_query": {"id": "lost", "from": {"id": 3}, "data": "/help"}})
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text
        await talk.acknowledged("lost")


async def test_a_slow_telegram_is_given_up_and_asked_again(talk: Talk[StrictTelegram]) -> None:
    talk.options = talk.quick(request=0.3)
    async with talk.running():
        talk.telegram.faults["sendMessage"] = [Slow(0.6)]
        await talk.tell("/invoice 2024-001")
        assert "Invoice" in (await talk.next(IDS["cashier"], 0)).text


async def test_an_answer_that_is_no_json_is_a_fault_like_any_other(talk: Talk[StrictTelegram]) -> None:
    talk.telegram.garbled = 2
    async with talk.running():
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text


async def test_a_telegram_that_never_ends_refusing_is_given_up(talk: Talk[StrictTelegram]) -> None:
    moves = [No(400, "Bad Request: moved", migrate_to_chat_id=-number) for number in range(1001, 1005)]
    async with talk.running() as chat:
        talk.telegram.faults["sendMessage"] = list(moves)
        with pytest.raises(ChatClosedError):
            await chat.send(OWN, Reply(text="hello"))
        card = await chat.send(OWN, Reply(text="before"))
        talk.telegram.faults["editMessageText"] = [No(400, "Bad Request: strange")]
        with pytest.raises(BadRequest, match="Strange"):
            await chat.edit(card, Reply(text="after"))
    with pytest.raises(NetworkError):
        await chat.send(OWN, Reply(text="the line is closed"))


async def test_what_was_long_or_far_ago_is_forgotten_in_time(talk: Talk[StrictTelegram]) -> None:
    long = Reply(text="word " * 900)
    talk.options = replace(talk.options, rates=UNLIMITED)
    async with talk.running() as chat:
        first = await chat.send(OWN, long)
        for _time in range(256):
            await chat.send(OWN, long)
        before = len(talk.screen.in_chat(IDS["cashier"]))
        await chat.edit(first, Reply(text="short"))
        assert len(talk.screen.in_chat(IDS["cashier"])) == before


async def test_the_pace_of_chats_long_unheard_of_is_forgotten() -> None:
    sent: list[int] = []

    async def post(chat: int) -> None:
        sent.append(chat)

    pace = Pace(UNLIMITED)
    for number in [*range(1, 1100), 1]:
        await pace.keep(post, number, chat=number)
    assert sent == [*range(1, 1100), 1]


async def test_typing_goes_on_as_long_as_it_takes(talk: Talk[StrictTelegram]) -> None:
    talk.telegram.faults["sendChatAction"] = [Slow(4)]
    talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.5)
    talk.options = talk.quick(typing=0.1)
    async with talk.running():
        assert "Invoice" in (await talk.say("/invoice 2024-001")).text


def test_only_what_is_text_is_sent_as_text() -> None:
    class Number(str):
        __slots__ = ()

    assert Fields({"text": Number("2024-001")}).body == b'{"text":"2024-001"}'
    with pytest.raises(NotImplementedError):
        Fields({"text": object()})
    assert WireRequest("http://127.0.0.1", 3).read_timeout == 3
