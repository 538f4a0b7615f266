"""What other programs write into JSON that msgspec can't read, and how that looks when it can't."""

import re

# msgspec's own errors are ValueErrors, and so is the UnicodeDecodeError of a text that is no UTF-8.
UNREADABLE = (ValueError, RecursionError)

_HEX = rb"[\da-fA-F]{2}"
_HALVES = re.compile(
    rb"\\\\|\\u[dD][89abAB]" + _HEX + rb"\\u[dD][c-fC-F]" + _HEX + rb"|(\\u[dD][89a-fA-F]" + _HEX + rb")",
)


def mended(body: bytes | bytearray) -> bytes | bytearray:
    r"""The body without halves of characters: programs that cut a name inside an emoji write "\ud83d"."""
    if rb"\ud" in body or rb"\uD" in body:
        return _HALVES.sub(_whole, body)
    return body


def _whole(found: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if found[1] else found[0]
