"""Where payments are asked for, confirmed and settled: at most one request each, and every verdict is told."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import structlog

from bot.billing import Billing, Invoice, NewPayment
from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.dates import now
from bot.message import CardRef, Chat, Sender
from bot.payments.oddities import oddities
from bot.payments.telling import Telling
from bot.refusals import BillingRefusal, Late, Refusal, Unwritten
from bot.reply import Button
from bot.store import Deed, OrderState, PaymentOrder, Store, StoreError, made_reference
from bot.trail import Trail
from bot.words import _

log = structlog.get_logger(__name__)

# Crockford's alphabet: no letter that looks like a digit. Ten of them are 50 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 10
_WATCH_SECONDS = 5
_LEFT_SECONDS = 3


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
    """Payment orders and what happens to them."""

    def __init__(self, billing: Billing, store: Store, trail: Trail, telling: Telling, options: DeskOptions) -> None:
        self._billing = billing
        self._store = store
        self._trail = trail
        self._telling = telling
        self._options = options
        self._under_way: set[asyncio.Task[PaymentOrder]] = set()
        # Verdicts that the database did not take yet.
        self._unwritten: dict[str, PaymentOrder] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a payment is being sent right now."""
        return bool(self._under_way)

    async def draft(self, asker: Sender, wish: Wish, chat: Chat | None = None) -> PaymentOrder:
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
            reference=wish.reference or made_reference(order_id),
            oddities=await oddities(invoice, wish.amount, self._store),
            sender=asker.key,
            sender_name=asker.name,
            asked_at=asked_at,
            expires_at=asked_at + self._options.draft,
        )
        await self._store.orders.add(order)
        await self._trail.note(Deed.DRAFTED, order, asker, chat)
        return order

    async def confirm(self, order_id: str, sender: Sender, chat: Chat | None = None) -> AsyncIterator[PaymentOrder]:
        """Send a draft, once, for the person who asked for it: as it is being sent, its verdict, then what is left.

        `Late` where somebody else asked for it, it was decided or has expired before, or another payment on its
        invoice was sent since it was drafted; `Unwritten` where the trail does not take it: nothing is sent then.
        """
        await self._mine(order_id, sender)
        order = await self._store.orders.claim(order_id, now())
        if order is None:
            raise await self._too_late(order_id)
        await self._vouch(order, sender, chat)
        # The request goes on though whoever pressed the button should be gone.
        sending = asyncio.create_task(self._send(order))
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        yield order
        settled = await asyncio.shield(sending)
        yield settled
        left = await self._left(settled)
        if left is not None:
            yield await self._store.orders.add_left(settled.id, left)

    async def cancel(self, order_id: str, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """Take a draft back, for the person who asked for it."""
        await self._mine(order_id, sender)
        order = await self._store.orders.cancel(order_id, now())
        if order is None:
            raise await self._too_late(order_id)
        await self._trail.note(Deed.CANCELLED, order, sender, chat)
        return order

    async def cancel_all(self, sender: Sender, chat: Chat | None = None) -> list[PaymentOrder]:
        """Take back every draft of this person, on every card that shows one."""
        drafts = await self._store.orders.drafts_of(sender.key, now())
        taken = [await self._store.orders.cancel(draft.id, now()) for draft in drafts]
        cancelled = [order for order in taken if order]
        for order in cancelled:
            await self._trail.note(Deed.CANCELLED, order, sender, chat)
            await self._telling.tell(order)
        return cancelled

    async def shown(self, order_id: str, state: str, card: CardRef) -> None:
        """Remember that a card shows this order in this state; where it is settled, draw its other copies alike."""
        await self._telling.shown(order_id, OrderState(state), card)
        order = await self._store.orders.get(order_id)
        if order and order.settled_at:
            await self._telling.tell(order)

    async def gone(self, card: CardRef) -> None:
        """Forget a card that is there no more."""
        await self._telling.gone(card)

    async def watch(self) -> None:
        """Close what expires, and tell what a restart or a lost chat has left untold. Runs until it is cancelled."""
        while True:
            try:
                await self.close_lost()
                await self.sweep(timedelta(seconds=_WATCH_SECONDS))
            except Exception:  # one bad round must not be the last
                log.exception("desk.watch")
            await asyncio.sleep(_WATCH_SECONDS)

    async def sweep(self, settled_for: timedelta) -> None:
        """Close the drafts whose time has passed; tell what was settled so long ago and has not been told since."""
        for order in await self._store.orders.expire(now()):
            await self._trail.note(Deed.EXPIRED, order)
        await self._telling.tell_all(now() - settled_for)

    async def close_lost(self) -> None:
        """Write down the verdicts that could not be written, and call unknown what a killed program left behind."""
        for order in list(self._unwritten.values()):
            await self._store.orders.settle(order)
            del self._unwritten[order.id]
        for order in await self._store.orders.lost(now() - self._options.lost):
            log.error("payment.lost", order=order.id)
            await self._settle(order, OrderState.UNKNOWN)

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
        if order is None:
            return Late(_("This payment is not known here."))
        if order.state is OrderState.DRAFT and order.expires_at > now():
            return Late(
                _("Meanwhile another payment on this invoice was sent. Look at it, and ask for this one anew."),
                buttons=(Button(_("Payments"), f"/payments {order.invoice}"),),
            )
        return Late(_decided(order.state).format(id=order.payment))

    async def _vouch(self, order: PaymentOrder, sender: Sender, chat: Chat | None) -> None:
        """Nothing is sent that the trail does not know of."""
        try:
            await self._trail.insist(Deed.CONFIRMED, order, sender, chat)
        except StoreError:
            refusal = Unwritten()
            await self._settle(order, OrderState.NOT_SENT, words=refusal.text)
            raise refusal from None

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
        except NotSentError as error:
            log.warning("payment.not_sent", order=order.id, reason=str(error))
            return await self._settle(order, OrderState.NOT_SENT)
        except OutcomeUnknownError as error:
            log.warning("payment.unknown", order=order.id, reason=str(error))
            return await self._settle(order, OrderState.UNKNOWN)
        return await self._settle(order, OrderState.RECORDED, payment=str(recorded.payment_id))

    async def _settle(
        self, order: PaymentOrder, state: OrderState, *, payment: str | None = None, words: str | None = None
    ) -> PaymentOrder:
        """Write the verdict down. It is logged first, and kept until the database takes it: proof must not be lost."""
        settled = replace(order, state=state, payment=payment, words=words, settled_at=now())
        log.info("payment.settled", order=order.id, state=state.value, payment=payment)
        try:
            kept = await self._store.orders.settle(settled)
        except StoreError as error:
            log.error("payment.unwritten", order=order.id, state=state.value, payment=payment, reason=str(error))  # noqa: TRY400 - no news in the traceback
            self._unwritten[order.id] = settled
            self._trail.owe(Deed.VERDICT, settled)
            return settled
        await self._trail.note(Deed.VERDICT, kept)
        return kept

    async def _left(self, order: PaymentOrder) -> Decimal | None:
        """What is left to pay now, if billing tells soon; the receipt does not depend on it."""
        if order.state is not OrderState.RECORDED or order.id in self._unwritten:
            return None
        try:
            async with asyncio.timeout(_LEFT_SECONDS):
                return (await self._billing.invoice(order.invoice)).balance
        except (BillingRefusal, TimeoutError):
            return None


def _decided(state: OrderState) -> str:
    """Why a payment can't be decided any more."""
    return {
        OrderState.DRAFT: _("The time to confirm this payment has passed. Nothing was sent."),
        OrderState.EXPIRED: _("The time to confirm this payment has passed. Nothing was sent."),
        OrderState.CANCELLED: _("This payment was cancelled before. Nothing was sent."),
        OrderState.SENDING: _("This payment is being recorded already. It is sent only once."),
        OrderState.RECORDED: _("This payment is recorded already, as {id}. It was sent only once."),
        OrderState.REFUSED: _("This payment was refused before. Ask for a new one."),
        OrderState.NOT_SENT: _("This payment could not be sent before. Ask for a new one."),
        OrderState.UNKNOWN: _("This payment's outcome is unknown. It will not be sent again."),
    }[state]


def _one_shot() -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_ID_LENGTH))
