"""Telegram as a surface: over a server that we did not write and over a strict one of ours, polling and webhook."""

import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast

from bot.message import CardRef, Message
from bot.outlets import Outlet
from bot.platforms.telegram import TelegramChat
from sandbox import SandboxServer
from tests.surfaces.desk import PAYER, Card, Desk, Followed, Look, Opened, Where, plain
from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.phones import GROUP, IDS, Talk, person, pressed, talk_with
from tests.telegram.screen import Fields, Shown
from tests.telegram.strict import StrictTelegram

Server = EmulatedTelegram | StrictTelegram

_SIGNS = ("✅ ", "⏳ ", "❌ ", "▫️ ", "⚠️ ")


class Posted(Card):
    """A message of the bot's."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown

    @property
    def looks(self) -> list[Look]:
        """As Telegram has shown it; what could be pressed before is not known any more."""
        *before, now = (_lines(each) for each in self.shown.looks)
        labels = self.shown.buttons
        page = next((label for label in labels if label.replace("/", "").isdigit() and "/" in label), "")
        return [*map(Look, before), Look(now, labels, page)]


class Alert(Card):
    """A few words that only the presser sees."""

    aside = True

    def __init__(self, text: str) -> None:
        self._text = plain(text)

    @property
    def looks(self) -> list[Look]:
        """It looks like this once."""
        return [Look(tuple(self._text.splitlines()))]


class TelegramDesk(Desk):
    """Phones, a group, and the bot behind a Bot API server."""

    platform = "telegram"
    bot_name = "casier_bot"
    back, onward = "‹", "›"

    def __init__(
        self, server: Server, mode: str, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]
    ) -> None:
        super().__init__(sandbox, folder, chosen)
        self.server = server
        self.talk = cast("Talk[StrictTelegram]", talk_with(server, sandbox, self.settings))
        self.talk.serve = self._serve
        self._stack = AsyncExitStack()
        self._answered: list[tuple[Message, CardRef]] = []
        if mode == "webhook":
            self.talk.listen()

    @property
    def chat(self) -> TelegramChat:
        """The bot's own hands, for what no person can do."""
        return self.talk.chat

    def key_of(self, who: str) -> str:
        """By number."""
        return f"telegram:{IDS[who]}"

    def name_of(self, who: str) -> str:
        """A name with marks in it."""
        shown = person(who)
        return f"{shown['first_name']} {shown['last_name']}"

    async def start(self) -> None:
        """Run the bot against the same server."""
        await self._stack.enter_async_context(self.talk.running())
        self.app = self.talk.app

    async def stop(self) -> None:
        """End it; the server goes on."""
        await self._stack.aclose()

    async def tell(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> None:
        """Write something."""
        await self.talk.tell(text, who, _chat(who, where))

    async def say(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> Card:
        """Write something and wait for the bot to have done with it."""
        before = len(self._answered)
        await self.tell(text, who, where)
        return await self._answer(before, lambda said: said.card is None and said.text == text, who)

    async def touch(self, card: Card, label: str, who: str = PAYER) -> None:
        """Press."""
        await self._press(card, label, who)

    async def press(self, card: Card, label: str, who: str = PAYER) -> Card:
        """Press and wait: for an alert, or for what was shown."""
        assert isinstance(card, Posted)
        before, pressed_on = len(self._answered), str(card.shown.id)
        press = await self._press(card, label, who)
        answer = await self._answer(before, lambda said: bool(said.card and said.card.message == pressed_on), who)
        alerted: Fields = await self.talk.acknowledged(press)
        return Alert(alerted["text"]) if alerted.get("show_alert") else answer

    def cards(self, who: str = PAYER, where: Where = Where.OWN) -> list[Card]:
        """The bot's messages in a chat."""
        return [Posted(shown) for shown in self.talk.screen.in_chat(_chat(who, where))]

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for what the server is told."""
        await self.talk.screen.until(happened)

    async def _press(self, card: Card, label: str, who: str) -> str:
        assert isinstance(card, Posted)
        update = pressed(card.shown, card.carries(label), who)
        await self.server.push(update)
        return str(update["callback_query"]["id"])

    async def _answer(self, before: int, meant: Callable[[Message], bool], who: str) -> Card:
        """Where the answer to this one's message was shown last."""

        def answers() -> list[CardRef]:
            news = self._answered[before:]
            return [card for said, card in news if said.sender.id == str(IDS[who]) and meant(said)]

        await self.until(answers)
        where = answers()[0]
        return Posted(self.talk.screen.cards[int(where.chat.id), int(where.message)])

    async def _serve(self, message: Message, outlet: Outlet) -> None:
        followed = Followed(outlet)
        await super()._serve(message, followed)
        self._answered.append((message, followed.shown[-1]))
        self.talk.screen.changed.set()


@asynccontextmanager
async def _on_telegram(
    server: type[Server], mode: str, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]
) -> AsyncIterator[Desk]:
    async with server().running() as running:
        desk = TelegramDesk(running, mode, sandbox, folder, chosen)
        await desk.start()
        try:
            yield desk
        finally:
            await desk.stop()


def over(server: type[Server], mode: str) -> Opened:
    """Telegram over a server of this kind."""
    return functools.partial(_on_telegram, server, mode)


def _chat(who: str, where: Where) -> int:
    return IDS[who] if where is Where.OWN else GROUP


def _lines(text: str) -> tuple[str, ...]:
    lines = [plain(line) for line in text.split("\n") if line]
    return tuple(next((line.removeprefix(sign) for sign in _SIGNS if line.startswith(sign)), line) for line in lines)
