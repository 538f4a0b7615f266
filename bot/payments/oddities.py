"""What is odd about a payment before it is sent; most of the time, nothing."""

import asyncio
from contextlib import aclosing
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import structlog

from bot.billing import Billing, Invoice, Payment
from bot.dates import now, read_moment
from bot.refusals import BillingRefusal
from bot.store import UNDER_WAY, Doubt, Oddity, OrderState, PaymentOrder, Store

log = structlog.get_logger(__name__)

_LATELY = timedelta(days=7)
_PATIENCE_SECONDS = 5
_TEN = 10
_UNDECIDED = {OrderState.UNKNOWN: Oddity.UNKNOWN_BEFORE, OrderState.DRAFT: Oddity.DRAFTED}


class Guard:
    """Looks a payment over. Silent unless something is odd."""

    def __init__(self, billing: Billing, store: Store, zone: ZoneInfo) -> None:
        self._billing = billing
        self._orders = store.orders
        self._zone = zone

    async def doubts(
        self, invoice: Invoice, amount: Decimal, reference: str | None, but: str = ""
    ) -> tuple[Doubt, ...]:
        """Everything that deserves a second look, the gravest first. The invoice must be fresh from billing.

        `but`: the order that is looked over, if there is one already.
        """
        before, twins, referred = await asyncio.gather(
            self._before(invoice.number, but),
            self._twins(invoice.number, amount, but),
            self._referred(reference, but),
        )
        return (*before, *_by_invoice(invoice, amount), *twins, *referred)

    async def _before(self, invoice: str, but: str) -> list[Doubt]:
        """Our own payments on the invoice that are not decided."""
        states = (OrderState.UNKNOWN, *UNDER_WAY, OrderState.DRAFT)
        ours = [each for each in await self._orders.on_invoice(invoice, states, now()) if each.id != but]
        found = {_UNDECIDED.get(each.state, Oddity.UNDER_WAY): each for each in ours}
        return [_doubt(oddity, found[oddity]) for oddity in sorted(found, reverse=True)]

    async def _twins(self, invoice: str, amount: Decimal, but: str) -> list[Doubt]:
        """The same amount on the same invoice lately, by billing's list or our own word; or that it can't be read."""
        ours = await self._orders.on_invoice(invoice, [OrderState.RECORDED], now())
        known = {each.payment: each for each in ours if each.payment}
        listed, is_whole = await self._listed(invoice, amount)
        twins = [_twin(payment, known.get(payment.id)) for payment in listed]
        told = {payment.id for payment in listed}
        fresh = [each for each in ours if each.amount == amount and each.id != but and _is_late(each.settled_at)]
        twins += [_doubt(Oddity.TWIN, each) for each in fresh if each.payment not in told]
        return twins if is_whole else [*twins, Doubt(Oddity.UNSEEN)]

    async def _listed(self, invoice: str, amount: Decimal) -> tuple[list[Payment], bool]:
        """What billing's list says, and whether that is all: it may be long, and nobody waits forever for a warning."""
        found: list[Payment] = []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), aclosing(self._billing.payments()) as payments:
                async for payment in payments:
                    if is_for(payment, invoice, amount) and self._is_recent(payment.paid_at):
                        found.append(payment)  # noqa: PERF401 - what was found before the time is up counts
        except (BillingRefusal, TimeoutError) as error:
            log.warning("payment.unguarded", reason=type(error).__name__)
            return found, False
        return found, True

    def _is_recent(self, paid_at: str | None) -> bool:
        moment = read_moment(paid_at)
        return moment is None or _is_late(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))

    async def _referred(self, reference: str | None, but: str) -> list[Doubt]:
        if reference is None:
            return []
        ours = [each for each in await self._orders.with_reference(reference) if each.id != but]
        return [_doubt(Oddity.REFERENCE, each) for each in ours[:1]]


def is_for(payment: Payment, invoice: str, amount: Decimal) -> bool:
    """Whether a payment of billing's list is one of this amount on this invoice."""
    return payment.amount == amount and payment.invoice.casefold() == invoice.casefold()


def _is_late(moment: datetime | None) -> bool:
    return moment is not None and now() - moment < _LATELY


def _doubt(oddity: Oddity, order: PaymentOrder) -> Doubt:
    moment = order.settled_at or order.sent_at or order.confirmed_at or order.asked_at
    shown = order.payment if oddity is Oddity.TWIN else order.id
    return Doubt(oddity, shown, order.sender_name, order.chat, moment.isoformat())


def _twin(payment: Payment, order: PaymentOrder | None) -> Doubt:
    if order:
        return Doubt(Oddity.TWIN, str(payment.id), order.sender_name, order.chat, payment.paid_at)
    return Doubt(Oddity.TWIN, str(payment.id), when=payment.paid_at)


def _by_invoice(invoice: Invoice, amount: Decimal) -> tuple[Doubt, ...]:
    status, balance = (invoice.status or "").lower(), invoice.balance
    if status == "cancelled":
        return (Doubt(Oddity.CANCELLED),)
    if status == "paid" or balance == 0:
        return (Doubt(Oddity.PAID),)
    if balance is None:
        return ()
    if amount == balance * _TEN:
        return (Doubt(Oddity.TEN_TIMES),)
    if amount > balance:
        return (Doubt(Oddity.TOO_MUCH),)
    return (Doubt(Oddity.TENTH),) if amount * _TEN == balance else ()
