"""The whole bot on Telegram, and the people who use it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from starlette.applications import Starlette
from starlette.routing import Route

from bot.app import App
from bot.message import Chat, Message
from bot.outlets import Outlet
from bot.platforms.telegram import Core, Manners, MemoryShorts, Menu, Rates, TelegramChat, TelegramOptions
from bot.server import exact_socket, free_port, serving
from bot.settings import Settings
from bot.start.desks import Makers
from bot.start.joining import joined
from sandbox import SandboxServer
from tests.stage import BRIEFLY, BRISKLY, settings_for
from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.screen import Fields, Screen, Shown
from tests.telegram.strict import StrictTelegram

T = TypeVar("T", StrictTelegram, EmulatedTelegram)

IDS = {"admin": 1, "approver": 2, "cashier": 3, "colleague": 4, "viewer": 5, "stranger": 6}
GROUP = -100
SECRET = "a-webhook-secret_1"
BRISK = TelegramOptions(
    token="",
    rates=Rates((1000, 1), (1000, 1), (1000, 1)),
    manners=Manners(typing=1, press=0.3),
    poll=20,
    request=3,
    pause=0.05,
    stop=5,
)

_messages = itertools.count(1)


def person(who: str) -> Fields:
    return {"id": IDS[who], "is_bot": False, "first_name": who.capitalize(), "last_name": "<&>"}


def place(chat: int) -> Fields:
    return {"id": chat, "type": "private" if chat > 0 else "supergroup"}


def written(text: str | None, who: str, chat: int | None = None, **more: object) -> Fields:
    """A message, as Telegram tells of it."""
    where = IDS[who] if chat is None else chat
    said = {} if text is None else {"text": text}
    message = {"message_id": next(_messages), "date": 1, "chat": place(where), "from": person(who), **said, **more}
    return {"message": message}


def pressed(card: Shown, data: str, who: str, query: str = "") -> Fields:
    """A press on a button of the bot's."""
    topic = {"message_thread_id": card.thread, "is_topic_message": True} if card.thread else {}
    message = {"message_id": card.id, "date": 1, "chat": place(card.chat), **topic}
    number = query or f"press-{next(_messages)}"
    return {
        "callback_query": {"id": number, "from": person(who), "message": message, "data": data, "chat_instance": "1"}
    }


def asked(text: str, who: str, query: str = "") -> Fields:
    """Something typed after the bot's name."""
    number = query or f"query-{next(_messages)}"
    return {"inline_query": {"id": number, "from": person(who), "query": text, "offset": ""}}


@dataclass
class Talk(Generic[T]):
    """The bot, its books, Telegram, and what can be done on a phone."""

    telegram: T
    sandbox: SandboxServer
    settings: Settings
    options: TelegramOptions
    shorts: MemoryShorts = field(default_factory=MemoryShorts)
    menus: dict[str, Menu] = field(default_factory=dict)
    moved: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    serve: Callable[[Message, Outlet], Awaitable[None]] | None = None
    app: App = field(init=False)
    chat: TelegramChat = field(init=False)
    port: int = 0
    makers: Makers = BRIEFLY

    @property
    def screen(self) -> Screen:
        """What people see."""
        return self.telegram.screen

    def running(self) -> AbstractAsyncContextManager[TelegramChat]:
        """Run the bot; again after it has stopped, if need be."""
        return self.running_soon(patience=10)

    def quick(self, typing: float = 1, request: float = 3) -> TelegramOptions:
        """The same options, less patient."""
        return replace(self.options, request=request, manners=Manners(typing, 0.3))

    @asynccontextmanager
    async def running_soon(self, patience: float) -> AsyncIterator[TelegramChat]:
        """The same, with so much patience for its start."""
        outlets: dict[str, Outlet] = {}
        async with AsyncExitStack() as stack:
            self.app = await stack.enter_async_context(joined(self.settings, outlets, BRISKLY, self.makers))
            self.chat = chat = TelegramChat(self.options, self._core(self.app), self.shorts, self.menus)
            outlets["telegram"] = chat
            if chat.webhook:
                routes = [Route("/telegram", chat.webhook, methods=["POST"])]
                await stack.enter_async_context(serving(Starlette(routes=routes), exact_socket("127.0.0.1", self.port)))
            await stack.enter_async_context(chat.running(patience))
            stack.push_async_callback(self.app.services.desk.close)
            stack.push_async_callback(self.app.services.news.close)
            yield chat

    def listen(self) -> None:
        """Take updates at a webhook from now on."""
        self.port = free_port("127.0.0.1", 0)
        url = f"http://127.0.0.1:{self.port}/telegram"
        self.options = replace(self.options, webhook_url=url, webhook_secret=SECRET)

    def rows(self, invoice: str = "2024-001") -> list[tuple[Any, ...]]:
        """What the books really say about an invoice's payments."""
        return self.sandbox.books.query("SELECT amount_bani, method FROM payments WHERE invoice_id = ?", invoice)

    async def tell(self, text: str | None, who: str = "cashier", chat: int | None = None, **more: object) -> None:
        """Say something, and don't wait."""
        await self.telegram.push(written(text, who, chat, **more))

    async def say(self, text: str | None, who: str = "cashier", chat: int | None = None, **more: object) -> Shown:
        """Say something; read the bot's next message there."""
        where = IDS[who] if chat is None else chat
        before = len(self.screen.in_chat(where))
        await self.tell(text, who, chat, **more)
        return await self.next(where, before)

    async def next(self, chat: int, before: int) -> Shown:
        """The bot's message there that comes after so many."""
        await self.screen.until(lambda: len(self.screen.in_chat(chat)) > before)
        return self.screen.in_chat(chat)[before]

    async def press(self, card: Shown, label: str, who: str = "cashier") -> None:
        """Press a button by the beginning of its label; wait until it stops spinning."""
        update = pressed(card, card.labelled(label), who)
        await self.telegram.push(update)
        await self.acknowledged(update["callback_query"]["id"])

    async def acknowledged(self, press: str) -> Fields:
        """What a press was answered with."""
        found: list[Fields] = await self.screen.until(
            lambda: [each for each in self.screen.of("answerCallbackQuery") if each["callback_query_id"] == press]
        )
        assert len(found) == 1
        return found[0]

    async def looks(self, card: Shown, words: str) -> str:
        """Wait until a card shows these words."""
        await self.screen.until(lambda: words in card.text)
        return card.text

    def _core(self, app: App) -> Core:
        async def moved(old: Chat, new: Chat) -> None:
            self.moved.append((old.id, new.id))
            await app.moved(old, new)

        async def closed(chat: Chat) -> None:
            self.closed.append(chat.id)
            await app.closed(chat)

        return Core(self.serve or app.serve, app.answer, app.may_read, moved, closed, app.goes_on)


def talk_over(telegram: T, sandbox: SandboxServer, folder: Path, **chosen: object) -> Talk[T]:
    """A bot for these, not running yet."""
    return talk_with(telegram, sandbox, settings_for(sandbox, folder, lambda who: f"telegram:{IDS[who]}", **chosen))


def talk_with(telegram: T, sandbox: SandboxServer, settings: Settings) -> Talk[T]:
    """The same with settings of one's own."""
    return Talk(telegram, sandbox, settings, replace(BRISK, token=telegram.token, url=telegram.url))


async def settled(seconds: float = 0.1) -> None:
    """Let a little time pass in which nothing should happen."""
    await asyncio.sleep(seconds)
