"""How records become JSON, plain as in the contract or with what an API might add one day."""

import json
from collections.abc import Generator, Iterable, Iterator
from itertools import islice

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.ledger import Record

BATCH = 100
PIECE_BYTES = 64 * 1024

# Made to trip readers that look for brackets and commas instead of parsing.
SURPRISES: Record = {
    "zz_note": 'a "},{" and a ] and \\"data\\":[ inside a string, țâră',
    "zz_nested": {"data": [{"id": "no", "tags": ["],", "},{", "]}"]}, [], {}], "deep": [[[{"end": "}]"}]]]},
    "zz_number": -1.5e-3,
    "zz_nothing": None,
}


def encode(value: object) -> bytes:
    """Write JSON as an API does: compact, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_response(value: object, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(encode(value), status, media_type="application/json")


def dressed(record: Record, *, extra_fields: bool) -> Record:
    """Give a record with the unannounced fields, if there are to be any."""
    return {"zz_first": ["}"], **record, **SURPRISES} if extra_fields else record


class ListResponse(StreamingResponse):
    """A list on its way out, as long as it is, in constant memory."""

    def __init__(self, records: Generator[Record], headers: dict[str, str], *, extra_fields: bool) -> None:
        pieces = list_in_pieces(records, extra_fields=extra_fields)
        super().__init__(pieces, headers=headers, media_type="application/json")
        self._records = records

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and let go of the books also when the client leaves half-way."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._records.close()


def list_in_pieces(records: Iterable[Record], *, extra_fields: bool) -> Iterator[bytes]:
    """Write `{"data": […]}` piece by piece, never holding the whole of a long one."""
    piece, tail = envelope(extra_fields=extra_fields)
    comma = b""
    for batch in in_batches(dressed(record, extra_fields=extra_fields) for record in records):
        piece += comma + encode(batch)[1:-1]
        comma = b","
        if len(piece) >= PIECE_BYTES:
            yield piece
            piece = b""
    yield piece + tail


def envelope(*, extra_fields: bool) -> tuple[bytes, bytes]:
    """Give what stands before and after the records of a list."""
    if not extra_fields:
        return b'{"data":[', b"]}"
    surprises = encode(SURPRISES)[1:-1]
    # The same names may not stand twice in one object.
    return b"{" + surprises + b',"data":[', b"]," + surprises.replace(b"zz_", b"zzz_") + b"}"


def in_batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Gather records by the hundred, which is faster to write than one by one."""
    source = iter(records)
    while batch := list(islice(source, BATCH)):
        yield batch
