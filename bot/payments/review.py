"""Looks a payment over before somebody's press counts: what is odd about it by now, and whether they have seen that."""

from dataclasses import replace

from bot.billing import Billing
from bot.payments.oddities import Guard
from bot.refusals import BillingRefusal, Late
from bot.store import WEIGHTY, Doubt, PaymentOrder, Store, made_reference
from bot.words import _


class Review:
    """Holds an order against the invoice as billing has it now."""

    def __init__(self, billing: Billing, store: Store, guard: Guard) -> None:
        self._billing = billing
        self._orders = store.orders
        self._guard = guard

    async def looked_over(self, order: PaymentOrder) -> PaymentOrder:
        """The order with what is odd about it by now; kept where that is more than was shown."""
        try:
            invoice = await self._billing.invoice(order.invoice)
        except BillingRefusal as refusal:
            raise _nothing_sent(refusal) from refusal
        reference = None if order.reference == made_reference(order.id) else order.reference
        doubts = await self._guard.doubts(invoice, order.amount, reference, but=order.id)
        checked = replace(order, doubts=doubts, balance=invoice.balance)
        if _known(doubts, order.doubts):
            return checked
        return await self._orders.doubt(checked) or checked


def is_insisted(checked: PaymentOrder, shown: PaymentOrder, anyway: str | None) -> bool:
    """Whether a press was made with everything in sight that is odd by now.

    `anyway`: the seal of what they were shown; empty where they typed that they insist; None where they don't.
    """
    return anyway == checked.seal if anyway else anyway == "" and _known(checked.doubts, shown.doubts)


def _known(doubts: tuple[Doubt, ...], shown: tuple[Doubt, ...]) -> bool:
    """Whether every weighty one of these was shown before."""
    weighty = {(doubt.oddity, doubt.payment) for doubt in doubts if doubt.oddity in WEIGHTY}
    return weighty <= {(doubt.oddity, doubt.payment) for doubt in shown}


def _nothing_sent(refusal: BillingRefusal) -> Late:
    words = _("{why}\nNothing was sent; this payment can still be confirmed.")
    return Late(words.format(why=refusal.text), for_admins=words.format(why=refusal.for_admins or refusal.text))
