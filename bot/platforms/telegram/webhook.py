"""Takes the updates that Telegram sends to us. An ASGI endpoint, to be mounted on the server that everybody shares."""

import asyncio
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import msgspec

from bot.settings import SettingsError
from bot.words import _

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Take = Callable[[Any], Awaitable[asyncio.Event | None]]

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER = b"x-telegram-bot-api-secret-token"
_MOST_BYTES = 1 << 20
_MOST_KNOWN = 2048
_BEGIN_SECONDS = 3.0


class NotReadyError(Exception):
    """We are starting or stopping: Telegram shall send it again."""


class Webhook:
    """`take` returns once an update is ours; where it gives an event, it is safely ours when that comes.

    Only then is it acknowledged, or after a few seconds: Telegram holds back what is said in that chat meanwhile.
    """

    def __init__(self, secret: str, take: Take, patience: float, begin_seconds: float = _BEGIN_SECONDS) -> None:
        if not _SECRET.fullmatch(secret):
            raise SettingsError(
                _(
                    "TELEGRAM_WEBHOOK_SECRET is missing or wrong: a webhook needs 1 to 256 of A-Z a-z 0-9 _ -, "
                    "e.g. from: python -c 'import secrets; print(secrets.token_urlsafe())'"
                )
            )
        self._secret = secret.encode()
        self._take = take
        self._patience = patience
        self._begin_seconds = begin_seconds
        self._known: OrderedDict[int, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one delivery."""
        status = await self._status(scope, receive)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        told = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        if not hmac.compare_digest(told, self._secret):
            return 403
        body = await _body(receive)
        return 413 if body is None else await self._taken(body)

    async def _taken(self, body: bytes) -> int:
        try:
            update = msgspec.json.decode(body)
            number = int(update["update_id"])
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            return 400
        # Sent again because our word got lost; money doesn't rely on this.
        if number in self._known:
            return 200
        try:
            async with asyncio.timeout(self._patience):
                begun = await self._take(update)
        except (TimeoutError, NotReadyError):
            return 503
        self._known[number] = None
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        if begun:
            with suppress(TimeoutError):
                await asyncio.wait_for(begun.wait(), self._begin_seconds)
        return 200


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where it is too long, or its sender has gone."""
    read = bytearray()
    while True:
        part = await receive()
        if part["type"] != "http.request":
            return None
        read += part.get("body", b"")
        if len(read) > _MOST_BYTES:
            return None
        if not part.get("more_body"):
            return bytes(read)
