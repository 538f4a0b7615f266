"""A server that does to a connection whatever a test wants, and writes down every request as it came."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

KEY = "k3y-that-opens-everything"


class Peer:
    """One connection to the server; `number` counts them from 1."""

    def __init__(self, wire: "Wire", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.wire = wire
        self._reader = reader
        self._writer = writer
        self.number = wire.connections

    async def hear(self) -> bytes:
        """The next request, head and body; empty when there is none any more."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        request = head + await self._reader.readexactly(length)
        self.wire.heard.append(request)
        return request

    async def say(self, *pieces: bytes, pause: float = 0) -> None:
        """Send pieces of an answer."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(pause)

    async def gone(self) -> None:
        """Wait until the other side hangs up."""
        while await self._reader.read(65536):
            pass
        self.wire.hung_up += 1

    def reset(self) -> None:
        """Hang up without a goodbye."""
        # To linger for no time is to reset: else the other side would see an orderly end.
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class Wire:
    """Where the server is, and what it has heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self.hung_up = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for, as it stood on the wire."""
        return [request.split(b" ")[1].decode() for request in self.heard]


@asynccontextmanager
async def wired(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """A server that follows a script with every connection, then hangs up."""
    wire = Wire()
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talks.add(task)
        wire.connections += 1
        try:
            await script(Peer(wire, reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def answer(body: object, status: int = 200, *headers: str) -> bytes:
    """A whole answer; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(content)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + content


def always(*pieces: bytes, pause: float = 0) -> Script:
    """Give the same answer to everything, for as long as somebody asks."""

    async def script(peer: Peer) -> None:
        while await peer.hear():
            await peer.say(*pieces, pause=pause)

    return script


def once(*pieces: bytes) -> Script:
    """Give one answer and hang up."""

    async def script(peer: Peer) -> None:
        if await peer.hear():
            await peer.say(*pieces)

    return script


async def silent(peer: Peer) -> None:
    """Hear, and never answer."""
    await peer.hear()
    await peer.gone()


async def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether something happens in this time."""
    for _ in range(int(seconds * 100)):
        if happened():
            return True
        await asyncio.sleep(0.01)
    return happened()
