"""Where payments are asked for, confirmed and settled: at most one request each, and every verdict is told."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from bot.billing import Billing, Invoice, NewPayment
from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.dates import now
from bot.message import CardRef, Sender
from bot.outlets import Outlets, show_everywhere
from bot.payments.oddities import oddities
from bot.refusals import BillingRefusal, Late, Refusal
from bot.reply import Reply
from bot.store import OrderState, PaymentOrder, Store
from bot.words import _

log = structlog.get_logger(__name__)

# Crockford's alphabet: no letter that looks like a digit. Ten of them are 50 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 10
_SWEEP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How long a draft may be confirmed, and after how long a sent payment's answer can't come any more."""

    draft: timedelta = timedelta(minutes=10)
    lost: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay; the invoice is fresh from billing. No reference: one is made."""

    invoice: Invoice
    customer_name: str | None
    amount: Decimal
    currency: str
    method: str
    reference: str | None


class PaymentDesk:
    """Payment orders and what happens to them. `draw` makes a card of an order."""

    def __init__(
        self,
        billing: Billing,
        store: Store,
        outlets: Outlets,
        draw: Callable[[PaymentOrder], Reply],
        options: DeskOptions,
    ) -> None:
        self._billing = billing
        self._store = store
        self._outlets = outlets
        self._draw = draw
        self._options = options
        self._under_way: set[asyncio.Task[PaymentOrder]] = set()

    async def draft(self, asker: Sender, wish: Wish) -> PaymentOrder:
        """Keep a payment that waits for its confirmation. Nothing is sent."""
        asked_at, order_id, invoice = now(), _one_shot(), wish.invoice
        order = PaymentOrder(
            id=order_id,
            state=OrderState.DRAFT,
            invoice=str(invoice.number),
            customer=invoice.customer_id and str(invoice.customer_id),
            customer_name=wish.customer_name,
            amount=wish.amount,
            balance=invoice.balance,
            currency=wish.currency,
            method=wish.method,
            reference=wish.reference or f"CASIER-{order_id}",
            oddities=await oddities(invoice, wish.amount, self._store),
            sender=asker.key,
            sender_name=asker.name,
            asked_at=asked_at,
            expires_at=asked_at + self._options.draft,
        )
        await self._store.orders.add(order)
        return order

    async def confirm(self, order_id: str, sender: Sender) -> AsyncIterator[PaymentOrder]:
        """Send a draft, once, for the person who asked for it: first as it is being sent, then with its verdict.

        `Late` where somebody else asked for it, or it was decided or has expired before.
        """
        await self._mine(order_id, sender)
        order = await self._store.orders.claim(order_id, now())
        if order is None:
            raise await self._too_late(order_id)
        # The request goes on though whoever pressed the button should be gone.
        sending = asyncio.create_task(self._send(order))
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        yield order
        yield await asyncio.shield(sending)

    async def cancel(self, order_id: str, sender: Sender) -> PaymentOrder:
        """Take a draft back, for the person who asked for it."""
        await self._mine(order_id, sender)
        order = await self._store.orders.cancel(order_id, now())
        if order is None:
            raise await self._too_late(order_id)
        return order

    async def cancel_all(self, sender: Sender) -> list[PaymentOrder]:
        """Take back every draft of this person, on every card that shows one."""
        drafts = await self._store.orders.drafts_of(sender.key, now())
        taken = [await self._store.orders.cancel(draft.id, now()) for draft in drafts]
        cancelled = [order for order in taken if order]
        for order in cancelled:
            await self._show(order)
        return cancelled

    async def shown(self, order_id: str, card: CardRef) -> None:
        """Remember a card that shows this order, to edit it later."""
        await self._store.cards.add(order_id, card)

    async def told(self, order_id: str, card: CardRef) -> None:
        """This card shows the order as it stands now: draw its other copies alike."""
        order = await self._store.orders.get(order_id)
        if order and order.settled_at:
            await self._show(order, besides=card)
            await self._store.orders.told(order.id, order.state, now())

    async def watch(self) -> None:
        """Close what expires, and tell what a restart or a lost chat has left untold. Runs until it is cancelled."""
        while True:
            try:
                await self.sweep(settled_before=now() - timedelta(seconds=_SWEEP_SECONDS))
            except Exception:  # one bad round must not be the last
                log.exception("desk.sweep")
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self, settled_before: datetime) -> None:
        """Do one such round, for what was settled before and has not been told since."""
        for order in await self._store.orders.lost(now() - self._options.lost):
            log.error("payment.lost", order=order.id)
            await self._store.orders.settle(order.id, now(), state=OrderState.UNKNOWN)
        await self._store.orders.expire(now())
        untold = await self._store.orders.untold(settled_before)
        for failed in await asyncio.gather(*map(self._tell, untold), return_exceptions=True):
            if isinstance(failed, Exception):
                log.warning("desk.untold", reason=type(failed).__name__)

    async def close(self) -> None:
        """Wait for what is under way: its verdict is not to be lost."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _mine(self, order_id: str, sender: Sender) -> None:
        order = await self._store.orders.get(order_id)
        if order is None:
            raise Late(_("This payment is not known here."))
        if order.sender != sender.key:
            raise Late(_("Only {name}, who asked for this payment, can decide it.").format(name=order.sender_name))

    async def _too_late(self, order_id: str) -> Refusal:
        order = await self._store.orders.get(order_id)
        if order is None or order.state is OrderState.DRAFT:
            return Late(_("The time to confirm this payment has passed. Nothing was sent."))
        words = {
            OrderState.CANCELLED: _("This payment was cancelled before. Nothing was sent."),
            OrderState.EXPIRED: _("The time to confirm this payment has passed. Nothing was sent."),
            OrderState.SENDING: _("This payment is being recorded already. It is sent only once."),
            OrderState.RECORDED: _("This payment is recorded already, as {id}. It was sent only once."),
            OrderState.REFUSED: _("This payment was refused before. Ask for a new one."),
            OrderState.NOT_SENT: _("This payment could not be sent before. Ask for a new one."),
            OrderState.UNKNOWN: _("This payment's outcome is unknown. It will not be sent again."),
        }
        return Late(words[order.state].format(id=order.payment))

    async def _send(self, order: PaymentOrder) -> PaymentOrder:
        """Make the one request and write its verdict down."""
        payment = NewPayment(
            invoice_id=order.invoice,
            amount=order.amount,
            payment_method=order.method,
            reference=order.reference,
        )
        try:
            recorded = await self._billing.record(payment)
        except BillingRefusal as refusal:
            return await self._settle(order, OrderState.REFUSED, words=refusal.text)
        except NotSentError:
            return await self._settle(order, OrderState.NOT_SENT)
        except OutcomeUnknownError as error:
            log.warning("payment.unknown", order=order.id, reason=str(error))
            return await self._settle(order, OrderState.UNKNOWN)
        await self._settle(order, OrderState.RECORDED, payment=recorded.payment_id)
        return await self._store.orders.add_left(order.id, await self._left(order))

    async def _settle(self, order: PaymentOrder, state: OrderState, **more: object) -> PaymentOrder:
        log.info("payment.settled", order=order.id, state=state.value)
        return await self._store.orders.settle(order.id, now(), state=state, **more)

    async def _left(self, order: PaymentOrder) -> Decimal | None:
        """What is left to pay now, if billing tells; the receipt does not depend on it."""
        try:
            return (await self._billing.invoice(order.invoice)).balance
        except BillingRefusal:
            return None

    async def _tell(self, order: PaymentOrder) -> None:
        await self._show(order)
        await self._store.orders.told(order.id, order.state, now())

    async def _show(self, order: PaymentOrder, besides: CardRef | None = None) -> None:
        before = set(await self._store.cards.of(order.id)) - {besides}
        after = set(await show_everywhere(self._outlets, before, self._draw(order)))
        for gone in before - after:
            if gone.chat.platform in self._outlets:
                await self._store.cards.remove(order.id, gone)
        for card in after - before:
            await self._store.cards.add(order.id, card)


def _one_shot() -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_ID_LENGTH))
