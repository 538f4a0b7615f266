"""Who may do what, and what the others learn."""

import asyncio

import pytest

from bot.access import Role
from tests.surfaces.desk import Can, Desk, Where

pytestmark = pytest.mark.needs(Can.MANY)

EVERYTHING = (
    "/start",
    "/help",
    "/help pay",
    "/customers",
    "/customer CL-001",
    "/invoices CL-001",
    "/invoice 2024-001",
    "/payments",
    "/pay 2024-001 1 card",
    "/confirm 0000000000",
    "/cancel",
    "/nonsense",
    "2024-001",
    "CL-001",
    "hello",
    "help",
)


async def test_a_stranger_learns_their_id_and_nothing_else_whatever_they_say(desk: Desk) -> None:
    for said in EVERYTHING:
        refused = await desk.say(said, "stranger")
        assert refused.lines == [
            "This is a billing desk, and you don't have access to it yet.",
            f"Your id is {desk.key_of('stranger')}. Send this id to an admin to be let in.",
        ], said
        assert refused.buttons == ["Ask for access"]
    assert (await desk.say("/id", "stranger")).lines == [
        f"You are {desk.key_of('stranger')}",
        "Send this id to an admin to be let in.",
        "Role: stranger: may ask for access",
    ]
    assert desk.sandbox.requests == []


async def test_a_viewer_looks_and_never_pays(desk: Desk) -> None:
    invoice = await desk.say("2024-001", "viewer")
    assert invoice.facts["Left to pay"] == "RON 5,320.50"
    assert not [label for label in invoice.buttons if label.startswith("Pay ")]
    helped = await desk.say("/help", "viewer")
    assert not [row for row in helped.rows if row[0].startswith(("/pay ", "/cancel"))]
    assert (await desk.say("/help pay", "viewer")).lines == ["There is no command /pay."]
    for said in ("/pay 2024-001", "/pay 2024-001 10 cash", "/cancel", "/confirm 0000000000"):
        refused = await desk.say(said, "viewer")
        assert refused.lines == [
            "This is for the role “cashier” and above; yours is “viewer”. An admin can change that."
        ], said
    assert desk.posted == 0


async def test_everybody_is_told_their_own_role(desk: Desk) -> None:
    for who, role in (
        ("admin", "admin: may do everything"),
        ("approver", "approver: may record payments and approve those of others"),
        ("cashier", "cashier: may look things up and record payments"),
        ("viewer", "viewer: may look things up"),
    ):
        assert (await desk.say("/id", who)).facts["Role"] == role


@pytest.mark.needs(Can.TEAM)
async def test_somebody_else_s_press_is_refused_for_their_eyes_only(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash REF", where=Where.TEAM)
    before = draft.lines
    for who, label in (("colleague", "Confirm"), ("admin", "Cancel")):
        refused = await desk.press(draft, label, who)
        assert refused.lines == [f"Only {desk.name_of('cashier')}, who asked for this payment, can decide it."]
        assert refused.aside
    viewer = await desk.confirm(draft, "viewer")
    assert viewer.lines == ["This is for the role “cashier” and above; yours is “viewer”. An admin can change that."]
    stranger = await desk.confirm(draft, "stranger")
    assert stranger.lines[0] == "This is a billing desk, and you don't have access to it yet."
    assert draft.lines == before
    assert [card.lines for card in desk.cards(where=Where.TEAM)] == [before]
    assert desk.posted == 0
    assert (await desk.confirm(draft)).lines[1] == "recorded"
    assert desk.paid() == [(1000, "cash", "REF")]


async def test_a_draft_can_t_be_decided_by_who_only_knows_its_id(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 10 cash")
    for label in ("Confirm", "Cancel"):
        refused = await desk.say(draft.carries(label), "colleague")
        assert refused.lines == [f"Only {desk.name_of('cashier')}, who asked for this payment, can decide it."]
    assert (await desk.say("/cancel", "colleague")).lines == ["Nothing of yours is waiting to be confirmed."]
    assert (await desk.confirm(draft)).lines[1] == "recorded"
    assert desk.posted == 1


async def test_two_people_s_drafts_on_one_invoice_are_not_both_sent(desk: Desk) -> None:
    mine = await desk.say("/pay 2024-001 5320.50 card MINE")
    theirs = await desk.say("/pay 2024-001 5320.50 card THEIRS", "colleague")
    assert [
        line
        for line in theirs.lines
        if line.startswith("Another payment on this invoice is drafted, and not confirmed, by ")
    ]
    await desk.confirm(mine)
    refused = await desk.confirm(theirs, "colleague")
    assert refused.lines[0].startswith("Meanwhile another payment on this invoice was sent.")
    assert desk.paid() == [(532050, "card", "MINE")]


async def test_an_amount_asked_back_belongs_to_who_was_asked(desk: Desk) -> None:
    await desk.say("/pay 2024-001")
    assert (await desk.say("25", "colleague")).lines == ["There is no invoice and no customer 25."]
    assert (await desk.say("25")).lines == ["Pay invoice 2024-001", "How is it paid?"]


async def test_a_lost_role_takes_the_button_with_it(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 1 card")
    desk.app.services.people.roles[desk.key_of("cashier")] = Role.VIEWER
    refused = await desk.confirm(draft)
    assert refused.lines[0].startswith("This is for the role “cashier” and above")
    assert desk.posted == 0


@pytest.mark.needs(Can.TEAM)
async def test_in_the_team_commands_are_answered_and_talk_is_not(desk: Desk) -> None:
    for text in ("good morning", "2024-001 is late again", "/invoice@other_bot 2024-001"):
        await desk.tell(text, where=Where.TEAM)
    for text in (f"/invoice@{desk.bot_name} 2024-001", "/invoice 2024-001", "/customer CL-001"):
        await desk.say(text, "viewer", Where.TEAM)
    shown = [card.lines[0] for card in desk.cards("viewer", Where.TEAM)]
    assert shown == ["Invoice 2024-001", "Invoice 2024-001", "Client Premium"]


@pytest.mark.needs(Can.TEAM)
async def test_a_question_before_the_team_is_not_answered_by_talk(desk: Desk) -> None:
    asked = await desk.say("/pay 2024-001", where=Where.TEAM)
    await desk.tell("25", where=Where.TEAM)
    await desk.press(asked, "RON 5,320.50 by cash")
    drafts = [card.lines[0] for card in desk.cards(where=Where.TEAM)]
    assert drafts == ["Pay invoice 2024-001", "Pay RON 5,320.50 on 2024-001?"]


async def test_nobody_waits_for_another_and_one_s_own_come_in_order(desk: Desk) -> None:
    await asyncio.gather(desk.say("/id"), desk.say("/id", "viewer"))
    desk.sandbox.faults.add("GET", "/invoices/2024-001", "delay", seconds=0.6)
    await desk.tell("/invoice 2024-001")
    while not desk.sandbox.requests:
        await asyncio.sleep(0.01)
    await desk.tell("/customer CL-001")
    assert (await desk.say("/customer CL-001", "viewer")).lines[0] == "Client Premium"
    assert len(desk.cards()) == 1
    await desk.until(lambda: len(desk.cards()) == 3)
    assert [card.lines[0] for card in desk.cards()[1:]] == ["Invoice 2024-001", "Client Premium"]
