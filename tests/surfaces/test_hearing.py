"""Hearing of payments: who wants to, of which, and what is told when one comes into billing's list."""

import asyncio

import pytest

from tests.surfaces.desk import Can, Card, Desk, Where

pytestmark = pytest.mark.needs(Can.TEAM, Can.NEWS)


async def come(desk: Desk, *payments: tuple[int, int]) -> None:
    """These payments (an id, bani) on 2024-001 are in billing's list, and the watcher looks at it."""
    for number, bani in payments:
        desk.sandbox.books.query(
            "INSERT INTO payments SELECT ?, '2024-001', ?, 'confirmed', paid_at, 'cash', NULL FROM payments LIMIT 1",
            number,
            bani,
        )
    await desk.app.services.watcher.look()


async def told(desk: Desk, *titles: str) -> list[Card]:
    """The team's cards of payments, once they are these."""

    def cards() -> list[Card]:
        return [card for card in desk.cards(where=Where.TEAM) if card.lines[0].startswith(("RON ", "2 payments"))]

    await desk.until(lambda: len(cards()) >= len(titles))
    assert [card.lines[0] for card in cards()] == list(titles)
    return cards()


async def held(desk: Desk) -> None:
    """Wait until what has come is put aside."""
    notices = desk.app.services.store.notices
    (team,) = await desk.app.services.news.audiences()
    async with asyncio.timeout(20):
        while not all(notice.held for notice in await notices.waiting(team.place, 10)):
            await asyncio.sleep(0.01)


@pytest.fixture
async def listening(desk: Desk) -> Desk:
    """A desk whose watcher knows what was in the list before."""
    await desk.app.services.watcher.look()
    return desk


async def test_a_payment_in_billing_s_list_is_told_and_its_buttons_lead_on(listening: Desk) -> None:
    subscribed = await listening.say("/subscribe", where=Where.TEAM)
    assert subscribed.lines[0] == "Subscribed: every payment"
    await come(listening, (9001, 12345))
    (card,) = await told(listening, "RON 123.45 on 2024-001")
    assert card.lines[1] == "confirmed"
    assert {"Customer", "Left to pay", "When"} <= card.facts.keys()
    assert {"Invoice", "Customer", "Mute"} <= set(card.buttons)
    assert (await listening.press(card, "Mute")).lines[0] == "Mute the payments here?"


async def test_a_told_payment_leads_to_its_invoice(listening: Desk) -> None:
    await listening.say("/subscribe", where=Where.TEAM)
    await come(listening, (9001, 12345))
    (card,) = await told(listening, "RON 123.45 on 2024-001")
    assert "2024-001" in (await listening.press(card, "Invoice", "viewer")).lines[0]


async def test_only_what_a_filter_lets_through_is_told(listening: Desk) -> None:
    subscribed = await listening.say("/subscribe min=1000 status=confirmed", where=Where.TEAM)
    assert subscribed.lines[0] == "Subscribed: payments from RON 1,000.00, confirmed"
    shown = await listening.say("/subscriptions", "viewer", Where.TEAM)
    assert "payments from RON 1,000.00, confirmed" in shown.facts
    await come(listening, (9001, 99999), (9002, 100000))
    await told(listening, "RON 1,000.00 on 2024-001")


async def test_what_comes_while_it_is_muted_is_told_in_one_message_and_nothing_after_the_end(listening: Desk) -> None:
    await listening.say("/subscribe", where=Where.TEAM)
    await listening.say("/mute 1h", where=Where.TEAM)
    await come(listening, (9001, 1000), (9002, 2000))
    await held(listening)
    await listening.restart()
    await listening.say("/unmute", where=Where.TEAM)
    summary = "2 payments while this was muted, total RON 30.00"
    await told(listening, summary)
    ended = await listening.say("/unsubscribe", where=Where.TEAM)
    assert ended.lines == ["Ended: every payment", "This chat hears of no payments any more."]
    await come(listening, (9003, 3000))
    left = await listening.say("/subscriptions", where=Where.TEAM)
    assert left.lines == ["Subscriptions", "This chat hears of no payments."]
    await told(listening, summary)
