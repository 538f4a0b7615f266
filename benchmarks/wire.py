"""HTTP/1.1 on bare sockets, no more of it than is needed here: it must cost far less than what it measures."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import cast

Respond = Callable[[bytes], None]
Handle = Callable[[bytes, bytes, Respond], None]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_LATE_SECONDS = 30


def taken(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Take the first whole message (its head, its body) out of what has arrived; None while it isn't whole."""
    end = buffer.find(_END)
    if end < 0:
        return None
    head = bytes(buffer[:end])
    length = _LENGTH.search(head)
    start = end + len(_END)
    stop = start + (int(length[1]) if length else 0)
    if len(buffer) < stop:
        return None
    body = bytes(buffer[start:stop])
    del buffer[:stop]
    return head, body


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole answer in JSON."""
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def question(verb: bytes, path: bytes, host: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    """A whole request; each of `headers` ends its line."""
    sized = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body) if body else b""
    return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b\r\n%b" % (verb, path, host, headers, sized, body)


class Served(asyncio.Protocol):
    """The server's end of a connection: requests are handled one after the other, answered now or later."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where the answers go."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Handle what is whole."""
        self._buffer += data
        while asked := taken(self._buffer):
            self._handle(*asked, self._respond)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own signature
        """Who has gone needs no answer."""
        self._transport = None

    def _respond(self, whole: bytes) -> None:
        if self._transport:
            self._transport.write(whole)


class Line(asyncio.Protocol):
    """The client's end of a connection: one question at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    @property
    def alive(self) -> bool:
        """Whether the other end is still there."""
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where the questions go."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody will answer any more."""
        self._transport = None
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("cut"))

    def data_received(self, data: bytes) -> None:
        """Hand on the answer once it is whole."""
        self._buffer += data
        told = taken(self._buffer)
        if told and self._waiting and not self._waiting.done():
            head, body = told
            self._waiting.set_result((int(head[9:12]), body))

    def ask(self, whole: bytes) -> Awaitable[tuple[int, bytes]]:
        """The status and body that a request gets."""
        if self._transport is None:
            raise ConnectionResetError("cut")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(whole)
        return self._waiting

    def hang_up(self) -> None:
        """End the connection."""
        if self._transport:
            self._transport.close()


class Lines:
    """Connections to one server, kept and taken up again, the last used first."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._idle: list[Line] = []

    async def ask(self, whole: bytes) -> tuple[int, bytes]:
        """The status and body that a request gets, on a connection of its own meanwhile."""
        line = self._kept() or await self._new()
        told = await line.ask(whole)
        self._idle.append(line)
        return told

    def close(self) -> None:
        """End every connection."""
        for line in self._idle:
            line.hang_up()

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.alive:
                return line
        return None

    async def _new(self) -> Line:
        async with asyncio.timeout(_LATE_SECONDS):
            _transport, line = await asyncio.get_running_loop().create_connection(Line, *self._address)
        return line


async def served(handle: Handle) -> asyncio.Server:
    """A server on a free port of the loopback."""
    return await asyncio.get_running_loop().create_server(lambda: Served(handle), "127.0.0.1", 0)


def port_of(server: asyncio.Server) -> int:
    """Where it listens."""
    return int(server.sockets[0].getsockname()[1])
