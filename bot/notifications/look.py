"""One look at the list of payments: what is new in it is made known and told, in one transaction each time."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.billing import Billing, Mark, Payment, Sighting, Window
from bot.dates import now
from bot.notifications.news import Listener, News
from bot.store import KnownPayments, Learned, Seen, Transaction, WatchState

T = TypeVar("T")

# So many at a time are told, or become known at the first start, when nobody is told.
_MANY = 500
_MANY_SILENTLY = 500
# So few at the end of a list are learned without asking first which of them are known.
_FEW = 500


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list that was read to its end: its entries, those that can't be read, and the bytes that it took."""

    entries: int
    unreadable: int
    size: int


class Looking:
    """Looks at the list. The first time that it comes to the end, and until then, nobody is told anything."""

    def __init__(self, billing: Billing, known: KnownPayments, listener: Listener) -> None:
        self._billing = billing
        self._known = known
        self._listener = listener
        self._state: WatchState | None = None

    async def look(self, *, trust_etag: bool = True) -> ListRead:
        """Read what is not known; what is wrong with billing is a refusal.

        `OvertakenError`: another watcher learned something meanwhile.
        """
        # A look that fails forgets what it was: the next one finds out how far this one came.
        state, self._state = self._state or await self._known.state(), None
        mark = Mark.read(state.mark)
        asked = mark if trust_etag or mark is None else mark.without_etag()
        taking = _Taking(self._known, self._listener, state)
        async with aclosing(self._billing.payments_since(asked)) as windows:
            async for window in windows:
                await taking.take(window)
                if window.mark:
                    self._state = await taking.settle(window.mark.written())
                    return ListRead(window.mark.readable, window.mark.unreadable, window.size)
        raise RuntimeError("a list without an end")


class _Taking:
    """Takes in one list, window by window."""

    def __init__(self, known: KnownPayments, listener: Listener, state: WatchState) -> None:
        self._known = known
        self._listener = listener
        self._state = state
        self._silent: list[Seen] = []

    async def take(self, window: Window) -> None:
        """Know what is in a window, and tell what is new."""
        seen = list(map(_seen, window.sightings))
        if self._state.complete_at is None:
            self._silent += seen
            if len(self._silent) >= _MANY_SILENTLY:
                await self._learn_silently()
        elif seen and (strange := await self._strange(window, seen)):
            parts = list(_parts(sorted(strange, key=_paid), _MANY))
            for left, some in zip(reversed(range(len(parts))), parts, strict=True):
                await self._tell(some, window.mark.written() if window.mark and not left else None)

    async def settle(self, mark: bytes) -> WatchState:
        """The list was read to its end: how far the watch is now."""
        await self._learn_silently()
        if self._state.complete_at is None or self._state.mark != mark:
            self._state = await self._known.settle(self._state, mark, now())
        return self._state

    async def _strange(self, window: Window, seen: Sequence[Seen]) -> list[Payment]:
        """Those that are not known like this; of a few at the list's end all, for learning finds that out anyway."""
        if window.mark and len(seen) <= _FEW:
            return window.payments()
        strange = set(await self._known.unlike(seen))
        return [each for each in window.payments() if (each.id, each.status) in strange] if strange else []

    async def _tell(self, payments: Sequence[Payment], mark: bytes | None = None) -> None:
        """The mark: of the list that ends with these."""
        at = now()

        def told(transaction: Transaction, learned: Sequence[Learned]) -> None:
            if news := _news(payments, learned, at):
                self._listener.hear(transaction, news)

        seen = [(each.id, each.status) for each in payments]
        self._state = await self._known.learn(self._state, seen, told, mark)
        self._listener.committed()

    async def _learn_silently(self) -> None:
        if self._silent:
            self._state = await self._known.learn(self._state, self._silent)
            self._silent = []


def _paid(payment: Payment) -> str:
    """By this, those that are found together are told in the order in which they were paid."""
    return payment.paid_at or ""


def _seen(sighting: Sighting) -> Seen:
    return str(sighting.id), sighting.status


def _news(payments: Sequence[Payment], learned: Sequence[Learned], at: datetime) -> list[News]:
    """Both are in the same order; what another entry of the list has told already is not learned again."""
    told = iter(learned)
    news, next_one = [], next(told, None)
    for payment in payments:
        if next_one and (payment.id, payment.status) == (next_one.id, next_one.status):
            news.append(News(payment, next_one.is_new, next_one.before, at))
            next_one = next(told, None)
    return news


def _parts(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[start : start + size] for start in range(0, len(many), size))
