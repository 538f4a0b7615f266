"""The payments that are known, a million in some fifteen megabytes, and how far the watch over them has come.

What is learned and what is told of it come true in one transaction. Every one of them counts: a watcher that was
overtaken by another one on the same database finds that out, and looks again.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.buckets import Packed, Packer, Seen, is_known, put
from bot.store.dialects import merge
from bot.store.tables import known_payments, known_statuses, payment_watch
from bot.store.transaction import Transaction

_ROW = 1
_SECRET_BYTES = 16
_LONGEST_WORD = 200
_MOST_WORDS = 1000
# So many buckets are read or written at a time, so that nobody waits long for the loop.
_FEW = 256
_LENGTHS = (4, 32, _FEW)
_NOWHERE = -1


class OvertakenError(Exception):
    """Another watcher has learned something since this one began to look."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """How far the watch has come.

    `edition` counts the changes. `complete_at`: when the list was read to its end for the first time. `mark`: the list
    as it was read last, None where something was learned since. `failing_since`: what the admins were told.
    """

    edition: int
    complete_at: datetime | None
    mark: bytes | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Learned:
    """A payment that was not known, or with another status; `before` is that one."""

    id: str
    status: str | None
    is_new: bool
    before: str | None


class Lesson:
    """A transaction in which something is learned."""

    def __init__(self, known: "KnownPayments", transaction: Transaction) -> None:
        self.transaction = transaction
        self._known = known

    async def learn(self, seen: Sequence[Seen]) -> list[Learned]:
        """Know these from now on; which of them were not known like this, in their order."""
        changes = await self._put(seen)
        words = await self._known.words(self.transaction, {before for _each, before in changes if before})
        return [Learned(*each, before is None, words.get(before or b"")) for each, before in changes]

    async def learn_silently(self, seen: Sequence[Seen]) -> None:
        """Know these from now on, and tell nobody."""
        await self._put(seen)

    async def _put(self, seen: Sequence[Seen]) -> list[tuple[Seen, bytes | None]]:
        """Put them into their buckets; those that were not known like this, with the status known before."""
        payments = self._known.packer.pack(seen)
        found = await _buckets(self.transaction, payments)
        buckets = {place: bytearray(found.get(place, b"")) for place, _id, _status in payments}
        changes = []
        for payment, each in zip(payments, seen, strict=True):
            if not is_known(buckets[payment.bucket], payment):
                changes.append((each, put(buckets[payment.bucket], payment)))
        await self._write(
            {place: bytes(bucket) for place, bucket in buckets.items() if found.get(place, b"") != bucket}
        )
        await self._known.keep_words(self.transaction, {status for (_id, status), _before in changes if status})
        return changes

    async def _write(self, buckets: dict[int, bytes]) -> None:
        rows = [{"bucket": place, "payments": packed} for place, packed in sorted(buckets.items())]
        for start in range(0, len(rows), _FEW):
            await self.transaction.execute(
                merge(self.transaction, known_payments, ["payments"]), rows[start : start + _FEW]
            )


class KnownPayments:
    """Which payments were seen, each with the status that it had. None is ever forgotten."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._secret = b""
        self.packer = Packer(self._secret)
        self._kept: set[str] = set()

    async def state(self) -> WatchState:
        """How far the watch has come; to be asked for before anything else."""
        async with self._engine.begin() as connection:
            row = (await connection.execute(select(payment_watch))).first()
            if row is None:
                new = {"id": _ROW, "secret": token_bytes(_SECRET_BYTES), "edition": 0}
                await connection.execute(merge(connection, payment_watch, ["id"]), [new])
                row = (await connection.execute(select(payment_watch))).one()
        if row.secret != self._secret:
            self._secret, self.packer = row.secret, Packer(row.secret)
        return WatchState(row.edition, row.complete_at, row.mark, row.failing_since)

    async def unlike(self, seen: Sequence[Seen]) -> list[Seen]:
        """Which of these are not known with this status. Nothing is learned."""
        payments = self.packer.pack(seen)
        async with self._engine.connect() as connection:
            buckets = await _buckets(connection, payments)
        return [
            each
            for payment, each in zip(payments, seen, strict=True)
            if not is_known(buckets.get(payment.bucket, b""), payment)
        ]

    @asynccontextmanager
    async def learning(self, state: WatchState, mark: bytes | None = None) -> AsyncIterator[Lesson]:
        """Learn something; `OvertakenError` where another watcher did since `state`.

        The mark is the list's that ends with it. No other holds any more.
        """
        async with self._changing(state) as connection:
            yield Lesson(self, connection)
            await _change(connection, edition=state.edition + 1, mark=mark)

    async def settle(self, state: WatchState, mark: bytes, now: datetime) -> WatchState:
        """The list was read to its end: this is its mark, and all that is in it is known."""
        settled = replace(state, edition=state.edition + 1, mark=mark, complete_at=state.complete_at or now)
        async with self._changing(state) as connection:
            await _change(connection, edition=settled.edition, mark=mark, complete_at=settled.complete_at)
        return settled

    async def tell_failing(self, since: datetime | None) -> None:
        """The admins were told that the list can't be read since then; None: that it can."""
        async with self._engine.begin() as connection:
            await _change(connection, failing_since=since)

    async def keep_words(self, transaction: Transaction, statuses: set[str]) -> None:
        """Keep what these statuses are, so that it can be said later."""
        if new := statuses - self._kept:
            rows = [{"code": self.packer.status(word).hex(), "word": word[:_LONGEST_WORD]} for word in sorted(new)]
            await transaction.execute(merge(transaction, known_statuses, ["word"]), rows)
            self._kept = {*self._kept, *new} if len(self._kept) < _MOST_WORDS else new

    async def words(self, transaction: Transaction, codes: set[bytes]) -> dict[bytes, str]:
        """The statuses that these stand for; none has no word."""
        if not codes:
            return {}
        wanted = select(known_statuses).where(known_statuses.c.code.in_(code.hex() for code in codes))
        return {bytes.fromhex(row.code): row.word for row in await transaction.execute(wanted)}

    @asynccontextmanager
    async def _changing(self, state: WatchState) -> AsyncIterator[Transaction]:
        async with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # Whoever reads before he writes would be refused where another one wrote in between.
                await connection.execute(text("BEGIN IMMEDIATE"))
            edition = await connection.scalar(select(payment_watch.c.edition).with_for_update())
            if edition != state.edition:
                raise OvertakenError
            yield connection
            await connection.commit()


_FOUND = select(known_payments).where(known_payments.c.bucket.in_(bindparam("places", expanding=True)))


async def _buckets(connection: AsyncConnection, payments: Iterable[Packed]) -> dict[int, bytes]:
    places, found = list({payment.bucket for payment in payments}), {}
    for start in range(0, len(places), _FEW):
        for row in await connection.execute(_FOUND, {"places": _padded(places[start : start + _FEW])}):
            found[row.bucket] = row.payments
    return found


def _padded(places: list[int]) -> list[int]:
    """As many as a few lengths allow: databases keep a prepared statement for each length that they are asked."""
    length = next(length for length in _LENGTHS if len(places) <= length)
    return places + [_NOWHERE] * (length - len(places))


async def _change(connection: AsyncConnection, **values: object) -> None:
    await connection.execute(update(payment_watch).values(values))
