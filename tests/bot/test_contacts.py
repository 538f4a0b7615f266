"""How to reach a customer is shown to whom the settings say, and masked where others read along."""

from dataclasses import replace

from bot.billing import Customer
from bot.billing.models import Id
from bot.cards.contacts import Contacts, contact_facts
from bot.reply import Reply
from tests.stage import TEAM, Desk, OpenDesk, facts, message

REACHED = {"E-mail", "Phone", "Address"}


def reached(reply: Reply) -> dict[str, str]:
    """What the card says of how to reach its customer."""
    return {label: value for label, value in facts(reply).items() if label in REACHED}


async def test_alone_everybody_who_may_look_sees_them_and_in_groups_they_are_masked(desk: Desk) -> None:
    alone, together = await desk.say("/customer CL-001", "viewer"), await desk.say("/customer CL-001", "admin", TEAM)
    assert reached(alone)["E-mail"] == "client@example.com"
    assert reached(together) == {"E-mail": "c•••@example.com", "Phone": "••• 000", "Address": "•••"}


async def test_what_may_be_passed_on_to_anybody_is_masked(desk: Desk) -> None:
    inline = replace(message("/customer CL-001", "admin"), shared=True)
    (reply,) = [reply async for reply in desk.app.answer(inline)]
    assert reached(reply)["E-mail"] == "c•••@example.com"


async def test_the_settings_say_from_which_role_on_and_whether_in_groups(open_desk: OpenDesk) -> None:
    desk = await open_desk(show_contacts="cashier", show_contacts_in_groups=True)
    assert reached(await desk.say("/customer CL-001", "viewer")) == {}
    assert reached(await desk.say("/customer CL-001", "cashier", TEAM))["E-mail"] == "client@example.com"


def test_what_is_not_there_or_looks_like_nothing_is_masked_too() -> None:
    odd = Customer(id=Id("CL-1"), email="not an address", phone="ask at the desk")
    assert [fact.value for fact in contact_facts(odd, Contacts.MASKED)] == ["•••", "•••", ""]
    assert [fact.value for fact in contact_facts(Customer(id=Id("CL-1")), Contacts.MASKED)] == ["", "", ""]
