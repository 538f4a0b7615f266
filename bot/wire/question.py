"""What is sent: a question as bytes."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9-]+")
_VALUE = re.compile(r"[ -~]*")
_TARGET = re.compile(r"/[!-~]*")


def head(headers: Mapping[str, str]) -> bytes:
    """The lines of these headers, made once for many questions."""
    for name, value in headers.items():
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"the header {name} can't be sent")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def question(verb: str, target: str, headers: bytes, body: bytes | None = None) -> bytes:
    """One question for `target`: a path, with everything in it escaped that could be taken for more than a path."""
    if not _TARGET.fullmatch(target):
        raise ValueError("the path can't be sent")
    sized = b"" if body is None else b"content-length: %d\r\n" % len(body)
    return b"%b HTTP/1.1\r\n%b%b\r\n%b" % (f"{verb} {target}".encode("ascii"), headers, sized, body or b"")
