"""What the page says: read, checked, or refused in plain words."""

from typing import Annotated, Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.words import _

MOST_BYTES = 64 * 1024
MOST_CHARACTERS = 4096


class Said(msgspec.Struct, frozen=True):
    """One text or press. `key` is the page's own name for it: said twice, it counts once."""

    person: str
    chat: Literal["private", "team"]
    text: str
    card: str | None = None
    key: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Heard:
    """The last things said, by the page's own keys: a text sent again after a lost answer counts once."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._keys: dict[tuple[str, str], None] = {}

    def first(self, said: Said) -> bool:
        """Whether this is new."""
        known = (said.person, said.key)
        if said.key and known in self._keys:
            return False
        self._keys[known] = None
        if len(self._keys) > self._most:
            del self._keys[next(iter(self._keys))]
        return True


async def read_said(request: Request) -> Said:
    """What was sent, or an `HTTPException` (400, 413, 415) whose words can be shown."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, _("Please send JSON."))
    return _checked(_decoded(await _body(request)))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, _("This is too much at once."))
    return bytes(body)


def _decoded(body: bytes) -> Said:
    try:
        return msgspec.json.decode(body, type=Said)
    except (ValueError, RecursionError) as error:
        reason = str(error).encode(errors="replace").decode()
        raise HTTPException(400, _("This can't be read: {reason}").format(reason=reason)) from error


def _checked(said: Said) -> Said:
    if not said.text.strip():
        raise HTTPException(400, _("There is nothing in this message."))
    if len(said.text) > MOST_CHARACTERS:
        raise HTTPException(
            400,
            _("This message has {count} characters; {most} is the most.").format(
                count=len(said.text), most=MOST_CHARACTERS
            ),
        )
    return said
