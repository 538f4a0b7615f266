"""Roles from the chat, asking for access, invitations."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.access import Role
from bot.dates import now
from bot.message import CardRef, Sender
from bot.reply import Outcome, Reply
from bot.store import Identity, open_store
from tests.stage import TEAM, Desk, OpenDesk, facts, message

NEWCOMER = Sender("web", "newcomer", "Ștefan <b>_*")


def commands(reply: Reply) -> list[str]:
    """What its buttons say."""
    return [button.command for button in reply.buttons]


def rows(reply: Reply) -> dict[str, tuple[str, ...]]:
    """A table's rows by the command that each leads to."""
    return {row.command or "": row.cells for row in reply.table.rows} if reply.table else {}


def shown_to(desk: Desk, who: str) -> list[Reply]:
    """What stands in somebody's own chat."""
    return [looks[-1] for card, looks in desk.wall.cards.items() if card.chat.key == f"web:{who}"]


async def press(desk: Desk, command: str, who: str, card: CardRef) -> None:
    """Press a button on a card."""
    await desk.post(command, who, card=card)


async def ask(desk: Desk, who: Sender = NEWCOMER) -> Reply:
    """Press [Ask for access]."""
    said = replace(message("/ask_access", who.id), sender=who)
    return [reply async for reply in desk.app.answer(said)][-1]


async def test_a_role_that_is_given_counts_at_once_and_after_a_restart(desk: Desk, open_desk: OpenDesk) -> None:
    given = await desk.say("/grant web:newcomer viewer", "admin")
    assert given.status
    assert facts(given)["Role"] == "viewer: may look things up"
    assert (await desk.say("/payments", "newcomer")).outcome is Outcome.ANSWERED
    again = await open_desk(database_url=desk.settings.database_url)
    assert (await again.say("/payments", "newcomer")).outcome is Outcome.ANSWERED


async def test_a_role_that_is_taken_away_takes_open_buttons_with_it(desk: Desk) -> None:
    await desk.say("/grant newcomer cashier", "admin")
    draft = await desk.say("/pay 2024-001 1 card", "newcomer")
    gone = await desk.say("/revoke newcomer", "admin")
    assert facts(gone)["Role"].startswith("stranger")
    pressed = await desk.say(draft.buttons[0].command, "newcomer")
    assert pressed.text.startswith("This is a billing desk, and you don't have access")
    assert desk.sandbox.requests.count(("POST", "/payments")) == 0
    assert shown_to(desk, "newcomer")[-1].text == "You have no access to this billing desk any more."


async def test_people_are_shown_with_where_their_role_comes_from(desk: Desk) -> None:
    await desk.say("/grant web:newcomer approver", "admin")
    listed = rows(await desk.say("/people", "admin"))
    assert listed["/person web:admin"] == ("web:admin", "admin", "settings")
    assert listed["/person web:newcomer"][1] == "approver"
    card = await desk.say("/person web:newcomer", "admin")
    assert facts(card)["Given"].startswith("approver, by Admin, ")
    assert commands(card) == [
        "/grant web:newcomer viewer",
        "/grant web:newcomer cashier",
        "/grant web:newcomer admin",
        "/revoke web:newcomer",
    ]


async def test_what_the_settings_say_stays_so(desk: Desk) -> None:
    for said in ("/revoke web:cashier", "/grant web:cashier viewer", "/grant web:cashier cashier"):
        refused = await desk.say(said, "admin")
        assert refused.text.startswith("web:cashier is named in the settings as “cashier”."), said
    assert facts(await desk.say("/grant web:cashier approver", "admin"))["In the settings"] == "cashier"
    assert desk.app.services.people.role_of_key("web:cashier") is Role.APPROVER
    assert (await desk.say("/revoke web:nobody", "admin")).text == "web:nobody has no role that could be taken away."


async def test_the_last_admin_stays(open_desk: OpenDesk) -> None:
    desk = await open_desk(admins=())
    desk.app.services.people.roles["web:first"] = Role.ADMIN
    await desk.say("/grant web:second admin", "first")
    del desk.app.services.people.roles["web:first"]
    for said in ("/revoke web:second", "/grant web:second cashier"):
        assert (await desk.say(said, "second")).text.startswith("This is the last admin"), said
    await desk.say("/grant web:third admin", "second")
    assert (await desk.say("/grant web:second cashier", "second")).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/grant", "“person” is missing"),
        ("/grant web:newcomer", "What may they do?"),
        ("/grant web:newcomer king", "“king” is no role: viewer, cashier, approver, admin."),
        ("/grant @newcomer cashier", "I know people by their ids only"),
        ("/grant cashier", "Whom? Answer a message of theirs"),
        ("/revoke", "Whom? Answer a message of theirs"),
        ("/grant here viewer", "“here” is for groups"),
        ("/revoke here", "“here” is for groups"),
        ("/invite king", "“king” is no role"),
        ("/invite cashier 0", "“0” are no hours"),
        ("/invite cashier 721", "“721” are no hours"),
    ],
)
async def test_what_does_not_fit_is_said(desk: Desk, said: str, answer: str) -> None:
    refused = await desk.say(said, "admin")
    assert refused.text.startswith(answer), refused.text
    assert refused.outcome is not Outcome.ANSWERED


