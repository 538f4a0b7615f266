"""Settles a payment of which nobody knows whether it arrived: by a person, after a fresh look at billing's list."""

from dataclasses import dataclass

from bot.billing import Billing, Payment
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.oddities import is_for
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, unheard_of
from bot.refusals import Late, Unknown
from bot.store import Deed, OrderState, PaymentOrder, Store
from bot.trail import Trail
from bot.words import _


@dataclass(frozen=True, slots=True)
class Look:
    """What billing's list shows now: the payments of this invoice and amount that no other order of ours has.

    `new`: those of them that were not there before it was sent.
    """

    order: PaymentOrder
    alike: tuple[Payment, ...]
    new: frozenset[str]


class Settling:
    """The admins' last word on an unknown payment."""

    def __init__(self, billing: Billing, store: Store, trail: Trail, telling: Telling) -> None:
        self._billing = billing
        self._trail = trail
        self._orders = store.orders
        self._telling = telling

    async def look(self, order_id: str) -> Look:
        """Look at billing's list, now."""
        order = await self._unknown(order_id)
        claimed = await self._orders.claimed(order.invoice, but=order.id)
        payments = [each async for each in self._billing.payments() if is_for(each, order.invoice, order.amount)]
        free = tuple(each for each in payments if each.id not in claimed)
        return Look(order, free, frozenset(str(each.id) for each in free if each.id not in order.baseline))

    async def is_in_the_books(self, look: Look, payment: str, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """It is recorded, as this payment; which must be there, of this invoice and amount, and no other order's."""
        if payment not in {each.id for each in look.alike}:
            raise Unknown(
                _("Billing's list has no payment {id} of this amount on this invoice that isn't another's.").format(
                    id=payment
                )
            )
        settled = await self._resolved(look.order.id, OrderState.RECORDED, payment, sender)
        return await self._told(settled, sender, chat)

    async def never_arrived(self, look: Look, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """It is not recorded, and none of the new payments is it: it may be paid anew."""
        settled = await self._resolved(look.order.id, OrderState.ABSENT, None, sender)
        return await self._told(settled, sender, chat)

    async def _resolved(self, order_id: str, state: OrderState, payment: str | None, sender: Sender) -> PaymentOrder:
        settled = await self._orders.resolve(order_id, state, payment, sender.key, sender.name, now())
        if settled is None:
            await self._unknown(order_id)
            raise Late(_("Another payment of ours is known as this one."))
        return settled

    async def _told(self, settled: PaymentOrder, sender: Sender, chat: Chat | None) -> PaymentOrder:
        await self._trail.note(Deed.SETTLED, settled, sender, chat, note=settled.payment or "never arrived")
        await self._telling.tell(settled.id)
        return settled

    async def _unknown(self, order_id: str) -> PaymentOrder:
        order = await self._orders.get(order_id)
        if order is None:
            raise unheard_of()
        if order.state is not OrderState.UNKNOWN:
            raise Late(decided(order))
        return order
