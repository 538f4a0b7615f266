"""The whole bot on Slack, and the people who use it."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from bot.app import App
from bot.message import Chat, Message
from bot.outlets import Outlet
from bot.platforms.slack import Rates, SlackOptions
from bot.platforms.slack.chat import SlackChat
from bot.server import exact_socket, free_port, serving
from bot.settings import Settings
from bot.start.desks import Makers
from bot.start.joining import joined
from bot.start.slack import slack_core
from sandbox import SandboxServer
from tests.slack_app.screen import Fields, Screen, Shown
from tests.slack_app.standin import APP_TOKEN, BOT_USER, SIGNING_SECRET, TEAM, TOKEN, StandInSlack, own_channel
from tests.stage import BRIEFLY, BRISKLY, settings_for

IDS = {
    "admin": "U0ADMIN",
    "approver": "U0APPROVER",
    "cashier": "U0CASHIER",
    "colleague": "U0COLLEAGUE",
    "viewer": "U0VIEWER",
    "stranger": "U0STRANGER",
}
CHANNEL = "C0TEAM"
BRISK = SlackOptions(
    token=TOKEN, rates=Rates((1000, 1), (1000, 1)), request=3, retry=0.01, pause=0.05, ping=0.5, stop=5
)

_numbers = itertools.count(1)


def escaped(text: str) -> str:
    """What somebody typed, as Slack passes it on."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def name_of(who: str) -> str:
    return f"{who.capitalize()} <&>"


