"""Reads a list of any length from pieces of its JSON, holding one window of it at a time.

A window ends behind an object, where what was read so far is whole JSON: an end inside a text or a nested object
can't pass for one, because the decoder would see it unfinished. The last window is read together with the list's
head, so that a body cut short, or a tail that is not JSON, never passes for a complete list.
"""

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from bot.billing.models import decoder

T = TypeVar("T")

WINDOW = 64 * 1024
_LARGEST_ENTRY = 8 * 1024 * 1024
_RETREATS = 16
_HEAD = re.compile(
    rb'\s*(?:\[|\{\s*(?:"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+)\s*,\s*)*"data"\s*:\s*\[)',
)


class NotAListError(Exception):
    """The body is no JSON list, or it was cut short."""


class _Enveloped(msgspec.Struct):
    data: list[msgspec.Raw]


class ListReader(Generic[T]):
    """Entries of one kind, from `{"data": […]}` or a bare list. `unreadable` counts those that were left out."""

    def __init__(self, kind: type[T]) -> None:
        self.unreadable = 0
        self._entry = decoder(kind)
        self._entries = decoder(list[kind])  # type: ignore[valid-type]  # a type made at run time
        self._head: bytes | None = None
        self._buffer = bytearray()
        self._enough = WINDOW
        self._between = False

    def feed(self, piece: bytes) -> list[T]:
        """Take the next piece of the body; return the entries that are complete with it."""
        self._buffer += piece
        if len(self._buffer) < self._enough:
            return []
        if len(self._buffer) > _LARGEST_ENTRY:
            raise NotAListError("an entry is too large")
        if self._head is None and not self._find_head():
            self._enough = 2 * len(self._buffer)
            return []
        self._skip_comma()
        return self._window()

    def finish(self) -> list[T]:
        """The body has ended: return the last entries; `NotAListError` if it isn't whole."""
        self._skip_comma()
        body = (self._head or b"") + bytes(self._buffer)
        try:
            return list(self._readable(_all_entries(body)))
        except msgspec.DecodeError as error:
            raise NotAListError(str(error)) from None

    def _find_head(self) -> bool:
        match = _HEAD.match(self._buffer)
        if match:
            self._head = match[0]
            del self._buffer[: match.end()]
        return bool(match)

    def _skip_comma(self) -> None:
        if self._between:
            rest = self._buffer.lstrip()
            self._between = not rest
            self._buffer = rest[1:] if rest.startswith(b",") else rest

    def _window(self) -> list[T]:
        end = len(self._buffer)
        for _retreat in range(_RETREATS):
            end = self._buffer.rfind(b"}", 0, end)
            if end < 0:
                break
            found = self._decoded(b"[" + self._buffer[: end + 1] + b"]")
            if found is not None:
                del self._buffer[: end + 1]
                self._between = True
                self._enough = WINDOW
                return found
        self._enough = 2 * len(self._buffer)
        return []

    def _decoded(self, window: bytes) -> list[T] | None:
        try:
            return self._entries.decode(window)
        except msgspec.ValidationError:
            pass
        except msgspec.DecodeError:
            return None
        try:
            return list(self._readable(msgspec.json.decode(window, type=list[msgspec.Raw])))
        except msgspec.DecodeError:
            return None

    def _readable(self, raws: list[msgspec.Raw]) -> Iterator[T]:
        for raw in raws:
            try:
                yield self._entry.decode(raw)
            except msgspec.DecodeError:
                self.unreadable += 1


def _all_entries(body: bytes) -> list[msgspec.Raw]:
    if body.lstrip().startswith(b"["):
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    return msgspec.json.decode(body, type=_Enveloped).data
