"""Ways to ask in Slack, and where the answer goes."""

import asyncio

from bot.message import Message
from bot.outlets import Outlet
from bot.reply import File, Reply
from tests.slack_app.standin import BOT_ID, BOT_USER, No, own_channel
from tests.slack_app.workspace import CHANNEL, IDS, Talk

OWN = own_channel(IDS["cashier"])


async def test_a_slash_command_in_a_channel_is_answered_to_who_asked_and_shared_by_a_press(desk: Talk) -> None:
    card = await desk.said("invoice 2024-001", "viewer", CHANNEL)
    assert card.lines[:2] == ["Invoice 2024-001", "❌ overdue"]
    assert card.reader == IDS["viewer"]
    await desk.press(card, "Share to channel", "viewer")
    shared = await desk.next(CHANNEL, 0)
    assert shared.lines[0] == "Invoice 2024-001"
    assert shared.lines[-1] == "Shared by Viewer <&>"
    assert "Share to channel" not in shared.buttons


async def test_billing_alone_and_billing_help_show_what_there_is(here: Talk) -> None:
    for asked in ("", " help ", "HELP"):
        assert (await here.said(asked)).lines[0] == "What you can ask"
    assert (await here.said("/invoice 2024-001")).lines[0] == "Invoice 2024-001"
    assert (await here.said("2024-001")).lines[0] == "Invoice 2024-001"


async def test_a_short_alias_means_what_it_is_called(here: Talk) -> None:
    before = len(here.screen.seen_in(OWN))
    await here.command("2024-001", name="/invoice")
    assert (await here.next(OWN, before)).lines[0] == "Invoice 2024-001"


async def test_a_mention_is_answered_in_its_thread_and_buttons_answer_the_presser(desk: Talk) -> None:
    said = await desk.mention("invoice 2024-001")
    card = await desk.next(CHANNEL, 0)
    assert (card.lines[0], card.thread, card.reader) == ("Invoice 2024-001", said, None)
    await desk.press(card, "Customer", "viewer")
    opened = await desk.next(CHANNEL, 1, IDS["viewer"])
    assert (opened.lines[0], opened.thread, opened.reader) == ("Client Premium", said, IDS["viewer"])
    thread = "1700000000.000001"
    await desk.mention("2024-001", "viewer", thread)
    assert (await desk.next(CHANNEL, 1)).thread == thread


async def test_a_payment_by_a_mention_stays_in_its_thread(here: Talk) -> None:
    said = await here.mention("pay 2024-001 10 cash REF")
    draft = await here.next(CHANNEL, 0)
    assert (draft.thread, draft.lines[0]) == (said, "Pay RON 10.00 on 2024-001?")
    await here.press(draft, "Confirm")
    await here.screen.until(lambda: "✅ recorded" in draft.lines)
    assert len(here.screen.seen_in(CHANNEL)) == 1


async def test_a_mention_that_comes_as_a_message_too_is_answered_once_and_so_is_a_retry(desk: Talk) -> None:
    told = desk.event({"type": "app_mention", "channel": CHANNEL, "text": f"<@{BOT_USER}> 2024-001"}, "viewer")
    twin = {**told, "event_id": "EvTwin", "event": {**told["event"], "type": "message", "channel_type": "channel"}}
    for each in (told, twin, told):
        await desk.slack.deliveries.push("events_api", each)
    await desk.next(CHANNEL, 0)
    await desk.said("id")
    assert [card.lines[0] for card in desk.screen.seen_in(CHANNEL)] == ["Invoice 2024-001"]


async def test_bots_the_bot_itself_and_edits_are_not_answered(here: Talk) -> None:
    await here.write("2024-001", bot_id="B0OTHER")
    await here.write("2024-001", user=BOT_USER, bot_id=BOT_ID)
    await here.write("2024-001", subtype="message_changed")
    await here.write("good morning", channel=CHANNEL)
    await here.slack.deliveries.push("events_api", here.event({"type": "team_join"}, "viewer"))
    await here.write("id")
    assert (await here.next(OWN, 0)).lines[0] == f"You are slack:{IDS['cashier']}"
    assert len(here.screen.cards) == 1


async def test_what_is_written_to_the_bot_alone_needs_no_slash_and_links_are_read_as_typed(here: Talk) -> None:
    for number, said in enumerate(("2024-001", "invoice 2024-001", f"<@{BOT_USER}> invoice 2024-001")):
        told = here.event({"type": "message", "channel": OWN, "channel_type": "im", "text": said}, "cashier")
        await here.slack.deliveries.push("events_api", told)
        assert (await here.next(OWN, number)).lines[0] == "Invoice 2024-001"
    linked = "customers <mailto:client@example.com|client@example.com>"
    told = here.event({"type": "message", "channel": OWN, "channel_type": "im", "text": linked}, "cashier")
    await here.slack.deliveries.push("events_api", told)
    assert any("Client Premium" in line for line in (await here.next(OWN, 3)).lines)


async def test_where_the_bot_is_no_member_lookups_are_answered_and_payments_go_to_our_own_chat(desk: Talk) -> None:
    desk.slack.members.clear()
    card = await desk.said("invoice 2024-001", channel=CHANNEL)
    assert card.lines[0] == "Invoice 2024-001"
    await desk.press(card, "Share to channel")
    assert (await desk.next(CHANNEL, 0)).lines[0] == "Invoice 2024-001"
    told = await desk.said("pay 2024-001 10 cash", channel=CHANNEL)
    assert told.lines == [
        "I can't write here, so I have answered you in our own chat. To have me here, say /invite @casier first."
    ]
    (draft,) = desk.screen.seen_in(OWN)
    assert draft.lines[0] == "Pay RON 10.00 on 2024-001?"
    assert desk.closed == [CHANNEL]


