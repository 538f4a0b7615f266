"""Lists of payments to read, of any size and in any state, served by a process of their own."""

import asyncio
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from benchmarks.wire import port_of

NEW = 5
ETAG = b'"as-it-was"'
_PIECE = 1 << 20

_ENTRY = (
    '{"id":%d,"invoice_id":"2024-%06d","amount":"5320.50","status":"confirmed","paid_at":"2024-03-02 12:41:00",'
    '"invoice_number":"2024-%06d"}'
)


def path(size: int, state: str) -> str:
    """Where a list is: `same`, `appended` (five more at the end), `shuffled` (the same by chance, five more).

    `growing`: five more at the end each time that it is asked for.
    """
    return f"/{size}/{state}"


class Growing:
    """Lists that are longer by five payments each time that they are asked for, from when they are got ready."""

    def __init__(self) -> None:
        self._lists: dict[int, tuple[bytearray, int]] = {}

    def begin(self, size: int) -> None:
        """As long as it was at first."""
        self._lists = {size: (bytearray(body(size, "same")), size)}

    def next(self, size: int) -> bytearray:
        """Five more."""
        written, count = self._lists[size]
        more = "".join("," + _ENTRY % (each, each, each) for each in range(count + 1, count + 1 + NEW))
        written[-2:] = more.encode() + b"]}"
        self._lists[size] = (written, count + NEW)
        return written


growing = Growing()


@lru_cache(maxsize=3)
def body(size: int, state: str) -> bytes:
    """The list as JSON."""
    numbers = list(range(1, size + 1 + (0 if state in {"same", "etag"} else NEW)))
    if state == "shuffled":
        random.Random(size).shuffle(numbers)  # noqa: S311 - no secret
    return b'{"data":[' + ",".join(_ENTRY % (each, each, each) for each in numbers).encode() + b"]}"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer `GET /<size>/<state>/payments`, or `/ready` once the list is made.

    As fast as it is read: a list that is given to the socket at once would be copied again and again.
    """
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            for piece in _answer(head):
                writer.write(piece)
                await writer.drain()
    writer.close()


def _answer(head: bytes) -> Iterator[bytes | memoryview]:
    _empty, size, state, wanted = head.split(b" ")[1].decode().split("/")
    if wanted == "ready":
        growing.begin(int(size)) if state == "growing" else body(int(size), state)
        yield b"HTTP/1.1 204 No Content\r\n\r\n"
        return
    tag = b"ETag: %b\r\n" % ETAG if state == "etag" else b""
    if tag and ETAG in head:
        yield b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % tag
        return
    whole = memoryview(bytes(growing.next(int(size))) if state == "growing" else body(int(size), state))
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n" % (tag, len(whole))
    for start in range(0, len(whole), _PIECE):
        yield whole[start : start + _PIECE]


async def main() -> None:
    """Say the port, and serve until told to stop."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sys.stdout.write(f"{port_of(server)}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
