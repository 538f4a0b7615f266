"""A stage for the tests: the whole bot, people who say things to it, and a wall where its replies are pinned."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pydantic import HttpUrl, SecretStr

from bot.app import App
from bot.durable import DurableOptions
from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.outlets import CardGoneError, ChatClosedError
from bot.payments import Posting
from bot.reply import Reply
from bot.settings import Settings
from bot.start.desks import Makers
from sandbox import SandboxServer

# dbos looks around more often than it need in production, so that it also ends at once.
BRISKLY = DurableOptions(look_seconds=0.05)
# Nobody looks for a lost payment for a minute here.
BRIEFLY = Makers(posting=partial(Posting, looks=(0.4, 0.2)))
# A busy machine is no failure of billing's, where that isn't the point.
PATIENT: dict[str, Any] = {"billing_connect_seconds": 5, "billing_read_seconds": 5, "billing_deadline_seconds": 5}
TEAM = Chat("web", "team", ChatKind.GROUP)


class Wall:
    """An outlet that pins replies where a test can read them. Cards taken down are gone."""

    def __init__(self) -> None:
        self.cards: dict[CardRef, list[Reply]] = {}
        self.under: dict[CardRef, CardRef] = {}
        self.broken = False
        self.deaf: set[str] = set()
        self.shut: set[str] = set()
        self._sent = 0

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - its interface
        under: CardRef | None = None,
    ) -> CardRef:
        """Pin a new card."""
        if self.broken or chat.id in self.deaf:
            raise ConnectionError("the wall is down")
        if chat.id in self.shut:
            raise ChatClosedError(chat)
        self._sent += 1
        card = CardRef(chat, str(self._sent))
        self.cards[card] = [reply]
        if under:
            self.under[card] = under
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Pin over a card."""
        if self.broken or card.chat.id in self.deaf:
            raise ConnectionError("the wall is down")
        if card not in self.cards:
            raise CardGoneError
        self.cards[card].append(reply)

    @property
    def newest(self) -> tuple[CardRef, Reply]:
        """The card that was sent last, as it looks now."""
        card = list(self.cards)[-1]
        return card, self.cards[card][-1]


@dataclass
class Desk:
    """The whole bot, its sandbox, and its wall."""

    app: App
    sandbox: SandboxServer
    settings: Settings
    wall: Wall = field(default_factory=Wall)

    async def say(self, text: str, who: str = "cashier", chat: Chat | None = None) -> Reply:
        """Say something; read the last reply."""
        return (await self.replies(text, who, chat))[-1]

    async def replies(self, text: str, who: str = "cashier", chat: Chat | None = None) -> list[Reply]:
        """Say something; read every reply, and where it is a payment that goes on, how that goes on."""
        return [reply async for reply in self.app.answer_to_the_end(message(text, who, chat))]

    async def insist(self, text: str, who: str = "cashier") -> Reply:
        """Ask for a payment and confirm it, a second time where it is odd; read its verdict."""
        reply = await self.say(text, who)
        for _press in range(2):
            if reply.state == "draft":
                reply = await self.say(confirm_of(reply), who)
        return reply

    async def until(self, card: CardRef, word: str, seconds: float = 20) -> Reply:
        """Wait until a card on the wall shows a status of this word."""
        async with asyncio.timeout(seconds):
            while not ((reply := self.wall.cards[card][-1]).status and reply.status.word == word):
                await asyncio.sleep(0.01)
        return reply

    async def post(
        self, text: str, who: str = "cashier", chat: Chat | None = None, card: CardRef | None = None
    ) -> None:
        """Say something, or press it on a card, and have the answer pinned to the wall."""
        await self.app.serve(message(text, who, chat, card), self.wall)


def message(text: str, who: str = "cashier", chat: Chat | None = None, card: CardRef | None = None) -> Message:
    """A message of one of the people in the settings below."""
    where = chat or (card.chat if card else Chat("web", who))
    return Message(Sender("web", who, who.capitalize()), where, text, card, bot_name="casier_bot")


def confirm_of(reply: Reply) -> str:
    """The command of a draft's [Confirm]."""
    return next(button.command for button in reply.buttons if button.command.startswith("/confirm"))


def facts(reply: Reply) -> dict[str, str]:
    """A card's facts, with plain spaces."""
    return {fact.label: fact.value.replace("\xa0", " ") for fact in reply.facts}


def settings_for(sandbox: SandboxServer, folder: Path, key_of: Callable[[str], str], **chosen: Any) -> Settings:  # noqa: ANN401
    """Settings that lead to a sandbox, with a database in a folder; `key_of` is a person's id on their platform."""
    usual: dict[str, Any] = {
        "billing_api_url": HttpUrl(sandbox.url),
        "billing_api_key": SecretStr(sandbox.options.key),
        "billing_connect_seconds": 1,
        "billing_read_seconds": 1,
        "billing_deadline_seconds": 3,
        "database_url": f"sqlite:///{folder / 'casier.db'}",
        "admins": (key_of("admin"),),
        "approvers": (key_of("approver"),),
        "cashiers": (key_of("cashier"), key_of("colleague")),
        "viewers": (key_of("viewer"),),
        "language": "en",
        "payment_hold_seconds": 0,
        # Tests say more in a second than people do.
        "person_messages_per_minute": 0,
        "chat_messages_per_minute": 0,
    }
    return Settings(_env_file=None, **{**usual, **chosen})


class Say(Protocol):
    """Say something to the bot and read the answer."""

    def __call__(self, text: str, who: str = "cashier", chat: Chat | None = None) -> Awaitable[Reply]:
        """Say it."""
        ...


OpenDesk = Callable[..., Awaitable[Desk]]