async def test_somebody_is_meant_by_answering_a_message_of_theirs(desk: Desk) -> None:
    said = replace(message("/grant cashier", "admin", TEAM), answered=NEWCOMER)
    (given,) = [reply async for reply in desk.app.answer(said)]
    assert given.title == NEWCOMER.name
    assert given.private
    assert desk.app.services.people.role_of(NEWCOMER) is Role.CASHIER
    taken = replace(message("/revoke", "admin", TEAM), answered=NEWCOMER)
    assert [reply.outcome async for reply in desk.app.answer(taken)] == [Outcome.ANSWERED]
    assert desk.app.services.people.role_of(NEWCOMER) is Role.STRANGER


async def test_a_mention_on_slack_is_an_id(desk: Desk) -> None:
    given = await desk.say("/grant <@U042|ana> viewer", "admin")
    assert facts(given)["Accounts"] == "slack:U042"


async def test_everybody_in_a_group_may_look_things_up_where_an_admin_said_so(desk: Desk) -> None:
    assert (await desk.say("/payments", "nobody", TEAM)).outcome is Outcome.REFUSED
    assert (await desk.say("/grant here cashier", "admin", TEAM)).text.startswith("A whole group may look things up")
    opened = await desk.say("/grant here viewer", "admin", TEAM)
    assert opened.text.startswith("Everybody in this group may look things up here.")
    assert (await desk.say("/payments", "nobody", replace(TEAM, thread="5"))).outcome is Outcome.ANSWERED
    assert (await desk.say("/pay 2024-001 1 card", "nobody", TEAM)).text.startswith("This is for the role “cashier”")
    assert (await desk.say("/payments", "nobody")).outcome is Outcome.REFUSED
    assert (await desk.say("/people", "admin", TEAM)).notes[0] == "Everybody in this group: viewer."
    closed = await desk.say(opened.buttons[0].command, "admin", TEAM)
    assert closed.text.startswith("In this group only people with a role of their own")
    assert (await desk.say("/payments", "nobody", TEAM)).outcome is Outcome.REFUSED


async def test_a_stranger_asks_and_is_let_in(open_desk: OpenDesk) -> None:
    desk = await open_desk(admins=("web:admin", "web:boss"))
    refused = await desk.say("/payments", "newcomer")
    assert commands(refused) == ["/ask_access"]
    assert (await ask(desk)).text.startswith("The admins have been asked.")
    (card, asked), (other, _same) = [(each, looks[-1]) for each, looks in desk.wall.cards.items()]
    assert {card.chat.key, other.chat.key} == {"web:admin", "web:boss"}
    assert facts(asked)["Who"] == "Ștefan <b>_* (web:newcomer)"
    await press(desk, commands(asked)[1], "admin", card)
    assert desk.app.services.people.role_of(NEWCOMER) is Role.CASHIER
    for copy in (card, other):
        decided = next(look for look in reversed(desk.wall.cards[copy]) if look.title == "Somebody asks for access")
        assert decided.status
        assert (decided.status.word, decided.buttons, facts(decided)["By"]) == ("cashier", (), "Admin")
    assert shown_to(desk, "newcomer")[-1].text.startswith("You have access to this billing desk now, as cashier")
    late = await desk.say(commands(asked)[0], "boss")
    assert late.text == "Admin has let Ștefan <b>_* in already: cashier."
    assert desk.sandbox.requests == []


async def test_a_stranger_is_turned_away_and_told(desk: Desk) -> None:
    await ask(desk)
    card, asked = desk.wall.newest
    await press(desk, commands(asked)[-1], "admin", card)
    assert desk.wall.cards[card][-1].status
    assert shown_to(desk, "newcomer")[-1].text == "An admin has decided not to give you access."
    assert (await desk.say(commands(asked)[0], "admin")).text == "Admin has said no to Ștefan <b>_* already."
    assert (await desk.say("/payments", "newcomer")).outcome is Outcome.REFUSED


async def test_who_asks_again_and_again_is_asked_to_stop(desk: Desk) -> None:
    await ask(desk)
    assert (await ask(desk)).text.startswith("You have asked already.")
    assert len(desk.wall.cards) == 1
    for _time in range(2):
        _card, asked = next((c, looks[0]) for c, looks in reversed(desk.wall.cards.items()) if looks[0].buttons)
        await desk.say(commands(asked)[-1], "admin")
        await ask(desk)
    assert (await ask(desk)).text.startswith("You have asked several times today.")


