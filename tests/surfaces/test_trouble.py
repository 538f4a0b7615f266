"""When billing fails: told in the reader's words, and over when it is over."""

import asyncio

import pytest

from bot.access import Role
from tests.surfaces.conftest import OpenDesk
from tests.surfaces.desk import PAYER, Can, Card, Desk

SILENT = (
    "The billing system does not answer right now. Please try again in a minute.",
    "The billing system does not answer right now (",
)
BUSY = (
    "The billing system is busy right now. Please try again in a minute.",
    "The billing system is busy right now",
)
GARBLED = (
    "The billing system's answer can't be understood. Please tell an admin.",
    "The billing system's answer can't be understood",
)
LOCKED = (
    "The billing system refuses our key. Please tell an admin.",
    "The billing system refuses our key (401): put the right one into BILLING_API_KEY and restart.",
)


def told(card: Card, words: tuple[str, str], role: Role) -> bool:
    """Whether a card says this, and nothing else; admins read more, behind the second of these."""
    ours, for_admins = words
    return card.lines[0].startswith(for_admins) if role is Role.ADMIN else card.lines == [ours]


async def test_every_failure_of_billing_is_told_in_words_and_passes(desk: Desk) -> None:
    for fault, words in (
        ("error-before-commit", SILENT),
        ("too-many", BUSY),
        ("wrong-json", GARBLED),
        ("redirect", GARBLED),
        ("unauthorized", LOCKED),
    ):
        # Who is asked to wait longer than anybody would says so at once.
        desk.sandbox.faults.add("GET", "*", fault, times=50, retry_after=60)
        assert told(await desk.say("/invoice 2024-001"), words, desk.role_of(PAYER)), fault
        desk.sandbox.faults.clear()
        assert (await desk.say("/invoice 2024-001")).lines[0] == "Invoice 2024-001", fault


async def test_a_wrong_key_is_explained_to_who_can_mend_it(open_desk: OpenDesk) -> None:
    desk = await open_desk(billing_api_key="wrong-key")
    assert (await desk.say("/payments", "admin")).lines == [LOCKED[1]]


@pytest.mark.needs(Can.MANY)
async def test_a_wrong_key_is_hinted_at_to_everybody_else(open_desk: OpenDesk) -> None:
    desk = await open_desk(billing_api_key="wrong-key")
    for who in ("cashier", "viewer", "approver"):
        assert (await desk.say("2024-001", who)).lines == [LOCKED[0]]


async def test_a_billing_system_that_is_not_there_is_told_so_and_help_goes_on(desk: Desk) -> None:
    await desk.sandbox.__aexit__(None, None, None)
    for said in ("2024-001", "/customers", "/pay 2024-001 1 card"):
        assert told(await desk.say(said), SILENT, desk.role_of(PAYER)), said
    assert (await desk.say("/help")).lines[0] == "What you can ask"


async def test_a_billing_system_that_never_answers_is_given_up_in_time(open_desk: OpenDesk) -> None:
    desk = await open_desk(billing_read_seconds=0.2, billing_deadline_seconds=0.5)
    desk.sandbox.faults.add("GET", "*", "hang", times=50)
    refused = await asyncio.wait_for(desk.say("/invoice 2024-001"), 5)
    assert told(refused, SILENT, desk.role_of(PAYER))


async def test_a_passing_failure_is_not_noticed(desk: Desk) -> None:
    for fault in ("drop-before-commit", "half-body"):
        desk.sandbox.faults.add("GET", "*", fault)
        assert (await desk.say("/customer CL-001")).lines[0] == "Client Premium"