async def test_a_slash_command_between_two_people_is_answered_to_who_asked(here: Talk) -> None:
    other = "D0SOMEBODYELSE"
    card = await here.said("invoice 2024-001", channel=other)
    assert (card.lines[0], card.reader) == ("Invoice 2024-001", IDS["cashier"])
    assert "Share to channel" not in card.buttons
    await here.said("pay 2024-001 10 cash", channel=other)
    assert [shown.lines[0] for shown in here.screen.seen_in(OWN)] == ["Pay RON 10.00 on 2024-001?"]


async def test_pages_are_turned_where_they_are_also_where_only_one_sees_them(desk: Talk) -> None:
    card = await desk.said("payments", "viewer", CHANNEL)
    assert any(line == "Page 1 of 19" for line in card.lines)
    await desk.press(card, "›", "viewer")
    await desk.screen.until(lambda: any(line == "Page 2 of 19" for line in card.lines))
    assert len(desk.screen.seen_in(CHANNEL, IDS["viewer"])) == 1


async def test_a_used_up_address_is_replaced_by_a_message_for_the_same_eyes(here: Talk) -> None:
    here.slack.faults["response_url"] = [No("expired_url")]
    card = await here.said("invoice 2024-001", "viewer", CHANNEL)
    assert (card.lines[0], card.reader) == ("Invoice 2024-001", IDS["viewer"])
    assert here.screen.of("chat.postEphemeral")


async def test_a_file_comes_into_our_own_chat(here: Talk) -> None:
    own = own_channel(IDS["admin"])
    await here.said("invoice 2024-001", "admin")
    await here.command("audit_file", "admin", CHANNEL)
    await here.screen.until(lambda: [card.file for card in here.screen.seen_in(own) if card.file])
    assert [card.file for card in here.screen.seen_in(own) if card.file] == ["audit.csv"]


async def test_somebody_whose_name_nobody_knows_is_answered_all_the_same(here: Talk) -> None:
    here.slack.faults["users.info"] = [No("user_not_found")]
    draft = await here.said("pay 2024-001 10 cash REF")
    await here.press(draft, "Confirm")
    await here.screen.until(lambda: any(line.startswith("By: cashier, ") for line in draft.lines))


async def test_a_flood_of_one_person_is_told_so_once(here: Talk) -> None:
    here.sandbox.faults.add("GET", "/invoices/2024-001", "delay", seconds=0.5, times=1)
    await asyncio.gather(*(here.command("invoice 2024-001") for _time in range(23)))
    await here.screen.until(lambda: len(here.screen.seen_in(OWN)) == 21)
    flooded = [card for card in here.screen.seen_in(OWN) if card.lines[0].startswith("That is more than")]
    assert len(flooded) == 1


async def test_of_a_long_work_that_only_one_sees_the_first_and_the_last_are_shown(talk: Talk) -> None:
    async def work(message: Message, outlet: Outlet) -> None:
        card = message.card
        for number in range(30):
            reply = Reply(text=f"{number} of 30", in_place=True)
            if card:
                await outlet.edit(card, reply)
            else:
                card = await outlet.send(message.chat, reply)

    async with talk.running():
        looked_up = await talk.said("invoice 2024-001", channel=CHANNEL)
    talk.serve = work
    async with talk.running():
        await talk.command("refresh", channel=CHANNEL)
        await talk.screen.until(lambda: len(talk.screen.seen_in(CHANNEL, IDS["cashier"])) == 3)
        assert [card.lines for card in talk.screen.seen_in(CHANNEL, IDS["cashier"])][1:] == [["0 of 30"], ["29 of 30"]]
        await talk.press(looked_up, "Customer")
        await talk.screen.until(lambda: looked_up.lines == ["29 of 30"])
        assert len(looked_up.looks) == 3


async def test_a_picture_comes_where_it_can_be_shown(talk: Talk) -> None:
    async def paint(message: Message, outlet: Outlet) -> None:
        picture = File("chart.png", "image/png", b"png")
        card = await outlet.send(message.chat, Reply(title="A chart", picture=picture))
        if message.card:
            await outlet.edit(message.card, Reply(title="Another", files=(picture,)))
        assert card.message

    talk.serve = paint
    async with talk.running():
        told = await talk.said("report", channel=CHANNEL)
        assert told.lines == ["A chart", "The picture comes with it where it is shared, and in our own chat."]
        await talk.press(told, "Share to channel")
        await talk.screen.until(lambda: [card.file for card in talk.screen.seen_in(CHANNEL)] == [None, "chart.png"])
        card = await talk.said("report")
        await talk.screen.until(lambda: [shown.file for shown in talk.screen.seen_in(OWN)] == [None, "chart.png"])
        assert card.lines == ["A chart"]


async def test_people_and_channels_are_picked_by_their_names(here: Talk) -> None:
    told = here.slash("", "admin")
    told["text"] = f"grant <@{IDS['stranger']}|stranger> viewer"
    await here.slack.deliveries.push("slash_commands", told)
    await here.next(own_channel(IDS["admin"]), 0)
    notice = await here.next(own_channel(IDS["stranger"]), 0)
    assert notice.lines[0].startswith("You have access to this billing desk now, as viewer")
    assert notice.lines[0].endswith("/billing help shows what you can ask.")
    assert (await here.said("invoice 2024-001", "stranger")).lines[0] == "Invoice 2024-001"
