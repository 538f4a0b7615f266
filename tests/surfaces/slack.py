"""Slack as a surface: over a stand-in of ours, by Socket Mode and by signed requests."""

import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.message import CardRef, Message
from bot.outlets import Outlet
from bot.platforms.slack.blocks import PAGE
from bot.start.slack import slack_core
from sandbox import SandboxServer
from tests.slack_app.judge import buttons_of, command_of, lines_of
from tests.slack_app.screen import Fields, Shown
from tests.slack_app.standin import StandInSlack, own_channel
from tests.slack_app.workspace import CHANNEL, IDS, name_of, talk_with
from tests.surfaces.desk import PAYER, Card, Desk, Followed, Look, Opened, Where, plain

_SIGNS = ("✅ ", "⏳ ", "❌ ", "▫️ ", "⚠️ ")


class Posted(Card):
    """A message of the bot's, or what only one person sees."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.aside = shown.reader is not None

    @property
    def looks(self) -> list[Look]:
        """As Slack has shown it."""
        return [_look(blocks) for blocks in self.shown.looks]


class SlackDesk(Desk):
    """A workspace with a channel, and the bot in it."""

    platform = "slack"
    bot_name = "casier"
    back, onward = "‹", "›"

    def __init__(
        self, server: StandInSlack, mode: str, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]
    ) -> None:
        super().__init__(sandbox, folder, chosen)
        self.server = server
        self.talk = talk_with(server, sandbox, self.settings)
        self.talk.serve = self._serve
        self._stack = AsyncExitStack()
        self._answered: list[tuple[Message, Shown]] = []
        if mode == "http":
            self.talk.listen()

    def key_of(self, who: str) -> str:
        """By Slack's id."""
        return f"slack:{IDS[who]}"

    def name_of(self, who: str) -> str:
        """A name with marks in it."""
        return name_of(who)

    async def start(self) -> None:
        """Run the bot in the same workspace."""
        await self._stack.enter_async_context(self.talk.running())
        self.app = self.talk.app

    async def stop(self) -> None:
        """End it; the workspace goes on."""
        await self._stack.aclose()

    async def tell(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> None:
        """Say a command after `/billing`, and everything else as a message."""
        channel = "" if where is Where.OWN else CHANNEL
        if slack_core(self.app).counter.begun(text):
            # After a slash command a form asks for the rest (tests/slack_app/test_forms.py); else words do.
            await (self.talk.mention(text, who) if channel else self.talk.write(text.removeprefix("/"), who))
        elif text.startswith("/"):
            # What is no command is one only to who says that it is.
            name = text.removeprefix("/").partition(" ")[0].partition("@")[0]
            await self.talk.command(text.removeprefix("/") if self.app.is_command(name) else text, who, channel)
        else:
            await self.talk.write(text, who, channel)

    async def say(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> Card:
        """Say something and wait for the bot to have done with it."""
        before = len(self._answered)
        await self.tell(text, who, where)
        return await self._answer(before, lambda said: said.card is None, who)

    async def touch(self, card: Card, label: str, who: str = PAYER) -> None:
        """Press."""
        assert isinstance(card, Posted)
        await self.talk.press(card.shown, label.replace("/", "/billing ", 1), who)

    async def press(self, card: Card, label: str, who: str = PAYER) -> Card:
        """Press and wait for what was shown."""
        assert isinstance(card, Posted)
        before, pressed_on = len(self._answered), card.shown.ts
        await self.touch(card, label, who)
        return await self._answer(before, lambda said: bool(said.card and said.card.message == pressed_on), who)

    def cards(self, who: str = PAYER, where: Where = Where.OWN) -> list[Card]:
        """What somebody sees of the bot's there."""
        channel = own_channel(IDS[who]) if where is Where.OWN else CHANNEL
        return [Posted(shown) for shown in self.talk.screen.seen_in(channel, IDS[who])]

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for what Slack is told."""
        await self.talk.screen.until(happened)

    async def _answer(self, before: int, meant: Callable[[Message], bool], who: str) -> Card:
        """What shows the answer to this one's message."""

        def answers() -> list[Shown]:
            news = self._answered[before:]
            return [shown for said, shown in news if said.sender.id == IDS[who] and meant(said)]

        await self.until(answers)
        return Posted(answers()[0])

    async def _serve(self, message: Message, outlet: Outlet) -> None:
        followed = Followed(outlet)
        await super()._serve(message, followed)
        self._answered.append((message, self._shown(followed.shown[-1], message)))
        self.talk.screen.changed.set()

    def _shown(self, card: CardRef, message: Message) -> Shown:
        """The card itself; what only one person sees has no id, and is the newest of that."""
        cards, user = self.talk.screen.cards, message.sender.id
        channel = card.chat.id if card.chat.id == CHANNEL else own_channel(card.chat.id)
        return cards.get((channel, card.message)) or [each for each in cards.values() if each.reader == user][-1]


@asynccontextmanager
async def _on_slack(mode: str, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> AsyncIterator[Desk]:
    async with StandInSlack().running() as server:
        desk = SlackDesk(server, mode, sandbox, folder, chosen)
        await desk.start()
        try:
            yield desk
        finally:
            await desk.stop()
        assert not [each for each in server.refused if each[1].startswith("invalid_blocks")], server.refused


def on_slack(mode: str) -> Opened:
    """Slack in this mode: `socket` or `http`."""
    return functools.partial(_on_slack, mode)


def _look(blocks: list[Fields]) -> Look:
    body = [each for each in blocks if each.get("block_id") != PAGE]
    lines = [_neutral(plain(line)) for line in lines_of(body) if line]
    read = tuple(next((line.removeprefix(sign) for sign in _SIGNS if line.startswith(sign)), line) for line in lines)
    page = next((plain(line) for line in lines_of([each for each in blocks if each.get("block_id") == PAGE])), "")
    labels = {
        _neutral(label): command_of(button)
        for label, button in buttons_of(blocks).items()
        if button["action_id"] != "share"
    }
    return Look(read, labels, page.removeprefix("Page ").replace(" of ", "/"))


def _neutral(text: str) -> str:
    """Commands as they are written everywhere else."""
    return text.replace("/billing ", "/")
