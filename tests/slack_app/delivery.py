"""How Slack's events reach an app: over a websocket that the app opens, or signed, over HTTP."""

import asyncio
import io
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

Fields = dict[str, Any]

_TRIES = 4


class Deliveries:
    """Delivers what happens, and again where it isn't acknowledged. `hook`: where to, if not over a websocket."""

    def __init__(self, app_token: str, secret: str) -> None:
        self.root = ""
        self.hook = ""
        self.patience = 3.0
        self.acknowledged: list[tuple[str, Any]] = []
        self.statuses: list[int] = []
        self.opened = 0
        # How many addresses won't connect.
        self.spoilt = 0
        self.news = asyncio.Event()
        self._app_token = app_token
        self._signer = SignatureVerifier(secret)
        self._sockets: list[web.WebSocketResponse] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._turn = 0
        self._signed_at = 0

    def ticket(self) -> str:
        """An address that opens one connection."""
        name = f"ticket-{next(self._numbers)}"
        self._tickets.add(name)
        return f"{self.root}/link?ticket={name}"

    async def connected(self, request: web.Request) -> web.StreamResponse:
        """An app has opened a websocket."""
        if request.query["ticket"] not in self._tickets or self._is_spoilt():
            return web.Response(status=404)
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0"}})
        self._sockets.append(socket)
        self.opened += 1
        self.news.set()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)
        return socket

    async def push(self, kind: str, payload: Fields, tries: int = _TRIES) -> Any:  # noqa: ANN401
        """Something happens: deliver it until it is acknowledged; what it was acknowledged with."""
        for number in range(tries):
            told = await (self._call(kind, payload, number) if self.hook else self._send(kind, payload, number))
            if told is not None:
                self.acknowledged.append((kind, told))
                return told
        raise AssertionError(f"{kind} was never acknowledged")

    async def ask_to_leave(self) -> None:
        """Have the app open another connection: this one is closed soon."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def cut(self) -> None:
        """Every connection is lost."""
        for socket in list(self._sockets):
            await socket.close()

    async def until_connected(self, times: int) -> None:
        """Wait until an app has connected so many times in all."""
        async with asyncio.timeout(10):
            while self.opened < times or not self._sockets:
                self.news.clear()
                await self.news.wait()

    async def close(self) -> None:
        """End it all."""
        await self.cut()

    def signed(self, body: str, timestamp: str) -> dict[str, str]:
        """What a request of Slack's carries."""
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}

    def _is_spoilt(self) -> bool:
        self.spoilt, was = max(0, self.spoilt - 1), self.spoilt
        return was > 0

    def _acknowledge(self, told: Fields) -> None:
        waiting = self._waiting.get(told.get("envelope_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(told.get("payload") or {})

    async def _send(self, kind: str, payload: Fields, number: int) -> Any:  # noqa: ANN401
        if not self._sockets:
            await self.until_connected(0)
        envelope = f"envelope-{next(self._numbers)}"
        waiting = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        # Each goes to one of the connections.
        self._turn += 1
        again = {"retry_attempt": number, "retry_reason": "timeout"} if number else {}
        told = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True, **again}
        await self._sockets[self._turn % len(self._sockets)].send_json(told)
        try:
            return await asyncio.wait_for(waiting, self.patience)
        except TimeoutError:
            return None

    async def _call(self, kind: str, payload: Fields, number: int) -> Any:  # noqa: ANN401
        body, headers = _written(kind, payload)
        again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
        # Two requests of one second could have one signature.
        self._signed_at = max(self._signed_at + 1, int(time.time()))
        timestamp = str(self._signed_at)
        status, answer = await self.post(body, {**headers, **again, **self.signed(body, timestamp)})
        return answer if status == 200 else None

    async def post(self, body: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Send a request as it is; its status and answer."""
        timeout = aiohttp.ClientTimeout(total=self.patience)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                async with session.post(self.hook, data=io.BytesIO(body.encode()), headers=headers) as response:
                    text = await response.text()
                    self.statuses.append(response.status)
            except (aiohttp.ClientConnectionError, TimeoutError):
                await asyncio.sleep(0.05)
                return 0, None
        return response.status, json.loads(text) if text.startswith("{") else text


def _written(kind: str, payload: Fields) -> tuple[str, dict[str, str]]:
    """The body of a request: JSON for events, a form for the rest."""
    if kind == "events_api":
        return json.dumps(payload), {"Content-Type": "application/json"}
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
