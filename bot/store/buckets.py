"""How known payments are packed: twelve bytes each, in buckets that are found by a payment's id.

Eight bytes are the id: a whole number as it is, any other by a keyed hash. Four are a keyed hash of its status. A
bucket is searched as it is and never unpacked. Neighbouring numbers share a bucket, so that a list in some order
touches few of them.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

_ID, _STATUS = 8, 4
_WIDTH = _ID + _STATUS
# No more buckets than this, with rows of their own: 30 payments in each of them for the first million.
_BUCKETS_BITS = 15
_NEIGHBOURS_BITS = 6
_MOST_DIGITS = 18
_MOST_STATUSES = 1000
_HASHED = 1 << 63
_WORD = (1 << 64) - 1
# Spreads any regular numbers: 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
_SPREAD = 0x9E3779B97F4A7C15

# A payment's id and status, as billing writes them.
Seen = tuple[str, str | None]


class Packed(NamedTuple):
    """A payment: the bucket it belongs to, its id, and its status."""

    bucket: int
    id: bytes
    status: bytes


class Packer:
    """Packs ids and statuses, with a secret of the database's own: nobody can choose an id that looks like another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._statuses: dict[str | None, bytes] = {}

    def pack(self, seen: Iterable[Seen]) -> list[Packed]:
        """What stands for these payments."""
        numbers = [(self._number(written), status) for written, status in seen]
        return [Packed(_bucket(number), number.to_bytes(_ID, "big"), self.status(status)) for number, status in numbers]

    def status(self, status: str | None) -> bytes:
        """What stands for a status, or for none."""
        if status not in self._statuses:
            if len(self._statuses) >= _MOST_STATUSES:
                self._statuses.clear()
            self._statuses[status] = self._hash(b"" if status is None else b"=" + _bytes(status), _STATUS)
        return self._statuses[status]

    def _number(self, written: str) -> int:
        if len(written) <= _MOST_DIGITS and written.isascii() and written.isdigit() and str(int(written)) == written:
            return int(written)
        return int.from_bytes(self._hash(_bytes(written), _ID), "big") | _HASHED

    def _hash(self, written: bytes, size: int) -> bytes:
        return blake2b(written, digest_size=size, key=self._secret).digest()


def is_known(bucket: bytes | bytearray, payment: Packed) -> bool:
    """Whether a payment is in its bucket, with this status."""
    return _place(bucket, payment.id + payment.status) >= 0


def put(bucket: bytearray, payment: Packed) -> bytes | None:
    """Let a payment be known; the status with which it was known until now."""
    place = _place(bucket, payment.id)
    if place < 0:
        bucket += payment.id + payment.status
        return None
    before = bytes(bucket[place + _ID : place + _WIDTH])
    bucket[place + _ID : place + _WIDTH] = payment.status
    return before


def _bucket(number: int) -> int:
    return ((number >> _NEIGHBOURS_BITS) * _SPREAD & _WORD) >> (64 - _BUCKETS_BITS)


def _place(bucket: bytes | bytearray, beginning: bytes) -> int:
    place = bucket.find(beginning)
    while place > 0 and place % _WIDTH:
        place = bucket.find(beginning, place + 1)
    return place


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
