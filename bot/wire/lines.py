"""The connections to one server: opened when needed, kept for a while, taken up again, the last used first."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection

from bot.wire.faults import CutError, NotConnectedError
from bot.wire.line import Answer, Line
from bot.words import _

_PORTS = {"http": 80, "https": 443}
# What browsers wait for an address before they try the next one beside it (RFC 8305).
_NEXT_ADDRESS_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much, how many. Times in seconds.

    `connect`: until there is a connection, its name and TLS included; `silence`: in which nothing comes; `whole`: from
    the question to the end of its answer, with everything before; `idle`: for which a connection is kept unused.
    """

    connect: float
    silence: float
    whole: float
    idle: float = 15
    connections: int = 100
    body: int = 8 * 1024 * 1024


class Lines:
    """Asks one server. For https its certificate is verified, by the system's authorities unless told otherwise."""

    def __init__(self, url: str, limits: Limits, trusted: ssl.SSLContext | None = None) -> None:
        address = urlsplit(url)
        self._host = address.hostname or ""
        self._port = address.port or _PORTS[address.scheme]
        self._secure = address.scheme == "https"
        self._trusted = trusted
        self._limits = limits
        self._places = asyncio.Semaphore(limits.connections)
        self._idle: list[Line] = []
        self._open: set[Line] = set()
        self._closed = False

    async def ask(self, question: bytes, *, again: bool = False, whole: float | None = None) -> Answer:
        """Ask, and wait for the whole answer; a `WireError` if there is none.

        `again`: asking twice does no harm. A kept connection may have been closed by the server a moment ago; then a
        new one is opened, once. `whole` stands in for the limit of that name.
        """
        if self._closed:
            raise NotConnectedError(_("not connected (closed)"))
        late = asyncio.get_running_loop().time() + (self._limits.whole if whole is None else whole)
        await self._take_place(late)
        try:
            kept = self._kept()
            if kept:
                try:
                    return await self._asked(kept, question, late)
                except CutError as error:
                    if error.begun or not again:
                        raise
            return await self._asked(await self._connected(late), question, late)
        finally:
            self._places.release()

    async def close(self) -> None:
        """End every connection, whatever is waited for."""
        self._closed = True
        for line in self._open:
            line.hang_up()
        self._idle.clear()
        self._open.clear()
        # They end with the loop's next round.
        await asyncio.sleep(0)

    async def _take_place(self, late: float) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout_at(late):
                await self._places.acquire()
        except TimeoutError:
            raise NotConnectedError(_("not connected in time")) from None

    async def _asked(self, line: Line, question: bytes, late: float) -> Answer:
        try:
            answer = await line.ask(question, self._limits.silence, late)
        except BaseException:
            # An answer to somebody who has gone must not pass for the next one's.
            self._drop(line)
            raise
        if line.is_free:
            self._idle.append(line)
        else:
            self._drop(line)
        return answer

    def _kept(self) -> Line | None:
        if not self._idle:
            return None
        oldest = asyncio.get_running_loop().time() - self._limits.idle
        while self._idle:
            line = self._idle.pop()
            if line.is_free and line.used_at > oldest:
                return line
            self._drop(line)
        return None

    def _drop(self, line: Line) -> None:
        line.hang_up()
        self._open.discard(line)

    async def _connected(self, late: float) -> Line:
        soon = min(late, asyncio.get_running_loop().time() + self._limits.connect)
        fault = _("not connected (closed)")
        try:
            async with asyncio.timeout_at(soon):
                line = await self._opened()
        except TimeoutError:
            fault = _("not connected in time")
        except (OSError, UnicodeError) as error:
            # A name that can't be encoded is a UnicodeError.
            fault = _("not connected ({why})").format(why=type(error).__name__)
        else:
            if not self._closed:
                self._open.add(line)
                return line
            line.hang_up()
        raise NotConnectedError(fault)

    async def _opened(self) -> Line:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        # asyncio's own way of trying addresses beside each other loses a socket when it is cancelled at the wrong time.
        connected = await start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS)
        context = self._context() if self._secure else None
        name = self._host if self._secure else None
        _transport, line = await loop.create_connection(
            lambda: Line(self._limits.body), sock=connected, ssl=context, server_hostname=name
        )
        return line

    def _context(self) -> ssl.SSLContext:
        return self._trusted or _system_context()


@cache
def _system_context() -> ssl.SSLContext:
    """Made once: reading all the authorities takes its time."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
