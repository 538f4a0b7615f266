"""Takes what Slack sends to us over HTTP. An ASGI endpoint, to be mounted on the server that everybody shares."""

import time
from collections import OrderedDict

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PATH = "/slack/events"

_MOST_BYTES = 1 << 20
# A signature is good for five minutes, on either side of the clock: https://docs.slack.dev/authentication
_GOOD_SECONDS = 600


class Webhook:
    """Every request is signed, and bolt looks at that; one that was taken before is not taken again.

    While we start or stop nothing is taken: Slack shall send it again.
    """

    def __init__(self, app: AsyncApp) -> None:
        self._handler = AsyncSlackRequestHandler(app)
        self._seen: OrderedDict[str, float] = OrderedDict()
        self.is_open = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405)
        if not self.is_open:
            return Response(status_code=503)
        if not await _fits(request):
            return Response(status_code=413)
        signature = request.headers.get("x-slack-signature", "")
        if self._was_taken(signature):
            return Response(status_code=401)
        response = await self._handler.handle(request)
        if response.status_code < 400:  # noqa: PLR2004 - as HTTP counts
            self._seen[signature] = time.monotonic()
        return response

    def _was_taken(self, signature: str) -> bool:
        """Whether somebody sends again what Slack has sent: Slack itself signs anew each time."""
        old = time.monotonic() - _GOOD_SECONDS
        while self._seen and next(iter(self._seen.values())) < old:
            self._seen.popitem(last=False)
        return signature in self._seen


async def _fits(request: Request) -> bool:
    """Read the whole body, if it isn't too long; it is kept with the request."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > _MOST_BYTES:
            return False
    request._body = bytes(read)  # noqa: SLF001 - Starlette has no other way to give a body back
    return True
