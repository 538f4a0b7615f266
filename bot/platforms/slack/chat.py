"""Slack, joined: what comes in goes to the App, what the App says goes out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from starlette.types import ASGIApp

from bot.message import CardRef, Chat, Message
from bot.platforms.slack.api import Api
from bot.platforms.slack.connection import Connection
from bot.platforms.slack.faults import BAD_TOKEN, SlackAwayError, SlackNoError, WrongTokenError
from bot.platforms.slack.home import Home
from bot.platforms.slack.inbound import Inbound
from bot.platforms.slack.listeners import Known, Rooms, bolt_app
from bot.platforms.slack.options import Core, SlackOptions
from bot.platforms.slack.pace import Pace
from bot.platforms.slack.paying import Paying
from bot.platforms.slack.post import Post
from bot.platforms.slack.reception import Reception
from bot.platforms.slack.webhook import PATH, Webhook
from bot.reply import Reply

T = TypeVar("T")

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 30.0


class SlackChat:
    """The bot on Slack, and the `Outlet` that shows replies there.

    `hooks` are the ASGI endpoints to be served, by path; there are none in Socket Mode.
    """

    def __init__(self, options: SlackOptions, core: Core) -> None:
        self._options = options
        self._core = core
        self._api = Api(options)
        self._us = Known(options.token)
        self._post = Post(self._api, Pace(options.rates), core)
        self._reception = Reception(options, core, self._api, self._post)
        home = Home(self._api, self._post, self._reception.names, core.counter)
        rooms = Rooms(self._reception, Paying(self._api, self._reception, core.counter), home)
        app = bolt_app(options, rooms, self._us)
        self._connection = Connection(options, self._api, app) if options.app_token else None
        self._webhook = None if options.app_token else Webhook(app)
        self.hooks: Mapping[str, ASGIApp] = {PATH: self._webhook} if self._webhook else {}

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - what is asked there is answered by another outlet
        under: CardRef | None = None,
    ) -> CardRef:
        """Show a reply as a new card; `ChatClosedError` where we can't write."""
        return await self._post.send(chat, reply, under.message if under else None)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew; `CardGoneError` where that can't be done."""
        await self._post.edit(card, reply)

    async def knock(self, chat: Chat) -> None:
        """`ChatClosedError` where we can't write."""
        await self._post.knock(chat)

    def state(self) -> dict[str, Any]:
        """How we are, for whoever watches: whether what is said comes in, and how long ago the last of it did."""
        idle = self._reception.idle_seconds
        is_lost = bool(self._reception.is_open and self._connection and not self._connection.is_well)
        return {
            "ok": self._reception.is_open and not is_lost,
            "mode": "socket" if self._connection else "http",
            "trouble": "network" if is_lost else None,
            "last_event_seconds_ago": None if idle is None else round(idle, 1),
        }

    @asynccontextmanager
    async def running(self, patience: float = 10) -> AsyncIterator[None]:
        """Answer while the block runs. `WrongTokenError` if Slack doesn't know us.

        If Slack can't be reached within `patience` seconds the block runs all the same, and it is tried on and on.
        """
        async with self._api:
            opening = asyncio.create_task(self._open())
            try:
                await asyncio.wait([opening], timeout=patience)
                if opening.done():
                    opening.result()
                opening.add_done_callback(_log_end)
                yield
            finally:
                await self._close(opening)

    async def _open(self) -> None:
        us = self._us.identity = await self._persist("SLACK_BOT_TOKEN", self._api.identify)
        log.info("slack.known", name=f"@{us.name}", team=us.team)
        self._post.name = us.name
        self._reception.open(Inbound(us.user, us.name, self._core.is_command))
        if self._webhook:
            self._webhook.is_open = True
        if self._connection:
            opened = await self._persist("SLACK_APP_TOKEN", self._opened)
            await self._connection.open(opened["url"])

    async def _opened(self) -> Mapping[str, Any]:
        return await self._api.connect(self._options.app_token)

    async def _persist(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until Slack answers. One line when it begins to fail, one when it works again."""
        pause, failed = self._options.pause, False
        while True:
            try:
                answer = await ask()
            except SlackNoError as error:
                if error.code in BAD_TOKEN:
                    raise WrongTokenError(name, error.code) from None
                why = error.code
            except SlackAwayError as error:
                why = str(error)
            else:
                if failed:
                    log.info("slack.reached")
                return answer
            if not failed:
                log.warning("slack.unreachable", reason=why)
            failed = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _close(self, opening: "asyncio.Task[None]") -> None:
        """Take nothing more, and finish what was taken."""
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        if self._webhook:
            self._webhook.is_open = False
        if self._connection:
            await self._connection.close()
        await self._reception.close(self._options.stop)


def _log_end(opening: "asyncio.Task[None]") -> None:
    error = None if opening.cancelled() else opening.exception()
    if error:
        log.error("slack.ended", reason=str(error))
