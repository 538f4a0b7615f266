"""Lists of payments to read, of any size and in any state, served by a process of their own."""

import asyncio
import random
import sys
from functools import lru_cache

from benchmarks.wire import Respond, answer, port_of, served

NEW = 5
ETAG = b'"as-it-was"'

_ENTRY = (
    '{"id":%d,"invoice_id":"2024-%06d","amount":"5320.50","status":"confirmed","paid_at":"2024-03-02 12:41:00",'
    '"invoice_number":"2024-%06d"}'
)


def path(size: int, state: str) -> str:
    """Where a list is: `same`, `appended` (five more at the end), `shuffled` (the same by chance, five more)."""
    return f"/{size}/{state}"


@lru_cache(maxsize=2)
def body(size: int, state: str) -> bytes:
    """The list as JSON."""
    numbers = list(range(1, size + 1 + (0 if state in {"same", "etag"} else NEW)))
    if state == "shuffled":
        random.Random(size).shuffle(numbers)  # noqa: S311 - no secret
    return b'{"data":[' + ",".join(_ENTRY % (each, each, each) for each in numbers).encode() + b"]}"


def handle(head: bytes, _body: bytes, respond: Respond) -> None:
    """Answer `GET /<size>/<state>/payments`."""
    _empty, size, state, _payments = head.split(b" ")[1].decode().split("/")
    if state == "etag" and ETAG in head:
        respond(b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % ETAG)
        return
    whole = answer(body(int(size), state))
    if state == "etag":
        whole = whole.replace(b"\r\n", b"\r\nETag: %b\r\n" % ETAG, 1)
    respond(whole)


async def serve() -> None:
    """Say the port, and serve until told to stop."""
    server = await served(handle)
    sys.stdout.write(f"{port_of(server)}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
