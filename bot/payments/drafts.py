"""Payments that wait for the person who asked for them: kept, looked over, and claimed by the first press."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.billing import Invoice
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.approvals import Approvals
from bot.payments.review import Review, is_insisted
from bot.payments.running import STARTING, Running
from bot.payments.verdicts import beside, decided, found, overtaken
from bot.refusals import Late, Refusal, Unwritten
from bot.store import BLOCKING, Deed, Doubt, Orders, OrderState, PaymentOrder, StoreError, made_reference
from bot.trail import By, Trail
from bot.words import _

# Crockford's alphabet: no letter that looks like a digit. Ten of them are 50 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How long a draft may be confirmed, is held after that, and may be approved; above what it must be.

    `kept`: how long finished workflows are kept.
    """

    draft: timedelta = timedelta(minutes=10)
    hold: timedelta = timedelta(seconds=5)
    approval: timedelta = timedelta(hours=24)
    approval_limit: Decimal | None = None
    kept: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay; the invoice is fresh from billing. No reference: one is made."""

    invoice: Invoice
    customer_name: str | None
    amount: Decimal
    currency: str
    method: str
    reference: str | None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to have a payment go on."""

    orders: Orders
    trail: Trail
    review: Review
    approvals: Approvals
    running: Running

    async def vouch(self, deed: Deed, order: PaymentOrder, sender: Sender, chat: Chat | None) -> None:
        """Write down what is about to happen, or don't let it happen."""
        try:
            await self.trail.insist(deed, order, By(sender, chat))
        except StoreError:
            raise Unwritten from None


class Drafts:
    """What was asked for and is not confirmed yet."""

    def __init__(self, means: Means, options: DeskOptions) -> None:
        self._means = means
        self._orders = means.orders
        self._options = options

    async def add(self, asker: Sender, chat: Chat, wish: Wish) -> PaymentOrder:
        """Keep a payment that waits for its confirmation. Nothing is sent."""
        order = self._made(asker, chat, wish)
        await self._orders.add(order)
        await self._means.trail.note(Deed.DRAFTED, order, By(asker, chat))
        return order

    async def confirm(
        self, order_id: str, sender: Sender, chat: Chat | None = None, *, anyway: str | None = None
    ) -> PaymentOrder:
        """Have a draft sent, once, for the person who asked for it. A draft comes back where it takes one more press.

        It is looked over again first, with the invoice as it is now. `Late` where somebody else asked for it, it was
        decided or has expired before, or another payment on its invoice is under way, unknown, or was sent since;
        `Unwritten` where the trail doesn't take it. `anyway`: the seal of the draft as it was shown to who insists;
        empty where they typed that they do.
        """
        draft = await self._confirmable(order_id, sender)
        others = await self._orders.on_invoice(draft.invoice, BLOCKING, now())
        if others:
            raise beside(others[0])
        checked = await self._means.review.looked_over(draft)
        if checked.is_odd and not is_insisted(checked, draft, anyway):
            return checked
        # Before it is claimed: nothing is sent that the trail does not know of. Who comes too late is there as refused.
        await self._means.vouch(Deed.CONFIRMED, replace(checked, state=self._next(checked)), sender, chat)
        claimed = await self._claimed(checked)
        if claimed.state is OrderState.HELD:
            self._means.running.go(claimed)
        else:
            self._means.running.keep(self._means.approvals.ask(claimed), STARTING)
        return claimed

    def _made(self, asker: Sender, chat: Chat, wish: Wish) -> PaymentOrder:
        asked_at, order_id, invoice = now(), _one_shot(), wish.invoice
        return PaymentOrder(
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
            doubts=wish.doubts,
            sender=asker.key,
            sender_name=asker.name,
            chat=chat.key,
            asked_at=asked_at,
            expires_at=asked_at + self._options.draft,
        )

    async def _confirmable(self, order_id: str, sender: Sender) -> PaymentOrder:
        order = await own(self._means, order_id, sender)
        if order.state is not OrderState.DRAFT or order.expires_at <= now():
            raise Late(decided(order))
        return order

    def _next(self, order: PaymentOrder) -> OrderState:
        """Where a confirmed draft goes."""
        limit = self._options.approval_limit
        if limit is None or order.amount <= limit:
            return OrderState.HELD
        if not self._means.approvals.others(order.sender):
            raise Late(_("This amount needs a second person, and nobody else may approve it. Please tell an admin."))
        return OrderState.AWAITING

    async def _claimed(self, order: PaymentOrder) -> PaymentOrder:
        state, at = self._next(order), now()
        held = state is OrderState.HELD
        claimed = await self._orders.claim(
            order.id,
            at,
            state,
            send_at=at + self._options.hold if held else None,
            expires_at=order.expires_at if held else at + self._options.approval,
        )
        if claimed is None:
            raise await self._not_claimed(order.id)
        return claimed

    async def _not_claimed(self, order_id: str) -> Refusal:
        order = await found(self._orders, order_id)
        if order.state is not OrderState.DRAFT or order.expires_at <= now():
            return Late(decided(order))
        others = await self._orders.on_invoice(order.invoice, BLOCKING, now())
        return beside(others[0]) if others else overtaken(order)


async def own(means: Means, order_id: str, sender: Sender) -> PaymentOrder:
    """An order that this person asked for, with whichever account."""
    order = await found(means.orders, order_id)
    if not means.approvals.are_one(order.sender, sender.key):
        raise Late(_("Only {name}, who asked for this payment, can decide it.").format(name=order.sender_name))
    return order


def _one_shot() -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_ID_LENGTH))
