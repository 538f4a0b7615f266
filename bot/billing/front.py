"""A list that was read before, known again by hashes of its front, so that only what follows need be decoded.

The hashes begin behind the list's head, are made segment by segment, and end behind an entry. A segment that is as it
was is passed over; from the first that isn't, held in memory until its end, everything is decoded. So nothing is
missed whatever changed, in one request and in constant memory.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import add, sub

import msgspec
from xxhash import xxh3_128

from bot.billing.listing import ListReader, Passed, readable
from bot.billing.models import Payment, Sighting, decoder

_SEGMENT = 256 * 1024
_WINDOW = 128 * 1024
# To be raised when other things are read from an entry than before: then everything is to be read once more.
_READING = 1
_NOTHING = Passed(0, 0, 0)


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """A part of a list, and the hash of its bytes."""

    passed: Passed
    digest: bytes


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A list as it was read last: its ETag, its front, and how many entries it has."""

    etag: str | None
    segments: tuple[Segment, ...]
    readable: int
    unreadable: int
    reading: int = 0

    def written(self) -> bytes:
        """As bytes, some fifteen kilobytes for a million entries."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def read(cls, written: bytes | None) -> "Mark | None":
        """What was written; None where there is none, or one that does not hold any more."""
        try:
            mark = msgspec.msgpack.decode(written or b"", type=cls)
        except (msgspec.MsgspecError, ValueError):
            return None
        return mark if mark.reading == _READING else None

    def without_etag(self) -> "Mark":
        """The same for a server whose word is not to be taken for it."""
        return msgspec.structs.replace(self, etag=None)


@dataclass(frozen=True, slots=True)
class Window:
    """Some payments of the list; only the last window has the list's new mark, and the bytes that it took."""

    sightings: list[Sighting] = field(default_factory=list)
    json: bytes | bytearray = b"[]"
    mark: Mark | None = None
    size: int = 0

    def payments(self) -> list[Payment]:
        """The same payments as a whole; those that can't be read are left out."""
        return list(readable(_PAYMENT, msgspec.json.decode(self.json, type=list[msgspec.Raw])))


_PAYMENT = decoder(Payment)


class _Trace:
    """Hashes what is passed, in segments that end behind an entry."""

    def __init__(self) -> None:
        self._whole: list[Segment] = []
        self._begin()

    def add(self, raw: bytes | bytearray, passed: Passed) -> None:
        """These bytes end behind an entry."""
        self._hash.update(raw)
        self._count(passed)

    def keep(self, passed: Passed, hashed: xxh3_128) -> None:
        """A segment is as it was. The last one may be short: what follows belongs to it."""
        self._hash = hashed
        self._count(passed)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All of them, the last one short."""
        return (*self._whole, self._open()) if self._passed.length else tuple(self._whole)

    def _begin(self) -> None:
        self._hash, self._passed = xxh3_128(), _NOTHING

    def _count(self, passed: Passed) -> None:
        self._passed = Passed(*map(add, self._passed, passed))
        if self._passed.length >= _SEGMENT:
            self._whole.append(self._open())
            self._begin()

    def _open(self) -> Segment:
        return Segment(self._passed, self._hash.digest())


class _Comparison:
    """Holds one segment's bytes at a time, until it is clear whether they are the known ones."""

    def __init__(self, known: Sequence[Segment], recognised: Callable[[Passed, xxh3_128], None]) -> None:
        self._known = deque(known)
        self._recognised = recognised
        self._begin()

    def unknown(self, piece: bytes) -> bytes:
        """What of this is to be read: nothing while it may be known, and everything once something isn't."""
        if not self._known:
            return piece
        rest: bytes | memoryview = memoryview(piece)
        while rest and self._known:
            rest = self._taken(rest)
        return bytes(rest)

    def give_up(self) -> bytes:
        """Nothing more is known: what is held is to be read."""
        held = b"".join(self._held)
        self._known.clear()
        self._held.clear()
        return held

    def _begin(self) -> None:
        self._hash = xxh3_128()
        self._held: list[bytes | memoryview] = []
        self._missing = self._known[0].passed.length if self._known else 0

    def _taken(self, piece: bytes | memoryview) -> bytes | memoryview:
        part, rest = piece[: self._missing], piece[self._missing :]
        self._hash.update(part)
        self._held.append(part)
        self._missing -= len(part)
        if self._missing:
            return rest
        if self._hash.digest() != self._known[0].digest:
            self._held.append(rest)
            return self.give_up()
        self._recognised(self._known.popleft().passed, self._hash)
        self._begin()
        return rest


class FrontReader:
    """Reads the list of payments, but for the front that a mark knows. `size`: the bytes of the body so far."""

    def __init__(self, mark: Mark | None) -> None:
        self.size = 0
        self._reader = ListReader(Sighting, _WINDOW)
        self._comparison = _Comparison(mark.segments if mark else (), self._recognise)
        self._trace = _Trace()
        self._in_head = True
        # What was fed to the reader and it has not passed yet; what it had passed by then.
        self._ahead = bytearray()
        self._passed = _NOTHING

    def feed(self, piece: bytes) -> Iterator[Window]:
        """Take the next piece of the body; the payments that are complete with it."""
        self.size += len(piece)
        if self._in_head:
            behind = self._reader.pass_head(piece)
            if behind is None:
                return
            self._in_head, piece = False, behind
        yield from self._read(self._comparison.unknown(piece))

    def finish(self) -> Iterator[Window]:
        """The body has ended: the last windows; `NotAListError` if it isn't whole."""
        yield from self._read(self._comparison.give_up())
        if not self._in_head:
            yield from self._told(self._reader.last())
        yield Window(self._reader.finish(), self._reader.window)

    def mark(self, etag: str | None) -> Mark:
        """The list, once it was read to its end."""
        return Mark(etag, self._trace.segments, self._reader.readable, self._reader.unreadable, _READING)

    def _recognise(self, passed: Passed, hashed: xxh3_128) -> None:
        self._reader.skip(passed)
        self._trace.keep(passed, hashed)
        self._passed = self._reader.passed

    def _read(self, piece: bytes) -> Iterator[Window]:
        for start in range(0, len(piece), _WINDOW):
            part = piece[start : start + _WINDOW]
            self._ahead += part
            yield from self._told(self._reader.feed(part))

    def _told(self, found: list[Sighting]) -> Iterator[Window]:
        """Trace what the reader has passed with these, and tell them."""
        passed = Passed(*map(sub, self._reader.passed, self._passed))
        if passed.length:
            self._trace.add(self._ahead[: passed.length], passed)
            del self._ahead[: passed.length]
            self._passed = self._reader.passed
        if found:
            yield Window(found, self._reader.window)
