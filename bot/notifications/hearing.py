"""Hears of payments: writes down, in the transaction that makes them known, which chats might want to know."""

from collections.abc import Callable, Iterable, Sequence

from bot.notifications.audience import might_want
from bot.notifications.news import News
from bot.store import Audience, PaymentEvent, Store, Transaction

Wake = Callable[[Iterable[str]], None]


class Ear:
    """The listener. Who is to be told is woken as soon as the transaction is over."""

    def __init__(self, store: Store, wake: Wake) -> None:
        self._store = store
        self._wake = wake
        self._told: set[str] = set()

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Write the news down, with every chat that might want to hear of each."""
        audiences = self._store.subscriptions.hearing(transaction)
        if not audiences or not news:
            return
        shown = self._store.notices.showing(transaction, [each.payment.id for each in news if not each.is_new])
        told = [(event, _places(event, audiences, shown)) for event in map(_event, news)]
        wanted = [(event, places) for event, places in told if places]
        if wanted:
            self._store.notices.put(transaction, [event for event, _to in wanted], [to for _event, to in wanted])
            self._told.update(*(places for _event, places in wanted))

    def committed(self) -> None:
        """It is written down: whom it is for is woken."""
        places, self._told = self._told, set()
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
