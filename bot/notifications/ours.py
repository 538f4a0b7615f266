"""Which payments were recorded here, by whom, and where that was already to be seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.dates import now
from bot.store import OrderState, PaymentEvent, PaymentOrder, Store

# So long does it take at most until a payment of ours has its verdict, be it that no answer came.
_VERDICT = timedelta(seconds=75)
# Who sees it elsewhere is told soon, then without who recorded it.
_ELSEWHERE = timedelta(seconds=3)
_IN_THE_BOOKS = (OrderState.SENDING, OrderState.LOOKING)


class Ours:
    """A look at our own payments, for some events."""

    def __init__(self, orders: dict[str, PaymentOrder], open_yet: Sequence[PaymentOrder], store: Store) -> None:
        self._orders = orders
        self._open = open_yet
        self._store = store
        self._seen_at: dict[str, set[str]] = {}

    @classmethod
    async def look(cls, store: Store, events: Sequence[PaymentEvent]) -> "Ours":
        """Look them up. First what is under way: what gets its verdict meanwhile is found by that."""
        open_yet = await store.orders.in_state(*_IN_THE_BOOKS)
        return cls(await store.orders.recorded({event.payment for event in events}), open_yet, store)

    def order(self, event: PaymentEvent) -> PaymentOrder | None:
        """The order by which this payment was recorded here."""
        return self._orders.get(event.payment)

    async def was_told(self, event: PaymentEvent, place: str) -> bool:
        """Whether it was recorded in this chat, or a card there showed how."""
        order = self.order(event)
        return order is not None and place in await self._places(order)

    async def undecided(self, event: PaymentEvent, place: str) -> datetime | None:
        """Until when to wait whether it is one of ours; None where that is decided, or we have waited."""
        if event.payment in self._orders or not event.is_new:
            return None
        for order in self._open:
            if _may_be(order, event):
                patience = _VERDICT if place in await self._places(order) else _ELSEWHERE
                if now() < event.seen_at + patience:
                    return event.seen_at + patience
        return None

    async def _places(self, order: PaymentOrder) -> set[str]:
        if order.id not in self._seen_at:
            copies = await self._store.cards.of(order.id)
            self._seen_at[order.id] = {card.chat.key for card in copies} | {order.chat or order.sender}
        return self._seen_at[order.id]


def _may_be(order: PaymentOrder, event: PaymentEvent) -> bool:
    same = order.amount == event.amount and order.invoice.casefold() == event.invoice.casefold()
    return same and event.payment not in order.baseline
