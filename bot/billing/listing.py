"""Reads a list of any length from pieces of its JSON, holding one window of it at a time.

A window ends behind an object, where what was read so far is whole JSON: an end inside a text or a nested object
can't pass for one, because the decoder would see it unfinished. What is left at the end is read together with the
list's head, so that a body cut short, or a tail that is not JSON, never passes for a complete list.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

import msgspec

from bot.billing.mending import UNREADABLE, mended
from bot.billing.models import decoder
from bot.words import _

T = TypeVar("T")

WINDOW = 64 * 1024
_LARGEST_ENTRY = 8 * 1024 * 1024
_RETREATS = 16
_SPACE = b" \t\n\r"
# A text or a mark, with anything that is neither before it.
_TOKEN = re.compile(rb'[^"{}\[\]:,]*+("(?:[^"\\]|\\.)*+"|[{}\[\]:,])', re.DOTALL)
_CLOSED = {b"{": b"]}", b"[": b"]"}


class NotAListError(Exception):
    """The body is no JSON list, or it was cut short."""


class _Enveloped(msgspec.Struct):
    data: list[msgspec.Raw]


class Passed(NamedTuple):
    """A part of a list that ends behind an entry: its length in bytes, and the entries in it."""

    length: int
    readable: int
    unreadable: int


class ListReader(Generic[T]):
    """Entries of one kind, from `{"data": […]}` or a bare list; those that can't be read are left out and counted.

    `passed` is what lies between the list's head and the end of the last window, which is behind an entry.
    """

    def __init__(self, kind: type[T], window: int = WINDOW) -> None:
        self.readable = self.unreadable = 0
        self.passed = Passed(0, 0, 0)
        # The entries that were told last, as JSON.
        self.window: bytes | bytearray = b"[]"
        self._ahead = 0
        self._entry = decoder(kind)
        self._entries = decoder(list[kind])  # type: ignore[valid-type]  # a type made at run time
        self._window_size = self._enough = window
        self._buffer = bytearray()
        self._head = b""
        # Stands for all the entries that were given away, when what is left is read as one list: nothing, 0 or 0 and
        # a comma.
        self._given = b""

    def feed(self, piece: bytes) -> list[T]:
        """Take the next piece of the body; return the entries that are complete with it."""
        return self._window() if self._gathered(piece) and self._at_an_entry() else []

    def pass_head(self, piece: bytes) -> bytes | None:
        """Take the next piece of the list's head; once that is whole, what follows it, which is still to be fed."""
        if not self._buffer:
            self._enough = 0
        if not self._gathered(piece) or not self._head_passed():
            return None
        rest, self._buffer = bytes(self._buffer), bytearray()
        self._enough = self._window_size
        return rest

    def skip(self, known: "Passed") -> None:
        """What comes next, and ends behind an entry, is known already and not fed."""
        self.readable += known.readable
        self.unreadable += known.unreadable
        self._pass(known.length)

    def last(self) -> list[T]:
        """The body has ended: the entries that can be told before the rest is looked at."""
        return self._window() if self._at_an_entry() else []

    def finish(self) -> list[T]:
        """The body has ended: return the last entries; `NotAListError` if it isn't whole."""
        try:
            raws = _all_entries(mended(self._head + self._given + self._buffer))
        except UNREADABLE as error:
            raise NotAListError(str(error)) from None
        given = len(self._given[:1])
        if b"".join(map(bytes, raws[:given])) != self._given[:1]:
            raise NotAListError(_("two lists in one"))
        self.window = b"[" + b",".join(map(bytes, raws[given:])) + b"]"
        return self._counted(raws[given:])

    def _pass(self, length: int) -> None:
        self.passed = Passed(self.passed.length + length, self.readable, self.unreadable)
        self._given = b"0"

    def _gathered(self, piece: bytes) -> bool:
        """Whether there is enough by now to look at it again."""
        self._buffer += piece
        if len(self._buffer) < self._enough:
            return False
        if len(self._buffer) > _LARGEST_ENTRY:
            raise NotAListError(_("an entry is too large"))
        self._enough = min(2 * len(self._buffer), _LARGEST_ENTRY + 1)
        return True

    def _head_passed(self) -> bool:
        if not self._head:
            end = _head_end(self._buffer)
            self._head = bytes(self._buffer[:end])
            del self._buffer[:end]
        return bool(self._head)

    def _at_an_entry(self) -> bool:
        """Go past the head or the comma. False: there is none yet, or the list is over."""
        if not self._head_passed():
            return False
        if self._given == b"0":
            rest = self._buffer.lstrip(_SPACE)
            if rest.startswith(b","):
                self._ahead = len(self._buffer) - len(rest) + 1
                self._given, self._buffer = b"0,", rest[1:]
        return self._given != b"0"

    def _window(self) -> list[T]:
        end = len(self._buffer)
        for _retreat in range(_RETREATS):
            end = self._buffer.rfind(b"}", 0, end)
            if end < 0:
                break
            window = mended(b"[" + self._buffer[: end + 1] + b"]")
            found = self._decoded(window)
            if found is not None:
                self.window = window
                del self._buffer[: end + 1]
                self._pass(self._ahead + end + 1)
                self._ahead = 0
                self._enough = self._window_size
                return found
        return []

    def _decoded(self, window: bytes | bytearray) -> list[T] | None:
        """The readable entries of a window; None where it doesn't end behind an entry."""
        try:
            found = self._entries.decode(window)
        except UNREADABLE:
            pass
        else:
            self.readable += len(found)
            return found
        try:
            raws = msgspec.json.decode(window, type=list[msgspec.Raw])
        except UNREADABLE:
            return None
        return self._counted(raws)

    def _counted(self, raws: list[msgspec.Raw]) -> list[T]:
        entries = list(readable(self._entry, raws))
        self.readable += len(entries)
        self.unreadable += len(raws) - len(entries)
        return entries


def readable(entry: msgspec.json.Decoder[T], raws: Iterable[msgspec.Raw]) -> Iterator[T]:
    """Those entries that can be read."""
    for raw in raws:
        with suppress(*UNREADABLE):
            yield entry.decode(raw)


def _head_end(body: bytearray) -> int:
    """Where the first entry begins, in the outermost list or in the outermost object's `data`; 0 if not seen yet."""
    depth, end, text, name = 0, 0, b"", b""
    while token := _TOKEN.match(body, end):
        mark, end = token[1], token.end()
        if mark == b"[" and (depth == 0 or (depth == 1 and name == b"data")):
            return _checked(body, end)
        depth += (mark in b"{[") - (mark in b"}]")
        if depth == 1:
            name = _text(text) if mark == b":" else b"" if mark == b"," else name
        text = mark
    return 0


def _text(token: bytes) -> bytes:
    """A name as it is meant: it may be written with escapes."""
    try:
        return msgspec.json.decode(mended(token), type=str).encode()
    except UNREADABLE:
        return b""


def _checked(body: bytearray, end: int) -> int:
    """The same end, if what is before it begins a list."""
    head = body[:end].lstrip(_SPACE)
    try:
        _all_entries(mended(head) + _CLOSED.get(bytes(head[:1]), b""))
    except UNREADABLE as error:
        raise NotAListError(str(error)) from None
    return end


def _all_entries(body: bytes | bytearray) -> list[msgspec.Raw]:
    if body.lstrip(_SPACE).startswith(b"["):
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    return msgspec.json.decode(body, type=_Enveloped).data
