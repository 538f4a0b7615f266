"""The bot with somebody who makes payments known to it, over restarts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.billing.models import Id, Payment
from bot.dates import now
from bot.message import CardRef, Chat
from bot.notifications import Cadence, News
from bot.outlets import Outlet
from bot.reply import Reply
from bot.start.desks import Makers
from bot.start.joining import joined
from bot.start.stopping import ended
from sandbox import SandboxOptions, SandboxServer
from tests.stage import BRISKLY, PATIENT, TEAM, Desk, Wall, settings_for

SECONDS = 20
BRISK = Cadence(breath=0.01, look=0.05, stop=2)
OWN = Chat("web", "cashier")


@dataclass
class Newsroom:
    """The whole bot, its wall, and the payments that it hears of."""

    folder: Path
    sandbox: SandboxServer
    chosen: dict[str, Any]
    cadence: Cadence = BRISK
    wall: Wall = field(default_factory=Wall)
    desk: Desk = field(init=False)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(9000).__next__)
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self, **chosen: Any) -> None:  # noqa: ANN401
        """Start the bot, with these settings besides."""
        self.chosen |= chosen
        settings = settings_for(self.sandbox, self.folder, "web:{}".format, **self.chosen)
        outlets: dict[str, Outlet] = {"web": self.wall}
        app = await self._bot.enter_async_context(joined(settings, outlets, BRISKLY, Makers(cadence=self.cadence)))
        self.desk = Desk(app, self.sandbox, settings, self.wall)
        self._bot.push_async_callback(ended, asyncio.create_task(app.services.news.watch()))

    async def close(self) -> None:
        """Stop it."""
        await self._bot.aclose()
        self._bot = AsyncExitStack()

    async def restart(self, **chosen: Any) -> None:  # noqa: ANN401
        """Stop it in good order, and start it on the same database."""
        await self.close()
        await self.open(**chosen)

    async def say(self, text: str, who: str = "cashier", chat: Chat | None = TEAM) -> Reply:
        """Say something, by default where the team reads along."""
        return await self.desk.say(text, who, chat)

    def payment(
        self, amount: str = "100", invoice: str = "2024-001", status: str = "confirmed", paid: datetime | None = None
    ) -> Payment:
        """A payment that nobody knows yet."""
        moment = (paid or now()).astimezone(self.desk.settings.conventions.timezone).replace(tzinfo=None)
        return Payment(
            id=Id(self._numbers()),
            amount=Decimal(amount),
            invoice_number=Id(invoice),
            status=status,
            paid_at=moment.isoformat(sep=" "),
        )

    async def come(self, *payments: Payment, at: datetime | None = None) -> None:
        """These payments are new."""
        await self.hear(*(News(payment, is_new=True, before=None, seen_at=at or now()) for payment in payments))

    async def change(self, payment: Payment, status: str) -> Payment:
        """This payment has another status."""
        changed = Payment(
            id=payment.id,
            amount=payment.amount,
            invoice_number=payment.invoice_number,
            status=status,
            paid_at=payment.paid_at,
        )
        await self.hear(News(changed, is_new=False, before=payment.status, seen_at=now()))
        return changed

    async def hear(self, *news: News) -> None:
        """Make news known, as the watcher does."""
        services = self.desk.app.services
        async with services.store.engine.begin() as transaction:
            await transaction.run_sync(services.news.listener.hear, news)
        services.news.listener.committed()

    def told(self, chat: Chat = TEAM) -> list[Reply]:
        """What stands in a chat, each as it looks now."""
        return [looks[-1] for card, looks in self.wall.cards.items() if card.chat == chat]

    def cards(self, chat: Chat = TEAM) -> list[CardRef]:
        """The cards of a chat."""
        return [card for card in self.wall.cards if card.chat == chat]

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until this is so."""
        async with asyncio.timeout(SECONDS):
            while not happened():
                await asyncio.sleep(0.01)

    async def hears(self, many: int, chat: Chat = TEAM) -> list[Reply]:
        """Wait until so many messages stand in a chat, and nothing waits for it; read them."""
        await self.until(lambda: len(self.told(chat)) >= many)
        await self.calm(chat)
        assert len(self.told(chat)) == many
        return self.told(chat)

    async def calm(self, chat: Chat = TEAM) -> None:
        """Wait until everything that is to be told now is told or held."""
        notices = self.desk.app.services.store.notices
        async with asyncio.timeout(SECONDS):
            while any(not notice.held for notice in await notices.waiting(chat.key, 100)):
                await asyncio.sleep(0.01)


@pytest.fixture
async def newsroom(folder: Path, lively: SandboxOptions, begun_url: str) -> AsyncIterator[Newsroom]:
    """The bot on either database, with the team's room told of everything."""
    async with SandboxServer(lively) as sandbox:
        room = Newsroom(folder, sandbox, {**PATIENT, "database_url": begun_url, "notify": ("web:team",)})
        await room.open()
        try:
            yield room
        finally:
            await room.close()
