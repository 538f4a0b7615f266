"""What is odd about a payment before it is confirmed; most of the time, nothing."""

from decimal import Decimal

from bot.billing import Invoice
from bot.dates import now
from bot.store import Oddity, OrderState, Store

_OURS = {
    OrderState.UNKNOWN: Oddity.UNKNOWN_BEFORE,
    OrderState.SENDING: Oddity.UNDER_WAY,
    OrderState.DRAFT: Oddity.UNDER_WAY,
}


async def oddities(invoice: Invoice, amount: Decimal, store: Store) -> tuple[Oddity, ...]:
    """Everything that deserves a second look, the gravest first. The invoice must be fresh from billing."""
    ours = {order.state for order in await store.orders.on_invoice(invoice.number, _OURS, now())}
    before = dict.fromkeys(oddity for state, oddity in _OURS.items() if state in ours)
    return (*before, *_by_invoice(invoice, amount))


def _by_invoice(invoice: Invoice, amount: Decimal) -> tuple[Oddity, ...]:
    status = (invoice.status or "").lower()
    if status == "cancelled":
        return (Oddity.CANCELLED,)
    if status == "paid" or invoice.balance == 0:
        return (Oddity.PAID,)
    if invoice.balance is not None and amount > invoice.balance:
        return (Oddity.TOO_MUCH,)
    return ()