async def test_nobody_decides_but_an_admin_and_only_what_there_is(desk: Desk) -> None:
    await ask(desk)
    _card, asked = desk.wall.newest
    assert (await desk.say(commands(asked)[0], "approver")).text.startswith("This is for the role “admin”")
    assert (await desk.say(commands(asked)[0], "newcomer")).outcome is Outcome.REFUSED
    assert (await desk.say("/admit AAAAAAAA admin", "admin")).text == "There is no such request."
    assert (await ask(desk, Sender("web", "viewer", ""))).text == "You have access already: viewer."


async def test_where_there_is_no_admin_nobody_can_be_asked(open_desk: OpenDesk) -> None:
    desk = await open_desk(admins=())
    assert not (await desk.say("/payments", "newcomer")).buttons
    assert (await ask(desk)).text.startswith("No admin is named yet.")


async def test_admins_who_can_not_be_reached_keep_nobody_out(open_desk: OpenDesk) -> None:
    desk = await open_desk(admins=("web:admin", "web:boss", "telegram:7"))
    desk.wall.deaf.add("boss")
    assert (await ask(desk)).outcome is Outcome.ANSWERED
    card, asked = desk.wall.newest
    del desk.wall.cards[card]
    await desk.say(commands(asked)[0], "admin")
    assert desk.app.services.people.role_of(NEWCOMER) is Role.VIEWER


async def test_an_invitation_lets_one_person_in_once(desk: Desk) -> None:
    made = await desk.say("/invite cashier 2", "admin")
    assert made.private
    said = facts(made)["To say"]
    assert made.opens == said
    assert (await desk.say(said, "newcomer")).text.startswith("Welcome. You are cashier now")
    assert desk.app.services.people.role_of_key("web:newcomer") is Role.CASHIER
    for who in ("other", "newcomer"):
        assert (await desk.say(said, who)).text.startswith("This invitation is not good"), who
    assert (await desk.say("/invitations", "admin")).text.startswith("No invitation is open.")


async def test_an_invitation_can_be_taken_back(desk: Desk) -> None:
    made = await desk.say("/invite viewer", "admin")
    listed = await desk.say("/invitations", "admin")
    ((command, cells),) = rows(listed).items()
    assert cells[:2] == ("viewer", "Admin")
    assert command == commands(made)[0]
    assert (await desk.say(command, "admin")).text.startswith("The invitation was taken back")
    assert (await desk.say(command, "admin")).outcome is Outcome.REFUSED
    assert (await desk.say(facts(made)["To say"], "newcomer")).text.startswith("This invitation is not good")


async def test_an_invitation_takes_no_role_away(desk: Desk) -> None:
    made = await desk.say("/invite viewer", "admin")
    assert (await desk.say(facts(made)["To say"], "approver")).text.startswith("Welcome. You are approver now")


async def test_a_code_is_kept_nowhere(desk: Desk) -> None:
    made = await desk.say("/invite viewer", "admin")
    code = facts(made)["To say"].removeprefix("/join ")
    (kept,) = await desk.app.services.store.admissions.invited(now())
    assert re.fullmatch(r"[0-9a-f]{64}", kept.secret)
    assert code not in str(kept)
    assert await desk.app.services.store.admissions.invited(now() + timedelta(days=2)) == []
    await desk.say(facts(made)["To say"], "newcomer")
    trail = await desk.say("/audit", "admin")
    assert code not in str(trail)


async def test_who_was_let_in_is_in_the_trail(desk: Desk) -> None:
    await desk.say("/grant web:newcomer viewer", "admin")
    await desk.say("/revoke web:newcomer", "admin")
    trail = str(await desk.say("/audit web:admin", "admin"))
    assert "web:newcomer" in trail


async def test_what_another_program_changes_counts_within_a_second(desk: Desk) -> None:
    watching = asyncio.create_task(desk.app.services.access.watch())
    other = await open_store(desk.settings.database_url)
    try:
        await other.people.grant(Identity("web:newcomer", "", "P"), "viewer", Sender("web", "admin", "Admin"), now())
        async with asyncio.timeout(10):
            while desk.app.services.people.role_of(NEWCOMER) is not Role.VIEWER:
                await asyncio.sleep(0.05)
    finally:
        watching.cancel()
        await other.close()


async def test_two_accounts_are_one_person(desk: Desk) -> None:
    people, rows_ = desk.app.services.people, desk.app.services.store.people
    await desk.say("/grant telegram:1 viewer", "admin")
    await desk.say("/grant slack:U1 approver", "admin")
    at = now()
    await rows_.join(Identity("telegram:1", "Ana", "X"), Identity("slack:U1", "Ana", "Y"), at)
    await desk.app.services.access.load()
    assert people.are_one("telegram:1", "slack:U1")
    assert not people.are_one("telegram:1", "slack:U2")
    assert sorted(people.person("slack:U1").names) == ["slack:U1", "telegram:1"]
    await rows_.join(Identity("telegram:2", "Ion", "Z"), Identity("telegram:1", "Ana", "Q"), at)
    await desk.app.services.access.load()
    assert len(people.person("telegram:2").names) == 3
