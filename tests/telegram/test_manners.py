"""Telegram's own manners: keyboards, groups, topics, links, inline; on every server, polling and webhook."""

from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.phones import GROUP, Talk, asked, settled
from tests.telegram.screen import Fields, Shown
from tests.telegram.strict import StrictTelegram

Anyhow = Talk[StrictTelegram] | Talk[EmulatedTelegram]


def _rows(card: Shown) -> list[list[str]]:
    return [[each["text"].replace("\xa0", " ") for each in row] for row in card.rows]


async def test_a_card_has_its_signs_and_its_buttons_in_rows(desk: Anyhow) -> None:
    card = await desk.say("/invoice 2024-001")
    assert card.text.startswith("Invoice 2024-001\n❌ overdue\n\nCustomer: ")
    assert _rows(card) == [["Pay RON 5,320.50", "Payments"], ["Customer"]]
    assert card.reply_to is None


async def test_a_list_s_pager_says_where_one_is_and_a_press_on_that_does_nothing(desk: Anyhow) -> None:
    card = await desk.say("/payments")
    first = card.text
    assert [each["text"] for each in card.rows[-1]] == ["1/19", "›"]
    await desk.press(card, "›")
    await desk.screen.until(lambda: card.text != first)
    second = card.text
    assert [each["text"] for each in card.rows[-1]] == ["‹", "2/19", "›"]
    await desk.press(card, "2/")
    assert card.text == second


async def test_a_sticker_gets_the_usual_help(desk: Anyhow) -> None:
    assert "billing desk" in (await desk.say(None, sticker={"file_id": "x"})).text


async def test_in_a_group_a_command_with_our_name_is_answered_as_a_reply(desk: Anyhow) -> None:
    card = await desk.say("/invoice@Casier_Bot 2024-001", chat=GROUP)
    assert "Invoice 2024-001" in card.text
    assert card.reply_to


async def test_in_a_group_nothing_else_is_answered(desk: Anyhow) -> None:
    for text in ("/invoice@other_bot 2024-001", "2024-001 is late again", "@casier_bottle 2024-001", "/@casier_bo x"):
        await desk.tell(text, chat=GROUP)
    await desk.say("/invoice 2024-001", chat=GROUP)
    assert len(desk.screen.in_chat(GROUP)) == 1


async def test_in_a_group_a_mention_and_an_answer_to_the_bot_are_understood(desk: Anyhow) -> None:
    me = {"id": 7 if "emulated" in desk.telegram.token else 7000, "is_bot": True, "first_name": "Casier"}
    ours = {"message_id": 5, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "from": me}
    assert "Invoice 2024-001" in (await desk.say("2024-001 @casier_bot", chat=GROUP)).text
    assert "CL-001" in (await desk.say("CL-001", chat=GROUP, reply_to_message=ours)).text
    topic: Fields = {"message_thread_id": 5, "is_topic_message": True}
    opening = {**ours, "forum_topic_created": {"name": "Bills"}}
    await desk.tell("we talk", chat=GROUP, reply_to_message=opening, **topic)
    await settled()
    assert len(desk.screen.in_chat(GROUP)) == 2


async def test_a_forum_topic_is_answered_in_its_topic_and_a_mere_thread_is_not_one(desk: Anyhow) -> None:
    card = await desk.say("/pay 2024-001 10 cash", chat=GROUP, message_thread_id=9, is_topic_message=True)
    assert card.thread == 9
    await desk.press(card, "Confirm")
    await desk.looks(card, "Receipt")
    assert (await desk.say("/invoice 2024-001", chat=GROUP, message_thread_id=9)).thread is None


async def test_a_deep_link_opens_an_invoice_or_a_customer(desk: Anyhow) -> None:
    assert "Invoice 2024-001" in (await desk.say("/start i_2024-001")).text
    assert "Client Premium" in (await desk.say("/start c_CL-001")).text
    assert "billing desk" in (await desk.say("/start ask")).text


async def test_a_card_is_found_inline_and_its_buttons_are_links(desk: Anyhow) -> None:
    await desk.telegram.push(asked("2024-001", "viewer", "q1"))
    (answer,) = await desk.screen.until(lambda: desk.screen.of("answerInlineQuery"))
    assert answer["is_personal"] is True
    assert answer["cache_time"] <= 5
    (result,) = answer["results"]
    assert result["title"] == "Invoice 2024-001"
    assert "Left to pay" in result["input_message_content"]["message_text"]
    keys = [each for row in result["reply_markup"]["inline_keyboard"] for each in row]
    assert keys[0] == {"text": "Open", "url": "https://t.me/casier_bot?start=i_2024-001"}
    assert all("start=" in each["url"] for each in keys)


async def test_a_stranger_gets_nothing_inline_but_a_way_to_ask(desk: Anyhow) -> None:
    watched = desk.sandbox.faults.add("GET", "/*", "error-before-commit")
    await desk.telegram.push(asked("2024-001", "stranger", "q1"))
    (answer,) = await desk.screen.until(lambda: desk.screen.of("answerInlineQuery"))
    assert answer["results"] == []
    assert answer["button"] == {"text": "Ask for access", "start_parameter": "ask"}
    assert list(desk.sandbox.faults) == [watched]
