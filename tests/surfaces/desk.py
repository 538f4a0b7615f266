"""What a dialogue needs of a surface: to say, to press, to look, to restart.

A new surface is one more file like its neighbours, and one more line in `everywhere.py`.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

from bot.access import Role
from bot.app import App
from bot.message import CardRef, Chat, Message, Sender
from bot.outlets import Outlet
from bot.reply import Reply
from bot.settings import Settings
from sandbox import SandboxServer
from tests.stage import settings_for

PAYER = "cashier"
"""Somebody who may pay: whoever there is on a surface with one person only."""


class Can(StrEnum):
    """What not every surface can do."""

    MANY = "several people talk to the bot, each with a role of their own"
    TEAM = "several people read along in one place"
    LINKS = "rows and facts can be pressed"
    REDRAW = "a card is drawn anew where it is"
    KEEP = "a card can be pressed after a restart"
    NEWS = "something can be told later, without being asked"
    FAULTS = "a test can break the way between the bot and its chat"


class Where(Enum):
    """Alone with the bot, or where the team reads along."""

    OWN = "own"
    TEAM = "team"


@dataclass(frozen=True)
class Look:
    """How a card looks.

    What is read, line by line (plain spaces, no marks, facts as `label: value`, cells between ` · `); what can be
    pressed (the label, and whatever a press needs); and which page of how many it is.
    """

    lines: tuple[str, ...]
    buttons: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


# What a card says of a payment before its verdict.
_UNDER_WAY = ("not sent yet", "look again", "being recorded…", "no answer yet")


class Card(ABC):
    """One answer, as it is seen now and as it was seen before. `aside`: nobody but its reader sees it."""

    aside = False

    @property
    @abstractmethod
    def looks(self) -> list[Look]:
        """How it has looked, the newest last."""

    @property
    def lines(self) -> list[str]:
        """What it says now."""
        return list(self.looks[-1].lines)

    @property
    def buttons(self) -> list[str]:
        """The labels of what can be pressed now."""
        return list(self.looks[-1].buttons)

    @property
    def page(self) -> str:
        """Which page of how many: `1/5`; empty where there is one."""
        return self.looks[-1].page

    @property
    def facts(self) -> dict[str, str]:
        """What it says as label and value."""
        return dict(line.split(": ", 1) for line in self.lines if ": " in line)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What it says as a table."""
        return [tuple(line.split(" · ")) for line in self.lines if " · " in line]

    def carries(self, label: str) -> str:
        """What a press needs on the button whose label begins so."""
        found = [carried for each, carried in self.looks[-1].buttons.items() if each.startswith(label)]
        assert found, f"no button {label} among {self.buttons}"
        return found[0]


class Desk(ABC):
    """The whole bot on one surface, its billing API, and the people in front of it."""

    platform: str
    bot_name: str
    back: str
    """The labels of what turns a list's pages."""
    onward: str
    app: App

    def __init__(self, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> None:
        self.sandbox = sandbox
        self.settings: Settings = settings_for(sandbox, folder, self.key_of, **chosen)
        self._serving: set[asyncio.Task[None]] = set()

    @abstractmethod
    def key_of(self, who: str) -> str:
        """Somebody's id, as the settings write it."""

    @abstractmethod
    def name_of(self, who: str) -> str:
        """The name that somebody shows."""

    @abstractmethod
    async def start(self) -> None:
        """Run the bot; again after it has stopped, with what it has remembered."""

    @abstractmethod
    async def stop(self) -> None:
        """End the bot as it is ended in life."""

    @abstractmethod
    async def tell(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> None:
        """Say something and wait for nothing."""

    @abstractmethod
    async def say(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> Card:
        """Say something; the answer, as soon as the bot has done with it."""

    @abstractmethod
    async def touch(self, card: Card, label: str, who: str = PAYER) -> None:
        """Press the button whose label begins so, and wait for nothing."""

    @abstractmethod
    async def press(self, card: Card, label: str, who: str = PAYER) -> Card:
        """Press a button; the card that shows the answer (the same one, where it is drawn anew)."""

    @abstractmethod
    def cards(self, who: str = PAYER, where: Where = Where.OWN) -> list[Card]:
        """What the bot has shown there, the oldest first."""

    @abstractmethod
    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait until this is so; it is looked at whenever something is shown."""

    async def confirm(self, card: Card, who: str = PAYER) -> Card:
        """Press Confirm, and once more where that is asked for; the card, with what became of the payment."""
        told = await self.press(card, "Confirm", who)
        if told.lines[1:2] == ["look again"]:
            told = await self.press(told, "Pay ", who)
        await self.until(lambda: told.lines[1:2] == [] or told.lines[1] not in _UNDER_WAY)
        if told.lines[1:2] == ["recorded"]:
            await self.until(lambda: "Left to pay" in told.facts)
        return told

    async def restart(self) -> None:
        """Stop and start."""
        await self.stop()
        await self.start()

    async def die(self) -> None:
        """Every answer is cut short: what a kill leaves, as far as people see."""
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self.stop()

    async def later(self) -> None:
        """Time passes: what is due without anybody asking is done."""
        await self.app.services.desk.recover()
        await self.app.services.desk.sweep(settled_for=-timedelta(minutes=1))

    def role_of(self, who: str) -> Role:
        """What somebody may do."""
        platform, _colon, name = self.key_of(who).partition(":")
        return self.app.services.people.role_of(Sender(platform, name, ""))

    def paid(self, invoice: str = "2024-001") -> list[tuple[int, str, str | None]]:
        """What the books really say about an invoice's payments: bani, method, reference."""
        return self.sandbox.books.query(
            "SELECT amount_bani, method, reference FROM payments WHERE invoice_id = ? ORDER BY id", invoice
        )

    @property
    def posted(self) -> int:
        """How many payments were sent to billing, whatever became of them."""
        return self.sandbox.requests.count(("POST", "/payments"))

    async def _serve(self, message: Message, outlet: Outlet) -> None:
        """What a platform is given to answer with: the App, in a task that `die` can end."""
        task = asyncio.create_task(self.app.serve(message, outlet))
        self._serving.add(task)
        try:
            await task
        finally:
            self._serving.discard(task)


class Followed:
    """An outlet that notes where every reply was shown."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self.shown: list[CardRef] = []

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Show a reply as a new card."""
        self.shown.append(await self._outlet.send(chat, reply, answering, under))
        return self.shown[-1]

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew."""
        await self._outlet.edit(card, reply)
        self.shown.append(card)


Opened = Callable[[SandboxServer, Path, Mapping[str, Any]], AbstractAsyncContextManager[Desk]]


@dataclass(frozen=True)
class Surface:
    """A way to talk to the bot, and why it can't do what it can't."""

    name: str
    opened: Opened
    cannot: Mapping[Can, str] = field(default_factory=dict)


def plain(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\xa0", " ").replace("\u202f", " ")
