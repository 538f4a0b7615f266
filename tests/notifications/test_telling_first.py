"""From the first start on: a chat that the settings name is told of a payment."""

from datetime import UTC, datetime

from tests.notifications.newsroom import Newsroom
from tests.stage import facts


async def test_a_chat_of_the_settings_hears_of_a_payment(newsroom: Newsroom) -> None:
    paid = datetime(2026, 11, 25, 12, 41, tzinfo=UTC)
    await newsroom.come(newsroom.payment("5320.50", paid=paid))
    (card,) = await newsroom.hears(1)
    assert card.title.replace("\xa0", " ") == "RON 5,320.50 on 2024-001"
    assert card.status
    assert card.status.word == "confirmed"
    assert {"Customer", "Left to pay", "When"} <= facts(card).keys()
    assert facts(card)["When"].replace("\u202f", " ") == "Nov 25, 2026, 2:41 PM"
    assert [button.command for button in card.buttons][-1] == "/mute"