@dataclass
class Talk:
    """The bot, its books, Slack, and what can be done in a client."""

    slack: StandInSlack
    sandbox: SandboxServer
    settings: Settings
    options: SlackOptions
    closed: list[str] = field(default_factory=list)
    serve: Callable[[Message, Outlet], Awaitable[None]] | None = None
    app: App = field(init=False)
    chat: SlackChat = field(init=False)
    port: int = 0
    makers: Makers = BRIEFLY

    @property
    def screen(self) -> Screen:
        """What people see."""
        return self.slack.screen

    @asynccontextmanager
    async def running(self, patience: float = 10) -> AsyncIterator[SlackChat]:
        """Run the bot; again after it has stopped, if need be."""
        outlets: dict[str, Outlet] = {}
        before = self.slack.deliveries.opened
        async with AsyncExitStack() as stack:
            self.app = await stack.enter_async_context(joined(self.settings, outlets, BRISKLY, self.makers))
            core = slack_core(self.app)
            self.chat = chat = SlackChat(
                self.options, replace(core, serve=self.serve or core.serve, closed=self._note_closed)
            )
            outlets["slack"] = chat
            if chat.hooks:
                routes = [Route(path, hook) for path, hook in chat.hooks.items()]
                await stack.enter_async_context(serving(Starlette(routes=routes), exact_socket("127.0.0.1", self.port)))
            await stack.enter_async_context(chat.running(patience))
            if not chat.hooks and patience > 1:
                await self.slack.deliveries.until_connected(before + 1)
            stack.push_async_callback(self.app.services.desk.close)
            stack.push_async_callback(self.app.services.news.close)
            yield chat

    def listen(self) -> None:
        """Be called over HTTP from now on."""
        self.port = free_port("127.0.0.1", 0)
        self.slack.deliveries.hook = f"http://127.0.0.1:{self.port}/slack/events"
        self.options = replace(self.options, app_token="", signing_secret=SIGNING_SECRET)

    async def command(self, text: str, who: str = "cashier", channel: str = "", name: str = "/billing") -> None:
        """Say `/billing text`."""
        await self.slack.deliveries.push("slash_commands", self.slash(text, who, channel, name))

    def slash(self, text: str, who: str = "cashier", channel: str = "", name: str = "/billing") -> Fields:
        """What Slack tells of a slash command."""
        where = channel or own_channel(IDS[who])
        return {
            "team_id": TEAM,
            "channel_id": where,
            "channel_name": "directmessage" if where.startswith("D") else "billing",
            "user_id": IDS[who],
            "user_name": who,
            "command": name,
            "text": escaped(text),
            "response_url": self.slack.respond_url(where, IDS[who]),
            "trigger_id": self.slack.trigger(),
        }

    async def mention(self, text: str, who: str = "cashier", thread: str | None = None, **more: object) -> str:
        """Say `@casier text` in the channel; the message's moment."""
        said = f"<@{BOT_USER}> {escaped(text)}"
        told = self.event({"type": "app_mention", "channel": CHANNEL, "text": said}, who, thread)
        told["event"] |= more
        await self.slack.deliveries.push("events_api", told)
        return str(told["event"]["ts"])

    async def write(self, text: str, who: str = "cashier", channel: str = "", **more: object) -> None:
        """Write a message: to the bot alone, or in a channel."""
        where, kind = channel or own_channel(IDS[who]), "channel" if channel else "im"
        said = {"type": "message", "channel": where, "channel_type": kind, "text": escaped(text)}
        told = self.event(said, who)
        told["event"] |= more
        await self.slack.deliveries.push("events_api", told)

    def event(self, event: Fields, who: str, thread: str | None = None) -> Fields:
        """What Slack tells of an event."""
        in_thread = {"thread_ts": thread} if thread else {}
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"Ev{next(_numbers)}",
            "event": {"user": IDS[who], "ts": self.slack.ts(), **in_thread, **event},
        }

    def pressing(self, card: Shown, label: str, who: str = "cashier") -> Fields:
        """What Slack tells of a press on the button whose label begins so."""
        button = card.labelled(label)
        where = {"id": card.channel, "name": "directmessage" if card.channel.startswith("D") else "billing"}
        thread = {"thread_ts": card.thread} if card.thread else {}
        container = {"type": "message", "message_ts": card.ts, "channel_id": card.channel, **thread}
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": IDS[who], "name": who, "team_id": TEAM},
            "container": {**container, "is_ephemeral": card.reader is not None},
            "channel": where,
            "trigger_id": self.slack.trigger(),
            "response_url": self.slack.respond_url(card.channel, IDS[who], card.ts),
            "actions": [{"block_id": "b", "action_ts": "1", **button}],
        }

    async def press(self, card: Shown, label: str, who: str = "cashier") -> None:
        """Press a button by the beginning of its label."""
        await self.slack.deliveries.push("interactive", self.pressing(card, label, who))

    async def next(self, channel: str, before: int, by: str = "") -> Shown:
        """What is shown there after so many."""
        await self.screen.until(lambda: len(self.screen.seen_in(channel, by)) > before)
        return self.screen.seen_in(channel, by)[before]

    async def said(self, text: str, who: str = "cashier", channel: str = "") -> Shown:
        """Say `/billing text`; read what is shown next there."""
        where = channel or own_channel(IDS[who])
        before = len(self.screen.seen_in(where, IDS[who]))
        await self.command(text, who, channel)
        return await self.next(where, before, IDS[who])

    async def _note_closed(self, chat: Chat, remedy: str) -> None:
        self.closed.append(chat.id)
        await self.app.closed(chat, remedy)


def talk_over(slack: StandInSlack, sandbox: SandboxServer, folder: Path, **chosen: object) -> Talk:
    """A bot for these, not running yet."""
    return talk_with(slack, sandbox, settings_for(sandbox, folder, lambda who: f"slack:{IDS[who]}", **chosen))


def talk_with(slack: StandInSlack, sandbox: SandboxServer, settings: Settings) -> Talk:
    """The same with settings of one's own, over Socket Mode."""
    slack.people |= {IDS[who]: name_of(who) for who in IDS}
    slack.members.add(CHANNEL)
    return Talk(slack, sandbox, settings, replace(BRISK, app_token=APP_TOKEN, url=slack.url))
