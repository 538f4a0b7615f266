"""The bolt app: what Slack tells of, each kind with who takes it. Acknowledged before anything is done."""

import logging
import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.platforms.slack.api import Identity
from bot.platforms.slack.options import SlackOptions
from bot.platforms.slack.reception import Reception

log = structlog.get_logger(__name__)

_ANY = re.compile(".*")
# Slack's libraries warn with whole requests, and with what people have typed: what there is to say, we say.
quiet = logging.getLogger("slack_bolt.casier")
quiet.setLevel(logging.CRITICAL)


def bolt_app(options: SlackOptions, reception: Reception, us: "Known") -> AsyncApp:
    """An app that passes on to the reception. Every listener is done at once, so each may be run before the answer."""
    app = AsyncApp(
        name="casier",
        logger=quiet,
        signing_secret=options.signing_secret,
        authorize=us,
        process_before_response=True,
    )
    Listeners(reception).join(app)
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


class Listeners:
    """Takes what bolt has verified and sorted."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def join(self, app: AsyncApp) -> None:
        """Listen to what we know of; everything else is acknowledged, and nobody's."""
        app.command(_ANY)(self._commanded)
        app.event("app_mention")(self._said)
        app.event("message")(self._said)
        app.action(_ANY)(self._pressed)
        app.event(_ANY)(self._ignored)
        app.error(self._failed)

    async def _commanded(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        if self._reception.inbound:
            self._reception.take(self._reception.inbound.commanded(body))

    async def _said(self, body: dict[str, Any]) -> None:
        if self._reception.inbound and self._reception.is_new(str(body.get("event_id") or "")):
            self._reception.take(self._reception.inbound.said(body["event"]))

    async def _pressed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        if self._reception.inbound:
            self._reception.take(self._reception.inbound.pressed(body))

    async def _ignored(self) -> None:
        """Nothing that concerns us."""

    async def _failed(self, error: Exception) -> None:
        """A bug of ours: logged without what was said."""
        log.error("slack.failed", exc_info=error)
