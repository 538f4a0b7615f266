"""A list of payments that does whatever a test wants, on a real connection; and somebody who hears of it."""

import hashlib
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from bot.billing import Billing, BillingOptions
from bot.notifications.news import News
from bot.store import Store, Transaction
from tests.billing.wire import KEY, Peer, Wire, answer, wired

Heard = tuple[str, str | None, bool, str | None]


@dataclass
class PaymentsList:
    """What billing would say: the payments, and what it does with them."""

    payments: dict[str, str | None] = field(default_factory=dict)
    paid: dict[str, str] = field(default_factory=dict)
    """When each was paid, where that is told."""
    vanished: dict[str, str | None] = field(default_factory=dict)
    order: int | None = None
    """None: as they came. A number: by chance, from this seed."""
    etag: bool = False
    ends_at: float = 1
    """Where the body is cut: a share of it."""
    status: int = 200

    def body(self) -> bytes:
        """The list, as it is now."""
        entries = [
            {"id": _as_written(each), "amount": "5.50", "status": status, "paid_at": self.paid.get(each)}
            for each, status in self.payments.items()
        ]
        if self.order is not None:
            random.Random(self.order).shuffle(entries)
        return json.dumps({"data": entries}).encode()

    async def serve(self, peer: Peer) -> None:
        """Answer whoever asks."""
        while asked := await peer.hear():
            body = self.body()
            tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
            if self.status != 200:
                await peer.say(answer({"message": "not now"}, self.status))
            elif self.etag and f"if-none-match: {tag}".encode() in asked.lower():
                await peer.say(f"HTTP/1.1 304 Not Modified\r\netag: {tag}\r\n\r\n".encode())
            else:
                await peer.say(answer(self._cut(body), 200, *([f"ETag: {tag}"] if self.etag else [])))

    def _cut(self, body: bytes) -> bytes:
        return body if self.ends_at >= 1 else body[: int(len(body) * self.ends_at)]


def _as_written(each: str) -> int | str:
    """An id that can be a number is one."""
    return int(each) if each.isdecimal() and str(int(each)) == each else each


class KilledError(Exception):
    """The program ends here."""


class Ear:
    """Writes what it hears into the database, in the transaction that it is given."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dies_after: int | None = None
        """So many calls are heard to their end; the next one is killed behind its last word."""

    async def prepare(self) -> None:
        """Make the table, empty."""
        async with self._store.engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS heard"))
            await connection.execute(
                text("CREATE TABLE heard (number INTEGER, id TEXT, status TEXT, is_new INTEGER, before TEXT)")
            )

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Write it down; then perhaps die."""
        count = transaction.scalar(text("SELECT count(*) FROM heard")) or 0
        rows = [_row(count + number, each) for number, each in enumerate(news)]
        transaction.execute(text("INSERT INTO heard VALUES (:number, :id, :status, :is_new, :before)"), rows)
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise KilledError

    def committed(self) -> None:
        """It has lasted."""

    async def heard(self) -> list[Heard]:
        """All that lasted, in the order in which it was heard."""
        async with self._store.engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM heard ORDER BY number"))
            return [(row.id, row.status, bool(row.is_new), row.before) for row in rows]


def _row(number: int, news: News) -> dict[str, Any]:
    return {
        "number": number,
        "id": news.payment.id,
        "status": news.payment.status,
        "is_new": int(news.is_new),
        "before": news.before,
    }


class Bell:
    """An alarm that remembers what it was told."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.reasons: list[str] = []
        self.since: list[datetime] = []
        self.broken = False

    async def failing(self, since: datetime, reason: str) -> None:
        """Remember it."""
        if self.broken:
            raise ConnectionError
        self.rung.append("failing")
        self.reasons.append(reason)
        self.since.append(since)

    async def back(self, since: datetime) -> None:
        """Remember it."""
        self.rung.append("back")
        self.since.append(since)


@asynccontextmanager
async def billing_of(books: PaymentsList) -> AsyncIterator[tuple[Billing, Wire]]:
    """A client for this list, and what the other side sees of it."""
    async with wired(books.serve) as wire:
        billing = Billing(BillingOptions(wire.url, SecretStr(KEY), connect_seconds=10, read_seconds=10))
        try:
            yield billing, wire
        finally:
            await billing.close()
