"""A Bot API server that we did not write (`lo-bot-api-emulator`), behind a proxy that fills its known gaps."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]

from tests.telegram.screen import Fields, Screen, each_button
from tests.telegram.strict import No, Reset, check_keyboard, check_text

TOKEN = "7:emulated-token-BBBB"

# It serves a narrower API than Telegram: these it doesn't know, and refuses.
_UNKNOWN = ("link_preview_options", "message_thread_id", "button")


class EmulatedTelegram:
    """The emulator. What was sent is judged by Telegram's own parser and kept on a screen on its way."""

    token = TOKEN

    def __init__(self) -> None:
        self.screen = Screen()
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.emulator = LoBotApiEmulator(allow_insecure_loopback_webhooks=True)
        self.url = ""
        self._behind = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["EmulatedTelegram"]:
        """Serve, the proxy in front of the emulator."""
        front = web.Application(client_max_size=64 << 20)
        front.router.add_post("/bot{token}/{method}", self._pass_on)
        async with _serving(self.emulator.app()) as self._behind, _serving(front) as self.url:
            self._session = aiohttp.ClientSession()
            async with self._session:
                yield self

    async def push(self, update: Fields) -> None:
        """Something happens."""
        await self.emulator.enqueue_update(update, token=self.token)

    async def _pass_on(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields = await request.json()
        fault = self.faults[method].pop(0) if self.faults[method] else None
        try:
            if fault and not (isinstance(fault, Reset) and fault.after):
                raise fault
            self._judge(method, fields)
            status, body = await self._ask(request.match_info["token"], method, fields)
            if body["ok"]:
                self.screen.note(method, fields, body["result"])
            if fault:
                raise fault
        except No as no:
            return web.json_response(no.body, status=no.status)
        except Reset:
            assert request.transport
            request.transport.abort()
            raise web.HTTPBadGateway from None
        return web.json_response(body, status=status)

    async def _ask(self, token: str, method: str, fields: Fields) -> tuple[int, Fields]:
        known = {name: value for name, value in fields.items() if name not in _UNKNOWN}
        text = json.dumps(known)
        for style in ('"primary"', '"danger"'):
            text = text.replace(f', "style": {style}', "")
        url = f"{self._behind}/bot{token}/{method}"
        headers = {"Content-Type": "application/json"}
        async with self._session.post(url, data=text, headers=headers) as answer:
            body: Fields = await answer.json()
        if method == "getMe":
            body["result"]["username"] = "casier_bot"
        return answer.status, body

    def _judge(self, method: str, fields: Fields) -> Any:  # noqa: ANN401
        if method in ("sendMessage", "editMessageText"):
            check_text(fields)
            check_keyboard(fields)
            assert all(len(button["text"]) <= 64 for button in each_button(fields))


@asynccontextmanager
async def _serving(app: web.Application) -> AsyncIterator[str]:
    # A client that hangs up ends its request, also behind the proxy.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await asyncio.sleep(0)
        await runner.cleanup()
