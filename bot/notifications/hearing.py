"""Hears of payments: writes down, in the transaction that makes them known, which chats might want to know."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from bot.notifications.audience import might_want
from bot.notifications.news import News
from bot.store import Audience, PaymentEvent, Store, Transaction

_LOOK_SECONDS = 0.005
_MOST_SECONDS = 60

Wake = Callable[[Iterable[str]], None]
Keep = Callable[[Coroutine[Any, Any, None]], None]


class Ear:
    """The listener. Who is to be told is woken as soon as the transaction is over."""

    def __init__(self, store: Store, wake: Wake, keep: Keep) -> None:
        self._store = store
        self._wake = wake
        self._keep = keep

    async def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Write the news down, with every chat that might want to hear of each."""
        audiences = await self._store.subscriptions.audiences(transaction)
        if not audiences or not news:
            return
        shown = await self._store.notices.showing(transaction, [each.payment.id for each in news if not each.is_new])
        told = [(event, _places(event, audiences, shown)) for event in map(_event, news)]
        wanted = [(event, places) for event, places in told if places]
        if wanted:
            await self._store.notices.put(transaction, [event for event, _to in wanted], [to for _event, to in wanted])
            self._keep(self._wake_after(transaction, set().union(*(places for _event, places in wanted))))

    async def _wake_after(self, transaction: Transaction, places: set[str]) -> None:
        """Nobody says when a transaction is over: it is looked at every few milliseconds, and never asked."""
        patience = _MOST_SECONDS / _LOOK_SECONDS
        while transaction.in_transaction() and patience > 0:
            await asyncio.sleep(_LOOK_SECONDS)
            patience -= 1
        self._wake(places)


def _places(event: PaymentEvent, audiences: Sequence[Audience], shown: dict[str, set[str]]) -> set[str]:
    stale = set() if event.is_new else shown.get(event.payment, set())
    return {
        audience.place
        for audience in audiences
        if audience.place in stale or any(might_want(each.wanted, event) for each in audience.subscriptions)
    }


def _event(news: News) -> PaymentEvent:
    payment = news.payment
    return PaymentEvent(
        payment=str(payment.id),
        invoice=str(payment.invoice),
        amount=payment.amount,
        status=payment.status,
        before=news.before,
        is_new=news.is_new,
        paid_at=payment.paid_at,
        seen_at=news.seen_at,
    )
