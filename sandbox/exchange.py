"""One request and its answer, at the level where an answer can be held back, bent or cut."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024

# SO_LINGER on, for no seconds: closing throws away what is unsent and resets the connection (socket(7)).
LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass
class Answer:
    """What the API would have said, kept instead of sent."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def hear(self, message: Message) -> None:
        """Take in one ASGI message of the API's."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


@dataclass(frozen=True)
class Exchange:
    """One request, fully read, and the ways to deal with it."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    closing: asyncio.Event
    """Set when the sandbox closes, so that nobody waits any longer."""

    async def perform(self) -> Answer:
        """Have the API do what was asked, telling nobody yet."""
        answer = Answer()
        await self.app(self.scope, self.receive, answer.hear)
        return answer

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head of an answer."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, body: bytes | bytearray, *, more: bool = False) -> None:
        """Send a piece of an answer's body, the last one unless there is more."""
        await self.send({"type": "http.response.body", "body": bytes(body), "more_body": more})

    async def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer of our own, declared as JSON whatever it is."""
        head = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
        await self.start(status, [(name.encode(), value.encode()) for name, value in head.items()])
        await self.write(body)

    async def pause(self, seconds: float) -> bool:
        """Wait; tell whether the time has passed rather than the sandbox closed."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def hold(self, seconds: float) -> None:
        """Say nothing until the client leaves or the time has passed, then hang up."""
        try:
            await asyncio.wait_for(self.until_gone(), seconds)
        except TimeoutError:
            await self.drop()

    async def drop(self, *, reset: bool = False) -> None:
        """Close the connection, without an answer."""
        transport = self._transport()
        if reset:
            connection = cast("socket.socket", transport.get_extra_info("socket"))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        transport.abort()
        await self.until_gone()

    async def cut(self) -> None:
        """Close the connection once what is written has left."""
        self._transport().close()
        await self.until_gone()

    async def until_gone(self) -> None:
        """Wait until the connection is no more; the server is told off for a missing answer before that."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def _transport(self) -> asyncio.Transport:
        protocol = self.scope.get("state", {}).get("protocol")
        if protocol is None:
            raise ConnectionResetError("The sandbox drops the connection (no real one: not under SandboxServer).")
        return cast("asyncio.Transport", protocol.transport)


async def read_request(receive: Receive) -> bytes | None:
    """Read a request's whole body, or a little more than is allowed of it; None if the client left meanwhile."""
    body = b""
    more = True
    while more and len(body) <= LARGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read already once more, then what comes after it."""
    unread = [body]

    async def again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return again
