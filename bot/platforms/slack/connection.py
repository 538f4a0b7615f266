"""Socket Mode: Slack's events over a connection that we open."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.platforms.slack.api import Api
from bot.platforms.slack.listeners import quiet
from bot.platforms.slack.options import SlackOptions

# What is answered with what we find has its own time; everything else keeps its order.
_ASKED_BACK = ("block_suggestion", "view_submission")


class Connection:
    """One connection, made anew when it ends. What comes over it is taken in, in its order, by the bolt app."""

    def __init__(self, options: SlackOptions, api: Api, app: AsyncApp) -> None:
        self._options = options
        self._api = api
        self._app = app
        self._turn = asyncio.Lock()
        self._client: SocketModeClient | None = None

    async def open(self, url: str) -> None:
        """Connect there, and wherever Slack sends us later; however long that takes."""
        client = SocketModeClient(
            self._options.app_token, logger=quiet, web_client=self._api.client, ping_interval=self._options.ping
        )
        client.wss_uri = url
        client.aiohttp_client_session = _Tickets(client)  # type: ignore[assignment]
        client.socket_mode_request_listeners.append(self._heard)
        self._client = client
        await client.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Take nothing more."""
        if self._client:
            await self._client.close()  # type: ignore[no-untyped-call]

    @property
    def is_well(self) -> bool:
        """Whether we are connected."""
        session = self._client.current_session if self._client else None
        return session is not None and not session.closed

    async def _heard(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.payload.get("type") in _ASKED_BACK:
            return await self._pass_on(client, request)
        async with self._turn:
            return await self._pass_on(client, request)

    async def _pass_on(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        answer = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, answer, 0)


class _Tickets:
    """The client's session, which forgets an address that didn't let us in: each opens one connection, for a while.

    The client itself tries the same one for ever.
    """

    def __init__(self, client: SocketModeClient) -> None:
        self._client = client
        self._session = client.aiohttp_client_session
        self.close: Callable[[], Any] = self._session.close

    @property
    def closed(self) -> bool:
        """As the session's."""
        return self._session.closed

    async def ws_connect(self, url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:  # noqa: ANN401
        """Connect; after this the address is of no use any more."""
        self._client.wss_uri = None
        connected: aiohttp.ClientWebSocketResponse = await self._session.ws_connect(url, **options)
        return connected
