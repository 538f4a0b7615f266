"""What people decide about a payment after it was asked for: a second person's word, and taking it back."""

from dataclasses import replace

from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.drafts import Means, own
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, found
from bot.refusals import Late
from bot.store import Deed, OrderState, PaymentOrder
from bot.trail import By
from bot.words import _


class Decisions:
    """Each is written down, and shown on every copy of the card."""

    def __init__(self, means: Means, telling: Telling) -> None:
        self._means = means
        self._orders = means.orders
        self._telling = telling

    async def approve(
        self, order_id: str, sender: Sender, chat: Chat | None = None, *, anyway: str | None = None
    ) -> PaymentOrder:
        """A second person's yes: it is held, then sent. Still awaiting where it is odd, and they haven't seen how.

        `anyway`: the seal of the payment as it was shown to them.
        """
        waiting = await self._means.review.looked_over(await self.waiting(order_id, sender))
        if waiting.is_odd and anyway != waiting.seal:
            return await self._shown_again(waiting)
        await self._means.vouch(Deed.APPROVED, replace(waiting, state=OrderState.HELD), sender, chat)
        approved = await self._means.approvals.approve(order_id, sender)
        self._means.running.go(approved)
        await self._telling.tell(order_id)
        return approved

    async def reject(self, order_id: str, sender: Sender, reason: str | None, chat: Chat | None = None) -> PaymentOrder:
        """A second person's no."""
        rejected = await self._means.approvals.reject(order_id, sender, reason)
        return await self._told(Deed.REJECTED, rejected, sender, chat, reason or "")

    async def waiting(self, order_id: str, sender: Sender) -> PaymentOrder:
        """An order that this person may approve or reject."""
        return await self._means.approvals.waiting(order_id, sender)

    async def undo(self, order_id: str, sender: Sender, chat: Chat | None = None, *, is_admin: bool) -> PaymentOrder:
        """Take back what is held: for who asked for it or approved it, and for admins."""
        order = await found(self._orders, order_id)
        theirs = any(self._means.approvals.are_one(each, sender.key) for each in (order.sender, order.decider))
        if not theirs and not is_admin:
            raise Late(_("Only {name}, who asked for this payment, can undo it.").format(name=order.sender_name))
        undone = await self._orders.undo(order_id, now())
        if undone is None:
            why = decided(await found(self._orders, order_id))
            raise Late(_("Too late to undo: {why}").format(why=why))
        return await self._told(Deed.UNDONE, undone, sender, chat)

    async def cancel(self, order_id: str, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """Take a draft back, or what awaits approval, for the person who asked for it."""
        await own(self._means, order_id, sender)
        order = await self._orders.cancel(order_id, now())
        if order is None:
            raise Late(decided(await found(self._orders, order_id)))
        return await self._told(Deed.CANCELLED, order, sender, chat)

    async def cancel_all(self, sender: Sender, chat: Chat | None = None) -> list[PaymentOrder]:
        """Take back every draft of this person, on every card that shows one."""
        accounts = self._means.approvals.accounts(sender.key)
        drafts = [draft for key in accounts for draft in await self._orders.drafts_of(key, now())]
        taken = [await self._orders.cancel(draft.id, now()) for draft in drafts]
        return [await self._told(Deed.CANCELLED, order, sender, chat) for order in taken if order]

    async def _shown_again(self, checked: PaymentOrder) -> PaymentOrder:
        """What awaits approval, with what is odd about it by now on every copy."""
        await self._orders.doubt(checked)
        await self._telling.redraw(checked.id, OrderState.AWAITING)
        return checked

    async def _told(
        self, deed: Deed, order: PaymentOrder, sender: Sender, chat: Chat | None, note: str = ""
    ) -> PaymentOrder:
        await self._means.trail.note(deed, order, By(sender, chat), note=note)
        await self._telling.tell(order.id)
        return order
