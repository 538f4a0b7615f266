"""Deny by default: who may do what, and what the others learn."""

import pytest

from bot.access import Role
from bot.message import Chat, Message, Sender
from bot.reply import Outcome
from handlers import all_commands
from tests.stage import TEAM, Desk, OpenDesk, Say, confirm_of, facts

STRANGER = (
    "This is a billing desk, and you don't have access to it yet.\n"
    "Your id is web:nobody. Send this id to an admin to be let in."
)
EVERYTHING = """/start|/help|/help pay|/customers|/customer CL-001|/invoices CL-001|/invoice 2024-001|/payments|
/pay 2024-001 1 card|/confirm 0000000000|/cancel|/look CL-001|/nonsense|2024-001|hello||help"""


async def test_a_stranger_learns_their_id_and_nothing_else(desk: Desk) -> None:
    for said in EVERYTHING.replace("\n", "").split("|"):
        refused = await desk.say(said, "nobody")
        assert refused.text == STRANGER, said
        assert refused.outcome is Outcome.REFUSED, said
        assert [button.command for button in refused.buttons] == ["/ask_access"], said
    assert desk.sandbox.requests == []


async def test_anybody_may_ask_for_their_id(desk: Desk) -> None:
    assert (await desk.say("/id", "nobody")).title == "You are web:nobody"
    own, team = await desk.say("/id", "viewer"), await desk.say("/id", "viewer", TEAM)
    assert facts(own) == {"Role": "viewer: may look things up"}
    assert facts(team) == {"Role": "viewer: may look things up", "This chat": "web:team"}
    assert desk.sandbox.requests == []


async def test_where_nobody_is_an_admin_a_stranger_reads_how_to_become_one(open_desk: OpenDesk) -> None:
    desk = await open_desk(admins=())
    words = "No admin is named yet. If you run Casier, put this id into ADMINS in .env, and start it again."
    assert (await desk.say("/id", "nobody")).text == words
    assert (await desk.say("/payments", "nobody")).text.endswith(f"Your id is web:nobody. {words}")


@pytest.mark.parametrize("who", ["nobody", "viewer", "cashier", "approver", "admin"])
async def test_every_command_asks_for_its_role(desk: Desk, who: str) -> None:
    role = desk.app.services.people.role_of(Sender("web", who, ""))
    for each in all_commands():
        reply = await desk.say(each.example(desk.settings.conventions), who)
        allowed = role >= each.role
        if role is Role.STRANGER and not allowed:
            assert reply.text == STRANGER, each.name
        else:
            assert reply.text.startswith("This is for the role") is not allowed, each.name


async def test_a_viewer_sees_no_way_to_pay(desk: Desk) -> None:
    commands = [button.command for button in (await desk.say("/invoice 2024-001", "viewer")).buttons]
    assert "/pay 2024-001" not in commands
    helped = await desk.say("/help", "viewer")
    assert helped.table
    assert not any(row.cells[0].startswith("/pay ") for row in helped.table.rows)
    assert (await desk.say("/help pay", "viewer")).text == "There is no command /pay."


async def test_help_shows_every_command_of_a_role_and_how_it_is_used(desk: Desk) -> None:
    helped = await desk.say("/help", "admin")
    assert helped.table
    shown = {row.cells[0] for row in helped.table.rows}
    assert shown == {each.usage(desk.settings.conventions) for each in all_commands() if not each.hidden}
    for row in helped.table.rows:
        assert row.command
        one = await desk.say(row.command, "admin")
        assert one.text == row.cells[1]
        assert one.facts[0].value == row.cells[0]
    assert (await desk.say("/help paay", "admin")).buttons[0].command == "/help pay"


async def test_another_platforms_admin_is_nobody_here(desk: Desk) -> None:
    stranger = Message(Sender("other", "admin", "Admin"), Chat("other", "1"), "/payments")
    (reply,) = [reply async for reply in desk.app.answer(stranger)]
    assert reply.text.startswith("This is a billing desk")


async def test_a_name_gives_no_rights(desk: Desk) -> None:
    posing = Message(Sender("web", "nobody", "web:admin"), Chat("web", "1"), "/payments")
    (reply,) = [reply async for reply in desk.app.answer(posing)]
    assert reply.outcome is Outcome.REFUSED


async def test_a_lost_role_takes_the_button_with_it(desk: Desk) -> None:
    draft = await desk.say("/pay 2024-001 1 card")
    desk.app.services.people.roles["web:cashier"] = Role.VIEWER
    assert (await desk.say(confirm_of(draft))).text.startswith("This is for the role “cashier” and above")
    assert desk.sandbox.requests.count(("POST", "/payments")) == 0


async def test_a_refused_press_in_company_is_for_the_presser_only(desk: Desk) -> None:
    await desk.post("/pay 2024-001 1 card", chat=TEAM)
    card, draft = desk.wall.newest
    await desk.post(confirm_of(draft), "colleague", card=card)
    _card, refused = desk.wall.newest
    assert refused.private
    assert desk.wall.cards[card] == [draft]


async def test_another_bots_command_is_left_to_it(desk: Desk) -> None:
    assert await desk.replies("/invoice@other_bot 2024-001") == []
    assert len(await desk.replies("/INVOICE@Casier_Bot 2024-001")) == 1


async def test_an_unknown_command_is_answered_with_what_was_meant(say: Say) -> None:
    missed = await say("/invoce 2024-001")
    assert missed.text == "There is no command /invoce."
    assert missed.buttons[0].command == "/invoice 2024-001"
    assert (await say("/qqqqqqqq")).buttons[0].command == "/help"
