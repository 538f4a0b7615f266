"""One connection to a server: a question at a time, and its answer."""

import asyncio
from dataclasses import dataclass
from typing import cast

import httptools

from bot.wire.faults import CutError, LateError, NotHttpError, TooLargeError, WireError
from bot.wire.packing import unpacked
from bot.words import _

_LARGEST_HEAD = 16 * 1024
_FIRST_FINAL_STATUS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; the names of its headers are in small letters, of those said twice the last one counts."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def header(self, name: bytes) -> str | None:
        """What a header says."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


class Line(asyncio.Protocol):
    """The client's end. `largest`: the most bytes that a body may have.

    The methods called `on_…` are the parser's: it calls them while it reads what has come.
    """

    def __init__(self, largest: int) -> None:
        self.used_at = 0.0
        self._largest = largest
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        # Servers are read as aiohttp and browsers read them: old ones end lines with a newline alone, or pad sizes.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._silence = self._late = 0.0
        self._found: Answer | WireError | None = None
        self._stays = False
        self._listen()

    @property
    def is_free(self) -> bool:
        """Whether a question can be asked."""
        return self._waiting is None and self._transport is not None and not self._transport.is_closing()

    def ask(self, question: bytes, silence: float, late: float) -> asyncio.Future[Answer]:
        """Send a question; the future is its answer or a `WireError`.

        `silence`: the most seconds in which nothing may come; `late`: when it must be over, by the loop's clock.
        """
        if self._transport is None:
            raise CutError("hung up", begun=False)
        self._listen()
        self._waiting = self._loop.create_future()
        self._silence, self._late, self.used_at = silence, late, self._loop.time()
        self._watch = self._loop.call_at(min(late, self.used_at + silence), self._look)
        self._transport.write(question)
        return self._waiting

    def hang_up(self) -> None:
        """End the connection at once, and with it what is waited for."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where questions go."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """A body of no stated length ends here; everything else is cut."""
        self._transport = None
        if exc is None and self._in_body and self._until_closed:
            self.on_message_complete()
        cut = CutError(type(exc).__name__ if exc else "hung up", begun=self._received > 0)
        self._settle(cut if self._found is None else self._found)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._waiting is None:
            # Nobody has asked: whatever this is, it must not pass for the next answer.
            self.hang_up()
            return
        self.used_at = self._loop.time()
        self._received += len(data)
        found = self._read(data)
        if found is not None:
            self._settle(found)

    def on_message_begin(self) -> None:
        """Whatever comes behind the answer was not asked for."""
        if self._found is not None:
            self._stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; what may come behind the body is not one."""
        if not self._in_body:
            self._head_size += len(name) + len(value)
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Find out where the body ends."""
        if self._found is None:
            self._in_body = True
            self._stays = self._parser.should_keep_alive()
            chunked = b"chunked" in self._headers.get(b"transfer-encoding", b"").lower()
            self._until_closed = not chunked and b"content-length" not in self._headers

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body."""
        if self._found is None:
            self._size += len(piece)
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The answer is whole. 100 Continue and its like are none."""
        if self._found is None:
            status = self._parser.get_status_code()
            if status >= _FIRST_FINAL_STATUS:
                self._found = self._whole(status)
            else:
                self._await_head()

    def _listen(self) -> None:
        """Begin with nothing."""
        self._received = 0
        self._found = None
        self._stays = False
        self._await_head()

    def _await_head(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._head_size = self._size = 0
        self._in_body = self._until_closed = False

    def _read(self, data: bytes) -> Answer | WireError | None:
        """Let the parser read on; what is found, if anything is yet. A fault behind the whole answer is none."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._stays = False
            if self._found is None:
                return NotHttpError(_("no HTTP ({why})").format(why=type(error).__name__))
        if self._size > self._largest:
            return TooLargeError()
        if (self._head_size if self._in_body else self._received) > _LARGEST_HEAD:
            return NotHttpError(_("no HTTP (a head without end)"))
        return self._found

    def _whole(self, status: int) -> Answer | WireError:
        body, encoding = b"".join(self._pieces), self._headers.get(b"content-encoding")
        try:
            return Answer(status, self._headers, unpacked(body, encoding, self._largest) if encoding else body)
        except WireError as error:
            return error

    def _look(self) -> None:
        """Time may be over."""
        now = self._loop.time()
        due = min(self._late, self.used_at + self._silence)
        if now >= due:
            self._settle(LateError(_("no answer in time")))
        else:
            self._watch = self._loop.call_at(due, self._look)

    def _settle(self, found: Answer | WireError) -> None:
        """Hand over what was found to whoever waits."""
        waiting, self._waiting = self._waiting, None
        if self._watch:
            self._watch.cancel()
            self._watch = None
        if isinstance(found, WireError) or not self._stays:
            self.hang_up()
        if waiting is None or waiting.done():
            return
        if isinstance(found, WireError):
            waiting.set_exception(found)
        else:
            waiting.set_result(found)
