"""The bolt app: what Slack tells of, each kind with who takes it. Acknowledged before anything is done."""

import logging
import re
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.platforms.slack.api import Identity
from bot.platforms.slack.forms import PAY
from bot.platforms.slack.home import PAY as HOME_PAY
from bot.platforms.slack.home import SEARCH, Home
from bot.platforms.slack.needs import LOOK_UP, RECORD
from bot.platforms.slack.options import SlackOptions
from bot.platforms.slack.paying import Paying
from bot.platforms.slack.reception import Reception

log = structlog.get_logger(__name__)

_ANY = re.compile(".*")
_FORM = re.compile(f"^{PAY}-")
# Slack's libraries warn with whole requests, and with what people have typed: what there is to say, we say.
quiet = logging.getLogger("slack_bolt.casier")
quiet.setLevel(logging.CRITICAL)


def bolt_app(options: SlackOptions, rooms: "Rooms", us: "Known") -> AsyncApp:
    """An app that passes on to these. Every listener is done at once, so each may be run before the answer."""
    app = AsyncApp(
        # Bolt makes a logger of this name as quiet as the one below.
        name="slack_bolt.casier",
        logger=quiet,
        signing_secret=options.signing_secret,
        authorize=us,
        process_before_response=True,
    )
    Listeners(rooms).join(app)
    return app


class Known(AsyncAuthorize):
    """Who we are, asked once at the start: bolt would ask with the first request."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.identity: Identity | None = None

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_more: object) -> AuthorizeResult:
        """What bolt tells ourselves from others by."""
        us = self.identity
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=self._token,
            bot_id=us.bot if us else None,
            bot_user_id=us.user if us else None,
        )


@dataclass(frozen=True, slots=True)
class Rooms:
    """Who takes what is said: the reception, the form for payments, the home."""

    reception: Reception
    paying: Paying
    home: Home


class Listeners:
    """Takes what bolt has verified and sorted."""

    def __init__(self, rooms: Rooms) -> None:
        self._reception = rooms.reception
        self._paying = rooms.paying
        self._home = rooms.home

    def join(self, app: AsyncApp) -> None:
        """Listen to what we know of; everything else is acknowledged, and nobody's."""
        app.command(_ANY)(self._commanded)
        app.event("app_mention")(self._said)
        app.event("message")(self._said)
        app.event("app_home_opened")(self._came_home)
        app.action(_FORM)(self._chosen)
        app.action(SEARCH)(self._searched)
        app.action(HOME_PAY)(self._pays)
        app.action(_ANY)(self._pressed)
        app.options(_FORM)(self._suggested)
        app.view(PAY)(self._sent)
        app.shortcut(RECORD)(self._pays)
        app.shortcut(LOOK_UP)(self._pointed)
        app.event(_ANY)(self._ignored)
        app.error(self._failed)

    async def _commanded(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        heard = self._reception.inbound.commanded(body)
        if not self._paying.begins(heard):
            self._reception.take(heard)

    async def _said(self, body: dict[str, Any]) -> None:
        if self._reception.is_new(str(body.get("event_id") or "")):
            self._reception.take(self._reception.inbound.said(body["event"]))

    async def _pressed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        is_home = (body.get("view") or {}).get("type") == "home"
        outlet = self._home.answer(body["user"]["id"]) if is_home else None
        self._reception.take(self._reception.inbound.pressed(body), outlet)

    async def _came_home(self, event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            self._reception.begin(self._home.show(event["user"]))

    async def _searched(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._reception.take(self._reception.inbound.searched(body), self._home.answer(body["user"]["id"]))

    async def _pointed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._reception.take(self._reception.inbound.pointed_at(body))

    async def _pays(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._paying.start(body)

    async def _chosen(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._paying.chosen(body)

    async def _suggested(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await self._paying.suggest(body))

    async def _sent(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        faults = await self._paying.faults(body)
        if faults:
            await ack(response_action="errors", errors=faults)
        else:
            await ack()

    async def _ignored(self) -> None:
        """Nothing that concerns us."""

    async def _failed(self, error: Exception) -> None:
        """A bug of ours: logged without what was said."""
        log.error("slack.failed", exc_info=error)
