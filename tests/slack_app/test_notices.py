"""What Slack's channels are told of payments: at its pace, in threads, and nothing where nobody lets us in."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from bot.billing.models import Id, Payment
from bot.dates import now
from bot.notifications import News
from bot.start.desks import Makers
from sandbox import SandboxServer
from tests.notifications.newsroom import BRISK
from tests.slack_app.screen import Shown
from tests.slack_app.standin import No, StandInSlack, TooMany, own_channel
from tests.slack_app.workspace import CHANNEL, IDS, Talk, talk_over

_numbers = count(9000)


@pytest.fixture
async def told(slack: StandInSlack, sandbox: SandboxServer, folder: Path) -> AsyncIterator[Talk]:
    """A running bot whose `NOTIFY` names the channel."""
    talk = talk_over(slack, sandbox, folder, notify=(f"slack:{CHANNEL}",))
    talk.makers = Makers(cadence=BRISK)
    async with talk.running():
        yield talk


@pytest.fixture
async def asked(talk: Talk) -> AsyncIterator[Talk]:
    """A running bot that nobody has told to tell anything."""
    talk.makers = Makers(cadence=BRISK)
    async with talk.running():
        yield talk


def payment(amount: int = 100, status: str = "confirmed", number: str = "") -> Payment:
    return Payment(
        id=Id(number or next(_numbers)), amount=Decimal(amount), invoice_number=Id("2024-001"), status=status
    )


async def come(talk: Talk, *payments: Payment, before: str | None = None) -> None:
    """These payments are new; or they had another status before."""
    services = talk.app.services
    news = [News(each, is_new=before is None, before=before, seen_at=now()) for each in payments]
    async with services.store.engine.begin() as transaction:
        await transaction.run_sync(services.news.listener.hear, news)
    services.news.listener.committed()


async def shows(talk: Talk, many: int, channel: str = CHANNEL) -> list[Shown]:
    """Wait for so many messages in a channel."""
    await talk.screen.until(lambda: len(talk.screen.seen_in(channel)) >= many, 30)
    return talk.screen.seen_in(channel)


async def test_a_payment_is_told_and_a_change_of_its_status_goes_under_its_card(told: Talk) -> None:
    await come(told, payment(123, "pending", "9500"))
    (card,) = await shows(told, 1)
    assert card.lines[0] == "RON 123.00 on 2024-001"
    assert {"Invoice", "Mute"} <= set(card.buttons)
    await come(told, payment(123, "confirmed", "9500"), before="pending")
    card, change = await shows(told, 2)
    assert (change.thread, card.thread) == (card.ts, None)
    assert "✅ confirmed" in card.lines
    assert len(card.looks) == 2


async def test_a_channel_subscribes_before_all_and_what_is_looked_up_is_for_who_asks(asked: Talk) -> None:
    await asked.command("subscribe min=1000", channel=CHANNEL)
    (subscribed,) = await shows(asked, 1)
    assert subscribed.lines[0] == "Subscribed: payments from RON 1,000.00"
    await come(asked, payment(999), payment(1000))
    _subscribed, card = await shows(asked, 2)
    await asked.press(card, "Invoice", "viewer")
    await asked.screen.until(lambda: len(asked.screen.seen_in(CHANNEL, IDS["viewer"])) == 3)
    assert asked.screen.seen_in(CHANNEL, IDS["viewer"])[-1].reader == IDS["viewer"]
    await asked.command("mute 1h", channel=CHANNEL)
    assert (await shows(asked, 3))[-1].lines[0].startswith("Muted until")


async def test_a_channel_that_we_are_not_in_is_told_how_to_let_us_in(asked: Talk) -> None:
    asked.slack.members.clear()
    refused = await asked.said("subscribe", channel=CHANNEL)
    assert refused.lines == [f"I can't write to slack:{CHANNEL}. In Slack, say “/invite @casier” in that channel."]
    asked.slack.faults["conversations.info"] = [No("channel_not_found"), No("missing_scope")]
    before = len(asked.screen.seen_in(CHANNEL, IDS["cashier"]))
    await asked.command("subscribe", channel=CHANNEL)
    hidden = await asked.next(CHANNEL, before, IDS["cashier"])
    assert hidden.lines == refused.lines
    asked.slack.members.add(CHANNEL)
    await asked.command("subscribe", channel=CHANNEL)
    assert (await shows(asked, 1))[0].lines[0] == "Subscribed: every payment"
    assert (await asked.said("subscribe")).lines[0] == "Subscribed: every payment"


async def test_a_channel_that_puts_us_out_is_paused_and_goes_on_when_we_are_back(told: Talk) -> None:
    told.slack.members.clear()
    await come(told, payment())
    (paused,) = await shows(told, 1, own_channel(IDS["admin"]))
    assert paused.lines[0] == f"Paused: slack:{CHANNEL}"
    assert paused.lines[-1] == "In Slack, say “/invite @casier” in that channel."
    told.slack.members.add(CHANNEL)
    # Whoever was writing there finds out a moment after the admins do.
    await asyncio.sleep(0.2)
    await told.press(paused, "Resume", "admin")
    (card,) = await shows(told, 1)
    assert card.lines[0] == "RON 100.00 on 2024-001"


async def test_a_thousand_payments_and_a_slack_that_says_429_are_told_once(told: Talk) -> None:
    told.slack.faults["chat.postMessage"] = [TooMany(0), TooMany(0)]
    await come(told, *(payment(1) for _payment in range(1000)))
    (summary,) = await shows(told, 1)
    assert summary.lines[0] == "1,000 payments, total RON 1,000.00"
    assert told.slack.refused.count(("chat.postMessage", "ratelimited")) == 2
    await come(told, payment(7))
    assert [card.lines[0] for card in await shows(told, 2)][1] == "RON 7.00 on 2024-001"


async def test_a_thread_subscribes_for_itself_and_is_told_in_it(asked: Talk) -> None:
    thread = "1700000000.000001"
    await asked.mention("subscribe min=1000", thread=thread)
    (card,) = await shows(asked, 1)
    assert card.thread == thread
    assert f"Chat: slack:{CHANNEL}:{thread}" in card.lines
    await come(asked, payment(1500))
    _card, notice = await shows(asked, 2)
    assert (notice.thread, notice.lines[0]) == (thread, "RON 1,500.00 on 2024-001")
    places = [audience.place for audience in await asked.app.services.news.audiences()]
    assert places == [f"slack:{CHANNEL}:{thread}"]


async def test_what_is_pressed_in_a_thread_is_about_that_thread_or_else_its_channel(asked: Talk) -> None:
    thread = "1700000000.000001"
    await asked.mention("subscribe", thread=thread)
    await shows(asked, 1)
    await come(asked, payment(1500))
    _card, notice = await shows(asked, 2)
    await asked.press(notice, "Mute")
    await asked.screen.until(lambda: len(asked.screen.seen_in(CHANNEL, IDS["cashier"])) == 3)
    offer = asked.screen.seen_in(CHANNEL, IDS["cashier"])[-1]
    spoken = [str(each["value"]) for each in offer.buttons.values() if "mute " in str(each.get("value"))]
    assert spoken
    assert all(f"chat=slack:{CHANNEL}:{thread}" in each for each in spoken), spoken
    await asked.press(offer, "1 hour")
    async with asyncio.timeout(10):
        while not (await asked.app.services.news.audiences())[0].muted_until:
            await asyncio.sleep(0.02)


async def test_a_press_in_a_thread_without_a_subscription_of_its_own_means_the_channel(asked: Talk) -> None:
    said = await asked.mention("subscribe")
    (card,) = await shows(asked, 1)
    assert card.thread == said
    await asked.mention("mute 1h", thread=said)
    refused = await asked.next(CHANNEL, 1)
    assert refused.lines == [f"slack:{CHANNEL}:{said} hears of no payments."]
    assert [each.place for each in await asked.app.services.news.audiences()] == [f"slack:{CHANNEL}"]
