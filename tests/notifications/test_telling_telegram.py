"""What chats are told over Telegram: its topics, its limits, its moves, its closed doors."""

import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.billing.models import Id, Payment
from bot.dates import now
from bot.notifications import News
from bot.start.desks import Makers
from sandbox import SandboxOptions, SandboxServer
from tests.notifications.newsroom import BRISK
from tests.telegram.phones import GROUP, IDS, Talk, place, settled, talk_over
from tests.telegram.screen import Fields
from tests.telegram.strict import No, StrictTelegram

MOVED = -100200
MOST, WINDOW = 3, 1.0
_numbers = count(9000)


class LimitedTelegram(StrictTelegram):
    """Counts what is written to each chat, and says 429 as Telegram does; a minute of its is a second of ours."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[int, list[float]] = {}
        self._closed_until: dict[int, float] = {}
        self.slowed = 0
        self.disobeyed = 0

    async def _result(self, method: str, fields: Fields) -> Any:  # noqa: ANN401
        if method in ("sendMessage", "editMessageText"):
            self._count(int(fields["chat_id"]))
        return await super()._result(method, fields)

    def _count(self, chat: int) -> None:
        at = time.monotonic()
        if at < self._closed_until.get(chat, 0):
            self.disobeyed += 1
            raise No(429, "Too Many Requests: retry after 1", retry_after=1)
        written = [each for each in self._written.get(chat, []) if each > at - WINDOW]
        if len(written) >= MOST:
            self.slowed += 1
            self._closed_until[chat] = at + 1
            raise No(429, "Too Many Requests: retry after 1", retry_after=1)
        self._written[chat] = [*written, at]


@pytest.fixture
async def limited() -> AsyncIterator[LimitedTelegram]:
    """Telegram, whose patience is short."""
    telegram = LimitedTelegram()
    async with telegram.running():
        yield telegram


@pytest.fixture
async def open_talk(lively: SandboxOptions, folder: Path) -> AsyncIterator[Callable[..., Talk[Any]]]:
    """A bot for a Telegram, whose `NOTIFY` names the group."""
    async with SandboxServer(lively) as sandbox:

        def opened(telegram: StrictTelegram, notify: tuple[str, ...] = (f"telegram:{GROUP}",)) -> Talk[Any]:
            talk = talk_over(telegram, sandbox, folder, notify=notify)
            talk.makers = Makers(cadence=BRISK)
            return talk

        yield opened


@pytest.fixture
async def strict() -> AsyncIterator[StrictTelegram]:
    """Telegram, as its documentation says."""
    async with StrictTelegram().running() as telegram:
        yield telegram


def payment(amount: int = 100, status: str = "confirmed", number: str = "") -> Payment:
    return Payment(
        id=Id(number or next(_numbers)), amount=Decimal(amount), invoice_number=Id("2024-001"), status=status
    )


async def come(talk: Talk[Any], *payments: Payment, before: str | None = None) -> None:
    """These payments are new; or they had another status before."""
    services = talk.app.services
    news = [News(each, is_new=before is None, before=before, seen_at=now()) for each in payments]
    async with services.store.engine.begin() as transaction:
        await transaction.run_sync(services.news.listener.hear, news)
    services.news.listener.committed()


async def shows(talk: Talk[Any], many: int, chat: int = GROUP) -> list[str]:
    """Wait for so many messages in a chat; read them."""
    await talk.screen.until(lambda: len(talk.screen.in_chat(chat)) >= many, 30)
    return [shown.text for shown in talk.screen.in_chat(chat)]


async def test_a_payment_is_told_and_its_buttons_lead_on(
    strict: StrictTelegram, open_talk: Callable[..., Talk[Any]]
) -> None:
    talk = open_talk(strict)
    async with talk.running():
        await come(talk, payment())
        await shows(talk, 1)
        (card,) = talk.screen.in_chat(GROUP)
        assert {"Invoice": "/invoice 2024-001", "Mute": "/mute"}.items() <= card.buttons.items()
        await talk.press(card, "Mute")
        offer = (await shows(talk, 2))[1]
        assert offer.startswith("Mute the payments here?")
        await talk.press(talk.screen.in_chat(GROUP)[1], "1 hour")
        await talk.looks(talk.screen.in_chat(GROUP)[1], "Muted until")
    assert strict.refused == []


async def test_a_changed_status_edits_the_card_and_is_said_under_it(
    strict: StrictTelegram, open_talk: Callable[..., Talk[Any]]
) -> None:
    talk = open_talk(strict)
    async with talk.running():
        pending = payment(status="pending")
        await come(talk, pending)
        await shows(talk, 1)
    async with talk.running():
        await come(talk, payment(number=str(pending.id)), before="pending")
        await shows(talk, 2)
        card, below = talk.screen.in_chat(GROUP)
        assert len(card.looks) == 2
        assert "confirmed" in card.text
        assert below.reply_to == card.id


async def test_limits_are_obeyed_and_every_payment_is_in_exactly_one_message(
    limited: LimitedTelegram, open_talk: Callable[..., Talk[Any]]
) -> None:
    talk = open_talk(limited)
    async with talk.running():
        for amount in range(1, 31):
            await come(talk, payment(amount))
            await settled(0.03)
        await talk.screen.until(lambda: _counted(talk) >= 30, 60)
        await settled()
        assert _counted(talk) == 30
    assert limited.disobeyed == 0


def _counted(talk: Talk[Any]) -> int:
    """How many payments the messages of the group tell of."""
    firsts = [shown.text.split()[0] for shown in talk.screen.in_chat(GROUP)]
    return sum(int(first) if first.isdigit() else 1 for first in firsts)


async def test_a_group_that_became_a_supergroup_is_followed_and_nothing_is_told_twice(
    strict: StrictTelegram, open_talk: Callable[..., Talk[Any]]
) -> None:
    talk = open_talk(strict)
    async with talk.running():
        strict.moved[GROUP] = MOVED
        await come(talk, payment(1))
        await shows(talk, 1, MOVED)
        assert await talk.app.services.news.audience(f"telegram:{GROUP}") is None
    async with talk.running():
        await come(talk, payment(2))
        await shows(talk, 2, MOVED)
        await settled()
    assert len(talk.screen.in_chat(MOVED)) == 2
    assert talk.screen.in_chat(GROUP) == []


@pytest.mark.parametrize("how", ["refused", "told"])
async def test_a_kicked_bot_pauses_and_tells_who_subscribed_once(
    strict: StrictTelegram, open_talk: Callable[..., Talk[Any]], how: str
) -> None:
    talk = open_talk(strict, ())
    async with talk.running():
        await talk.say("/subscribe@casier_bot", "cashier", GROUP)
        strict.closed.add(GROUP)
        if how == "told":
            left = {"chat": place(GROUP), "from": {}, "new_chat_member": {"status": "kicked"}}
            await strict.push({"my_chat_member": left})
        else:
            await come(talk, payment())
        (words,) = await shows(talk, 1, IDS["cashier"])
        assert words.startswith("Paused: telegram:-100")
        await come(talk, payment())
        await settled(0.3)
        assert len(talk.screen.in_chat(IDS["cashier"])) == 1
        strict.closed.clear()
        await talk.press(talk.screen.in_chat(IDS["cashier"])[0], "Resume")
        assert "RON 100.00" in (await shows(talk, 2))[1] or "200.00" in (await shows(talk, 2))[1]


async def test_a_topic_of_a_forum_is_told_in_its_topic(
    strict: StrictTelegram, open_talk: Callable[..., Talk[Any]]
) -> None:
    talk = open_talk(strict, (f"telegram:{GROUP}:5",))
    async with talk.running():
        await come(talk, payment())
        await shows(talk, 1)
        assert [shown.thread for shown in talk.screen.in_chat(GROUP)] == [5]
