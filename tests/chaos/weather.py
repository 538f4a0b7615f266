"""What the list of payments does at random, and what it was at which moment."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from math import inf

from sandbox import SandboxServer
from tests.chaos.rooms import CUSTOMER, INVOICE

STATUSES = ("pending", "confirmed", "confirmed", "failed", "refunded")
_MEAN_SECONDS = 0.3
_BURST = 0.15
_LARGEST_BURST = 20
_FEW = 3
_LEASTS = (500, 5_000, 50_000, 100_000, 200_000)
_IDS = range(1_000, 100_000_000)


@dataclass(slots=True)
class Stand:
    """A status that a payment of the list had: surely between the inner two moments, not beyond the outer two."""

    status: str
    since: float
    surely_since: float
    surely_until: float = inf
    until: float = inf


class History:
    """Every status that every payment of the list ever had, in order."""

    def __init__(self) -> None:
        self.stands: dict[str, list[Stand]] = {}

    @asynccontextmanager
    async def changing(self, ends: list[int], begins: dict[int, str]) -> AsyncIterator[None]:
        """In this block these payments leave the list as they are, and enter it like this."""
        before = time.time()
        yield
        after = time.time()
        for payment in ends:
            last = self.stands[str(payment)][-1]
            last.surely_until, last.until = before, after
        for payment, status in begins.items():
            self.stands.setdefault(str(payment), []).append(Stand(status, before, after))

    def seed(self, payments: dict[int, str]) -> None:
        """These are there from the start."""
        for payment, status in payments.items():
            self.stands[str(payment)] = [Stand(status, -inf, -inf)]


class Weather:
    """Payments that come, change, vanish and come back, now one and then many at a time."""

    def __init__(self, server: SandboxServer) -> None:
        self.history = History()
        self._server = server
        self._there: dict[int, str] = dict(server.books.query("SELECT id, status FROM payments"))
        self._away: dict[int, str] = {}
        self._invoices: list[str] = [number for (number,) in server.books.query("SELECT number FROM invoices")]
        its = server.books.query("SELECT number FROM invoices WHERE customer_id = ?", CUSTOMER)
        self._favourites: list[str] = [INVOICE, *(number for (number,) in its)]
        self.history.seed(self._there)

    async def blow(self) -> None:
        """Let something happen again and again, until cancelled."""
        while True:
            happening = random.choice([self._arrive] * 4 + [self._change] * 3 + [self._vanish, self._come_back])
            await happening(random.randint(2, _LARGEST_BURST) if random.random() < _BURST else random.randint(1, _FEW))
            await asyncio.sleep(random.expovariate(1 / _MEAN_SECONDS))

    async def _arrive(self, many: int) -> None:
        new = {number: random.choice(STATUSES) for number in random.sample(_IDS, many) if not self._is_known(number)}
        rows = [(number, self._invoice(), _bani(), status) for number, status in new.items()]
        async with self.history.changing([], new):
            await asyncio.to_thread(self._insert, rows)
        self._there |= new

    async def _change(self, many: int) -> None:
        for payment in self._some(self._there, many):
            status = random.choice([each for each in STATUSES if each != self._there[payment]])
            async with self.history.changing([payment], {payment: status}):
                await asyncio.to_thread(partial(self._server.whims.restate, payment, status))
            self._there[payment] = status

    async def _vanish(self, many: int) -> None:
        for payment in self._some(self._there, many):
            async with self.history.changing([payment], {}):
                await asyncio.to_thread(partial(self._server.whims.vanish, payment))
            self._away[payment] = self._there.pop(payment)

    async def _come_back(self, many: int) -> None:
        for payment in self._some(self._away, many):
            async with self.history.changing([], {payment: self._away[payment]}):
                await asyncio.to_thread(partial(self._server.whims.come_back, payment))
            self._there[payment] = self._away.pop(payment)

    def _insert(self, rows: list[tuple[int, str, int, str]]) -> None:
        with self._server.books.writing() as db:
            insert = "INSERT INTO payments VALUES (?, ?, ?, ?, datetime('now'), 'card', NULL)"
            db.executemany(insert, rows)

    def _some(self, payments: dict[int, str], many: int) -> list[int]:
        """The newest as often as any: what has just been told is what people look at."""
        newest = list(payments)[-_LARGEST_BURST:]
        likely = random.choice([newest, list(payments)])
        return random.sample(likely, min(many, len(likely)))

    def _invoice(self) -> str:
        invoices = random.choice([self._favourites, self._invoices])
        return random.choice(invoices)

    def _is_known(self, number: int) -> bool:
        return number in self._there or number in self._away


def _bani() -> int:
    least = random.choice(_LEASTS)
    return random.randint(least, 4 * least)
