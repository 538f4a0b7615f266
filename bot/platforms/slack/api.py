"""Slack's Web API, over Slack's own client: what it refuses and what cuts it off, told apart."""

import random
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator
from slack_sdk.http_retry.jitter import Jitter
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platforms.slack.faults import SlackAwayError, SlackNoError
from bot.platforms.slack.options import SlackOptions
from bot.reply import File

Fields = dict[str, Any]

# How often Slack's "later" is obeyed, and how often a cut or a 5xx is tried again.
_OBEYED = 20
_TRIES = 3
_CUT: list[type[Exception]] = [aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError]


class _Jitter(Jitter):
    """Up to a tenth more, so that not everybody comes again at once."""

    def recalculate(self, duration: float) -> float:
        """How long to wait instead."""
        return duration * random.uniform(1, 1.1)  # noqa: S311 - no secret


class _ServerFaults(AsyncServerErrorRetryHandler):
    """Every 5xx passes, a gateway's too."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - its interface
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        return response is not None and response.status_code >= 500  # noqa: PLR2004 - as HTTP counts


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in this workspace, and what we may do there."""

    user: str
    bot: str
    name: str
    team: str
    team_name: str
    scopes: frozenset[str]


class Api:
    """Calls methods; open while its block lasts. A fault on the way is tried again, a 429 waited for."""

    def __init__(self, options: SlackOptions) -> None:
        self._options = options
        self._session: aiohttp.ClientSession | None = None
        self.client = AsyncWebClient(token=options.token, base_url=options.url, retry_handlers=_patient(options.retry))

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=self._options.request, sock_connect=min(self._options.request, 5))
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout)
        self.client.session = self._session
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session:
            await self._session.close()

    async def call(self, method: str, **fields: Any) -> Fields:  # noqa: ANN401 - JSON, as Slack documents it
        """Call a method that takes JSON."""
        return (await self._answered(method, self.client.api_call(method, json=fields))).data  # type: ignore[return-value]

    async def ask(self, method: str, **fields: str) -> Fields:
        """Call a method that only looks something up: those take no JSON."""
        return (await self._answered(method, self.client.api_call(method, params=fields))).data  # type: ignore[return-value]

    async def identify(self) -> Identity:
        """Ask who we are."""
        told = await self._answered("auth.test", self.client.auth_test())
        scopes = {name.lower(): value for name, value in told.headers.items()}.get("x-oauth-scopes", "")
        found: Fields = told.data  # type: ignore[assignment]
        return Identity(
            user=found["user_id"],
            bot=found.get("bot_id", ""),
            name=found.get("user", ""),
            team=found.get("team_id", ""),
            team_name=found.get("team", ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    async def connect(self, app_token: str) -> Fields:
        """Ask where a connection may be opened, once."""
        opening = self.client.apps_connections_open(app_token=app_token)
        return (await self._answered("apps.connections.open", opening)).data  # type: ignore[return-value]

    async def upload(self, channel: str, file: File, thread: str | None) -> None:
        """Show a file in a channel."""
        uploading = self.client.files_upload_v2(
            filename=file.name, title=file.name, content=file.content, channel=channel, thread_ts=thread
        )
        await self._answered("files.upload", uploading)

    async def respond(self, url: str, fields: Fields) -> None:
        """Answer at a `response_url`: five times within half an hour, also where we are no member."""
        answering = AsyncWebhookClient(
            url, session=self._session, retry_handlers=_patient(self._options.retry)
        ).send_dict(fields)
        try:
            told = await answering
        except (aiohttp.ClientError, OSError) as error:
            raise SlackAwayError(type(error).__name__) from None
        if told.status_code != 200:  # noqa: PLR2004 - as HTTP counts
            raise SlackNoError("response_url", f"http_{told.status_code}")

    async def _answered(self, method: str, asking: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        """The answer; the library's errors hold what was sent and received, ours don't."""
        try:
            return await asking
        except SlackApiError as error:
            code = error.response.get("error") if error.response else None
            status = getattr(error.response, "status_code", "")
            raise SlackNoError(method, str(code or f"http_{status}")) from None
        except SlackRequestError:
            raise SlackNoError(method, "not_uploaded") from None
        except (aiohttp.ClientError, OSError) as error:
            raise SlackAwayError(f"{method}: {type(error).__name__}") from None


def _patient(pause: float) -> list[AsyncRetryHandler]:
    """What is tried again: `pause` is the first one, in seconds, and each is twice as long as the one before."""
    pauses = BackoffRetryIntervalCalculator(pause, _Jitter())
    return [
        AsyncRateLimitErrorRetryHandler(max_retry_count=_OBEYED),
        AsyncConnectionErrorRetryHandler(max_retry_count=_TRIES, interval_calculator=pauses, error_types=_CUT),
        _ServerFaults(max_retry_count=_TRIES, interval_calculator=pauses),
    ]
