"""The payments that are known, a million in some fifteen megabytes, and how far the watch over them has come.

What is learned and what is told of it come true in one transaction. Every one of them counts: a watcher that was
overtaken by another one on the same database finds that out, and looks again.

A thread and a connection of its own do all of it, so that a long list doesn't hold up the loop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes
from typing import TypeVar

from sqlalchemy import URL, Connection, bindparam, select, update

from bot.store.buckets import Packer, Seen, is_known
from bot.store.dialects import merge
from bot.store.lessons import Learned, Lessons, buckets_of
from bot.store.tables import payment_watch
from bot.store.thread import DatabaseThread

T = TypeVar("T")

_ROW = 1
_SECRET_BYTES = 16
_PASS = update(payment_watch).where(payment_watch.c.edition == bindparam("before"))

# Told what was learned, in the transaction in which it is.
Told = Callable[[Connection, list[Learned]], None]


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


class KnownPayments:
    """Which payments were seen, each with the status that it had. None is ever forgotten."""

    def __init__(self, address: URL) -> None:
        self._thread = DatabaseThread(address, "known-payments")
        self._lessons = Lessons(Packer(b""))
        self._secret = b""

    async def state(self) -> WatchState:
        """How far the watch has come; to be asked for before anything else."""
        return await self._run(self._state)

    async def unlike(self, seen: Sequence[Seen]) -> list[Seen]:
        """Which of these are not known with this status. Nothing is learned."""
        return await self._run(lambda connection: self._unlike(connection, seen))

    async def learn(
        self, state: WatchState, seen: Sequence[Seen], told: Told | None = None, mark: bytes | None = None
    ) -> WatchState:
        """Know these from now on; how far the watch is then. `OvertakenError` where another one came further.

        `told` hears of those that were not known like this, in their order, in a thread. The mark is the list's that
        ends with these; no other holds any more.
        """
        now = replace(state, edition=state.edition + 1, mark=mark)

        def learned(connection: Connection) -> WatchState:
            _pass(connection, state, mark=mark)
            if told is None:
                self._lessons.put(connection, seen)
            else:
                told(connection, self._lessons.learn(connection, seen))
            return now

        return await self._run(learned)

    async def settle(self, state: WatchState, mark: bytes, now: datetime) -> WatchState:
        """The list was read to its end: this is its mark, and all that is in it is known."""
        complete_at = state.complete_at or now
        await self._run(lambda connection: _pass(connection, state, mark=mark, complete_at=complete_at))
        return replace(state, edition=state.edition + 1, mark=mark, complete_at=complete_at)

    async def tell_failing(self, since: datetime | None) -> None:
        """The admins were told that the list can't be read since then; None: that it can."""
        failing = update(payment_watch).values(failing_since=since)
        await self._run(lambda connection: connection.execute(failing))

    async def close(self) -> None:
        """Wait for what is being written down, and let go of the database."""
        await self._thread.close()

    async def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._thread.run(work)
        except BaseException:
            self._lessons.forget()
            raise

    def _state(self, connection: Connection) -> WatchState:
        row = connection.execute(select(payment_watch)).first()
        if row is None:
            new = {"id": _ROW, "secret": token_bytes(_SECRET_BYTES), "edition": 0}
            connection.execute(merge(connection.dialect.name, payment_watch, ["id"]), [new])
            row = connection.execute(select(payment_watch)).one()
        if row.secret != self._secret:
            self._secret, self._lessons = row.secret, Lessons(Packer(row.secret))
        return WatchState(row.edition, row.complete_at, row.mark, row.failing_since)

    def _unlike(self, connection: Connection, seen: Sequence[Seen]) -> list[Seen]:
        payments = self._lessons.packer.pack(seen)
        buckets = buckets_of(connection, payments)
        return [
            each
            for payment, each in zip(payments, seen, strict=True)
            if not is_known(buckets.get(payment.bucket, b""), payment)
        ]


def _pass(connection: Connection, state: WatchState, **values: object) -> None:
    """Say that this state has passed, before anything else: nobody overtakes the transaction from here on."""
    passed = connection.execute(_PASS, {"before": state.edition, "edition": state.edition + 1, **values})
    if not passed.rowcount:
        raise OvertakenError
