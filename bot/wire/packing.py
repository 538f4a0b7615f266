"""Bodies that a server has packed though nobody asked it to."""

import zlib

from bot.wire.faults import NotHttpError, TooLargeError
from bot.words import _

_PACKED = {b"gzip", b"x-gzip", b"deflate"}
# zlib finds out for itself whether it is gzip.
_EITHER = 32 + zlib.MAX_WBITS


def unpacked(body: bytes, encoding: bytes, largest: int) -> bytes:
    """The body itself; no more than `largest` bytes are ever unpacked, whatever a few of them claim to hold."""
    if encoding.strip().lower() not in _PACKED:
        return body
    unpacking = zlib.decompressobj(_EITHER)
    try:
        found = unpacking.decompress(body, largest + 1)
    except zlib.error:
        raise NotHttpError(_("packed wrongly")) from None
    if len(found) > largest:
        raise TooLargeError
    if not unpacking.eof:
        raise NotHttpError(_("packed wrongly"))
    return found
