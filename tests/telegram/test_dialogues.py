"""What people do all day, over Telegram's protocol: every server, polling and webhook."""

import asyncio

from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.phones import GROUP, IDS, Talk, asked, pressed, settled
from tests.telegram.screen import Fields, Shown
from tests.telegram.strict import No, Reset, StrictTelegram

Anyhow = Talk[StrictTelegram] | Talk[EmulatedTelegram]


def _rows(card: Shown) -> list[list[str]]:
    return [[each["text"].replace("\xa0", " ") for each in row] for row in card.rows]


async def test_an_invoice_is_shown_with_what_leads_on(desk: Anyhow) -> None:
    card = await desk.say("/invoice 2024-001")
    assert card.text.startswith("Invoice 2024-001\n❌ overdue\n\nCustomer: ")
    assert "Left to pay: RON 5,320.50" in card.text
    assert _rows(card) == [["Pay RON 5,320.50", "Payments"], ["Customer"]]
    assert card.reply_to is None


async def test_a_bare_number_and_a_bare_id_are_understood(desk: Anyhow) -> None:
    assert "Invoice 2024-001" in (await desk.say("2024-001")).text
    assert "Client Premium" in (await desk.say("CL-001")).text
    assert "Client Premium" in (await desk.say("premium")).text


async def test_a_list_is_paged_in_place_by_its_buttons(desk: Anyhow) -> None:
    card = await desk.say("/payments")
    first = card.text
    assert card.rows[-1][0]["text"].startswith("1/")
    await desk.press(card, "›")
    await desk.screen.until(lambda: card.text != first)
    assert card.rows[-1][0]["text"] == "‹"
    await desk.press(card, "2/")
    await desk.press(card, "‹")
    await desk.looks(card, first)
    assert len(desk.screen.in_chat(IDS["cashier"])) == 1


async def test_a_row_of_a_list_opens_what_it_is_about(desk: Anyhow) -> None:
    card = await desk.say("/customers")
    label, says = next(iter(card.buttons.items()))
    assert says.startswith("/customer ")
    await desk.press(card, label)
    assert says.removeprefix("/customer ") in (await desk.next(IDS["cashier"], 1)).text


async def test_a_payment_is_asked_for_confirmed_and_its_receipt_takes_the_card_s_place(desk: Anyhow) -> None:
    draft = await desk.say("/pay 2024-001 5320.50 card EUP123456789")
    assert "⏳ not sent yet" in draft.text
    assert desk.rows() == []
    await desk.press(draft, "Confirm")
    receipt = await desk.looks(draft, "Receipt")
    assert "✅ recorded" in receipt
    assert "Reference: EUP123456789" in receipt
    assert "Cashier <&>" in receipt
    assert any("being recorded" in look for look in draft.looks)
    assert desk.rows() == [(532050, "card")]
    assert list(draft.buttons) == ["Invoice"] or "Invoice" in draft.buttons
    assert len(desk.screen.in_chat(IDS["cashier"])) == 1


async def test_a_cancelled_draft_says_so_in_place(desk: Anyhow) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.press(draft, "Cancel")
    assert "▫️ cancelled" in await desk.looks(draft, "cancelled")
    assert desk.rows() == []


async def test_a_double_press_and_one_sent_again_by_telegram_pay_once(desk: Anyhow) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    confirm = draft.labelled("Confirm")
    await asyncio.gather(*(desk.telegram.push(pressed(draft, confirm, "cashier", query)) for query in ("a", "b")))
    await asyncio.gather(desk.acknowledged("a"), desk.acknowledged("b"))
    await desk.looks(draft, "Receipt")
    again = await desk.next(IDS["cashier"], 1)
    assert "recorded already" in again.text
    assert desk.rows() == [(1000, "cash")]


async def test_somebody_else_s_press_is_refused_in_an_alert_that_only_they_read(desk: Anyhow) -> None:
    draft = await desk.say("/pay 2024-001 10 cash", chat=GROUP)
    update = pressed(draft, draft.labelled("Confirm"), "colleague")
    await desk.telegram.push(update)
    answer = await desk.acknowledged(update["callback_query"]["id"])
    assert answer["show_alert"] is True
    assert answer["text"] == "Only Cashier <&>, who asked for this payment, can decide it."
    assert len(desk.screen.in_chat(GROUP)) == 1
    assert desk.rows() == []


async def test_a_stranger_learns_how_to_ask_and_costs_no_call(desk: Anyhow) -> None:
    watched = desk.sandbox.faults.add("GET", "/*", "error-before-commit")
    card = await desk.say("/invoice 2024-001", "stranger")
    assert "telegram:6" in card.text
    assert list(desk.sandbox.faults) == [watched]


async def test_an_amount_with_two_readings_is_asked_about_and_never_guessed(desk: Anyhow) -> None:
    card = await desk.say("/pay 2024-001 1.234 cash")
    assert "can be read in two ways" in card.text
    await desk.press(card, "RON 1,234.00")
    draft = await desk.next(IDS["cashier"], 1)
    assert "Pay RON 1,234.00 on 2024-001?" in draft.text


async def test_a_near_miss_offers_what_was_meant(desk: Anyhow) -> None:
    card = await desk.say("/invioce 2024-001")
    await desk.press(card, "/invoice 2024-001")
    assert "Invoice 2024-001" in (await desk.next(IDS["cashier"], 1)).text


async def test_a_question_of_the_bot_is_answered_with_a_bare_amount(desk: Anyhow) -> None:
    await desk.say("/pay 2024-001")
    card = await desk.say("10,50")
    assert "How is it paid?" in card.text
    await desk.press(card, "RON 10.50 by cash")
    assert "Pay RON 10.50 on 2024-001?" in (await desk.next(IDS["cashier"], 2)).text


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


async def test_a_payment_survives_whatever_happens_on_the_way_to_telegram(desk: Anyhow) -> None:
    faults = desk.telegram.faults
    faults["sendMessage"] = [No(502, "Bad Gateway"), Reset()]
    draft = await desk.say("/pay 2024-001 10 cash")
    faults["editMessageText"] = [Reset(after=True), No(500, "Internal Server Error")]
    await desk.press(draft, "Confirm")
    await desk.looks(draft, "Receipt")
    assert desk.rows() == [(1000, "cash")]
