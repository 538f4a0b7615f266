"""Where payments are asked for, confirmed, taken back and settled: at most one request each, and every verdict told."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import structlog

from bot.billing import Billing, Invoice
from bot.dates import now
from bot.message import CardRef, Chat, Sender
from bot.payments.approvals import Approvals
from bot.payments.oddities import Guard
from bot.payments.running import STARTING, Running
from bot.payments.settling import Settling
from bot.payments.telling import Telling
from bot.payments.verdicts import beside, decided, overtaken, unheard_of
from bot.refusals import BillingRefusal, Late, Refusal, Unwritten
from bot.store import (
    BLOCKING,
    WEIGHTY,
    Deed,
    Doubt,
    OrderState,
    PaymentOrder,
    Store,
    StoreError,
    made_reference,
)
from bot.trail import Trail
from bot.words import _

log = structlog.get_logger(__name__)

# Crockford's alphabet: no letter that looks like a digit. Ten of them are 50 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 10
_WATCH_SECONDS = 5
_TIDY_ROUNDS = 720
_FOLLOW_SECONDS = 0.2


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
class Parts:
    """What the desk is made of."""

    billing: Billing
    store: Store
    trail: Trail
    guard: Guard
    telling: Telling
    approvals: Approvals
    settling: Settling
    running: Running


class PaymentDesk:
    """Payment orders and what happens to them."""

    def __init__(self, parts: Parts, options: DeskOptions) -> None:
        self.guard = parts.guard
        self.settling = parts.settling
        self._billing = parts.billing
        self._store = parts.store
        self._orders = parts.store.orders
        self._trail = parts.trail
        self._telling = parts.telling
        self._approvals = parts.approvals
        self._running = parts.running
        self._options = options

    async def draft(self, asker: Sender, chat: Chat, wish: Wish) -> PaymentOrder:
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
            doubts=wish.doubts,
            sender=asker.key,
            sender_name=asker.name,
            chat=chat.key,
            asked_at=asked_at,
            expires_at=asked_at + self._options.draft,
        )
        await self._orders.add(order)
        await self._trail.note(Deed.DRAFTED, order, asker, chat)
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
        checked = await self._looked_over(draft)
        if checked.is_odd and not _is_insisted(checked, draft, anyway):
            return checked
        # Before it is claimed: nothing is sent that the trail does not know of. Who comes too late is there as refused.
        await self._vouch(Deed.CONFIRMED, replace(checked, state=self._next(checked)), sender, chat)
        claimed = await self._claimed(checked)
        if claimed.state is OrderState.HELD:
            self._running.go(claimed)
        else:
            self._running.keep(self._approvals.ask(claimed), STARTING)
        return claimed

    async def approve(
        self, order_id: str, sender: Sender, chat: Chat | None = None, *, anyway: str | None = None
    ) -> PaymentOrder:
        """A second person's yes: it is held, then sent. Still awaiting where it is odd, and they haven't seen how.

        `anyway`: the seal of the payment as it was shown to them.
        """
        waiting = await self._looked_over(await self._approvals.waiting(order_id, sender))
        if waiting.is_odd and anyway != waiting.seal:
            return await self._shown_again(waiting)
        await self._vouch(Deed.APPROVED, replace(waiting, state=OrderState.HELD), sender, chat)
        approved = await self._approvals.approve(order_id, sender)
        self._running.go(approved)
        await self._telling.tell(order_id)
        return approved

    async def reject(self, order_id: str, sender: Sender, reason: str | None, chat: Chat | None = None) -> PaymentOrder:
        """A second person's no."""
        rejected = await self._approvals.reject(order_id, sender, reason)
        await self._trail.note(Deed.REJECTED, rejected, sender, chat, note=reason or "")
        await self._telling.tell(order_id)
        return rejected

    async def awaiting(self, order_id: str, sender: Sender) -> PaymentOrder:
        """An order that this person may approve or reject."""
        return await self._approvals.waiting(order_id, sender)

    async def undo(self, order_id: str, sender: Sender, chat: Chat | None = None, *, is_admin: bool) -> PaymentOrder:
        """Take back what is held: for who asked for it or approved it, and for admins."""
        order = await self._get(order_id)
        if sender.key not in (order.sender, order.decider) and not is_admin:
            raise Late(_("Only {name}, who asked for this payment, can undo it.").format(name=order.sender_name))
        undone = await self._orders.undo(order_id, now())
        if undone is None:
            raise Late(_("Too late to undo: {why}").format(why=decided(await self._get(order_id))))
        await self._trail.note(Deed.UNDONE, undone, sender, chat)
        await self._telling.tell(order_id)
        return undone

    async def cancel(self, order_id: str, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """Take a draft back, or what awaits approval, for the person who asked for it."""
        await self._mine(order_id, sender)
        order = await self._orders.cancel(order_id, now())
        if order is None:
            raise Late(decided(await self._get(order_id)))
        await self._trail.note(Deed.CANCELLED, order, sender, chat)
        await self._telling.tell(order_id)
        return order

    async def cancel_all(self, sender: Sender, chat: Chat | None = None) -> list[PaymentOrder]:
        """Take back every draft of this person, on every card that shows one."""
        drafts = await self._orders.drafts_of(sender.key, now())
        taken = [await self._orders.cancel(draft.id, now()) for draft in drafts]
        cancelled = [order for order in taken if order]
        for order in cancelled:
            await self._trail.note(Deed.CANCELLED, order, sender, chat)
            await self._telling.tell(order.id)
        return cancelled

    async def order(self, name: str) -> PaymentOrder | None:
        """An order by its one-shot id, or by billing's id of the payment."""
        return await self._orders.get(name.upper()) or await self._orders.by_payment(name)

    async def pending(self) -> list[PaymentOrder]:
        """Everything that is confirmed and has no proof yet, the oldest first."""
        return await self._orders.in_state(*BLOCKING)

    async def follow(self, order_id: str) -> AsyncIterator[PaymentOrder]:
        """An order as it goes on, each time its state changes, until nothing more happens by itself."""
        shown, order = None, await self._get(order_id)
        while True:
            if order.state is not shown:
                shown = order.state
                yield order
            if order.settled_at or order.state in (OrderState.DRAFT, OrderState.AWAITING):
                return
            await asyncio.sleep(_FOLLOW_SECONDS)
            order = await self._get(order_id)

    async def finished(self, order_id: str) -> PaymentOrder:
        """A settled order, with what is left to pay if billing says so."""
        await self._telling.finish(order_id)
        return await self._get(order_id)

    async def shown(self, order_id: str, state: str, card: CardRef) -> None:
        """Remember that a card shows this order in this state; it is drawn anew whenever that changes."""
        await self._telling.shown(order_id, state, card)

    async def gone(self, card: CardRef) -> None:
        """Forget a card that is there no more."""
        await self._telling.gone(card)

    async def watch(self) -> None:
        """Close what expires, go on after a restart, tell what is untold. Runs until it is cancelled."""
        rounds = 0
        while True:
            try:
                await self.recover()
                await self.sweep(timedelta(seconds=_WATCH_SECONDS))
                if rounds % _TIDY_ROUNDS == 1:
                    await self._running.tidy(self._options.kept)
            except Exception:  # one bad round must not be the last
                log.exception("desk.watch")
            rounds += 1
            await asyncio.sleep(_WATCH_SECONDS)

    async def recover(self) -> None:
        """Go on with what was confirmed before the last stop."""
        await self._running.recover()
        await self._approvals.ask_again()

    async def prepare(self) -> None:
        """Load what a payment needs, before somebody waits for it."""
        await self._running.prepare()

    async def sweep(self, settled_for: timedelta) -> None:
        """Close the drafts whose time has passed; tell what was settled so long ago and has not been told since."""
        for order in await self._orders.expire(now()):
            await self._trail.note(Deed.EXPIRED, order)
        await self._telling.tell_all(now() - settled_for)

    async def close(self) -> None:
        """Wait for what is being sent: its verdict is not to be lost. What is held goes on after the next start."""
        await self._running.close()

    async def _confirmable(self, order_id: str, sender: Sender) -> PaymentOrder:
        order = await self._mine(order_id, sender)
        if order.state is not OrderState.DRAFT or order.expires_at <= now():
            raise Late(decided(order))
        return order

    async def _looked_over(self, draft: PaymentOrder) -> PaymentOrder:
        """The draft with what is odd about it by now."""
        try:
            invoice = await self._billing.invoice(draft.invoice)
        except BillingRefusal as refusal:
            raise _nothing_sent(refusal) from refusal
        reference = None if draft.reference == made_reference(draft.id) else draft.reference
        doubts = await self.guard.doubts(invoice, draft.amount, reference, but=draft.id)
        checked = replace(draft, doubts=doubts, balance=invoice.balance)
        if _known(doubts, draft.doubts):
            return checked
        return await self._orders.doubt(checked) or checked

    async def _shown_again(self, checked: PaymentOrder) -> PaymentOrder:
        """What awaits approval, with what is odd about it by now on every copy."""
        await self._orders.doubt(checked)
        await self._telling.redraw(checked.id, OrderState.AWAITING)
        return checked

    async def _vouch(self, deed: Deed, order: PaymentOrder, sender: Sender, chat: Chat | None) -> None:
        """Write down what is about to happen, or don't let it happen."""
        try:
            await self._trail.insist(deed, order, sender, chat)
        except StoreError:
            raise Unwritten from None

    def _next(self, order: PaymentOrder) -> OrderState:
        """Where a confirmed draft goes."""
        limit = self._options.approval_limit
        if limit is None or order.amount <= limit:
            return OrderState.HELD
        if not self._approvals.others(order.sender):
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
        order = await self._get(order_id)
        if order.state is not OrderState.DRAFT or order.expires_at <= now():
            return Late(decided(order))
        others = await self._orders.on_invoice(order.invoice, BLOCKING, now())
        return beside(others[0]) if others else overtaken(order)

    async def _mine(self, order_id: str, sender: Sender) -> PaymentOrder:
        order = await self._get(order_id)
        if order.sender != sender.key:
            raise Late(_("Only {name}, who asked for this payment, can decide it.").format(name=order.sender_name))
        return order

    async def _get(self, order_id: str) -> PaymentOrder:
        order = await self._orders.get(order_id)
        if order is None:
            raise unheard_of()
        return order


def _nothing_sent(refusal: BillingRefusal) -> Late:
    words = _("{why}\nNothing was sent; this payment can still be confirmed.")
    return Late(words.format(why=refusal.text), for_admins=words.format(why=refusal.for_admins or refusal.text))


def _is_insisted(checked: PaymentOrder, draft: PaymentOrder, anyway: str | None) -> bool:
    """Whether this press was made with everything in sight that is odd by now."""
    return anyway == checked.seal if anyway else anyway == "" and _known(checked.doubts, draft.doubts)


def _known(doubts: tuple[Doubt, ...], shown: tuple[Doubt, ...]) -> bool:
    """Whether every weighty one of these was shown before."""
    weighty = {(doubt.oddity, doubt.payment) for doubt in doubts if doubt.oddity in WEIGHTY}
    return weighty <= {(doubt.oddity, doubt.payment) for doubt in shown}


def _one_shot() -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_ID_LENGTH))
