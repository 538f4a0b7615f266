"""Learning payments: what is put into their buckets, and the words of their statuses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.sql import Insert

from bot.store.buckets import Packed, Packer, Seen, is_known, put
from bot.store.dialects import merge
from bot.store.tables import known_payments, known_statuses

_LONGEST_WORD = 200
_MOST_WORDS = 1000
# So many buckets are read or written at a time; a database keeps a prepared statement for each length that it is asked.
_FEW = 256
_LENGTHS = (4, 32, _FEW)
_NOWHERE = -1

_FOUND = select(known_payments).where(known_payments.c.bucket.in_(bindparam("places", expanding=True)))


@dataclass(frozen=True, slots=True)
class Learned:
    """A payment that was not known, or with another status; `before` is that one."""

    id: str
    status: str | None
    is_new: bool
    before: str | None


class Lessons:
    """Learns payments, each in a transaction that is given."""

    def __init__(self, packer: Packer) -> None:
        self.packer = packer
        self._kept: set[str] = set()

    def learn(self, connection: Connection, seen: Sequence[Seen]) -> list[Learned]:
        """Know these from now on; which of them were not known like this, in their order."""
        changes = self.put(connection, seen)
        words = _words(connection, {before for _each, before in changes if before})
        return [Learned(*each, before is None, words.get(before or b"")) for each, before in changes]

    def put(self, connection: Connection, seen: Sequence[Seen]) -> list[tuple[Seen, bytes | None]]:
        """Put them into their buckets; those that were not known like this, with the status known before."""
        payments = self.packer.pack(seen)
        found = buckets_of(connection, payments)
        buckets = {place: bytearray(found.get(place, b"")) for place, _id, _status in payments}
        changes = []
        for payment, each in zip(payments, seen, strict=True):
            if not is_known(buckets[payment.bucket], payment):
                changes.append((each, put(buckets[payment.bucket], payment)))
        _write(
            connection, {place: bytes(bucket) for place, bucket in buckets.items() if found.get(place, b"") != bucket}
        )
        self._keep_words(connection, {status for (_id, status), _before in changes if status})
        return changes

    def forget(self) -> None:
        """A transaction was taken back: what it kept may not be there."""
        self._kept = set()

    def _keep_words(self, connection: Connection, statuses: set[str]) -> None:
        """Keep what these statuses are, so that it can be said later."""
        if new := statuses - self._kept:
            rows = [{"code": self.packer.status(word).hex(), "word": word[:_LONGEST_WORD]} for word in sorted(new)]
            connection.execute(merge(connection.dialect.name, known_statuses, ["word"]), rows)
            self._kept = {*self._kept, *new} if len(self._kept) < _MOST_WORDS else new


def buckets_of(connection: Connection, payments: Iterable[Packed]) -> dict[int, bytes]:
    """The buckets of these payments, those that there are."""
    places, found = list({payment.bucket for payment in payments}), {}
    for start in range(0, len(places), _FEW):
        for row in connection.execute(_FOUND, {"places": _padded(places[start : start + _FEW])}):
            found[row.bucket] = row.payments
    return found


def _write(connection: Connection, buckets: dict[int, bytes]) -> None:
    rows = [{"bucket": place, "payments": packed} for place, packed in sorted(buckets.items())]
    for start in range(0, len(rows), _FEW):
        connection.execute(_merging(connection.dialect.name), rows[start : start + _FEW])


@cache
def _merging(dialect: str) -> Insert:
    return merge(dialect, known_payments, ["payments"])


def _padded(places: list[int]) -> list[int]:
    length = next(length for length in _LENGTHS if len(places) <= length)
    return places + [_NOWHERE] * (length - len(places))


def _words(connection: Connection, codes: set[bytes]) -> dict[bytes, str]:
    """The statuses that these stand for; none has no word."""
    if not codes:
        return {}
    wanted = select(known_statuses).where(known_statuses.c.code.in_(code.hex() for code in codes))
    return {bytes.fromhex(row.code): row.word for row in connection.execute(wanted)}
