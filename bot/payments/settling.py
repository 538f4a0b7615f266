"""Settles a payment of which nobody knows whether it arrived: by a person, after a fresh look at billing's list."""

from dataclasses import dataclass, replace

from bot.billing import Billing, Payment
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.oddities import is_for
from bot.payments.proof import Proof
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, found
from bot.refusals import Late, Unknown
from bot.store import Deed, OrderState, PaymentOrder, Store
from bot.trail import By, Trail
from bot.words import _


@dataclass(frozen=True, slots=True)
class Look:
    """What billing's list shows now: the payments of this invoice and amount that no other order of ours has.

    `new`: those of them that were not there before it was sent; `worthless`: those that are no received money, and
    will not become it as far as is known.
    """

    order: PaymentOrder
    alike: tuple[Payment, ...]
    new: frozenset[str]
    worthless: frozenset[str] = frozenset()


class Settling:
    """The admins' last word on an unknown payment."""

    def __init__(self, billing: Billing, store: Store, trail: Trail, telling: Telling, proof: Proof) -> None:
        self._billing = billing
        self._proof = proof
        self._trail = trail
        self._orders = store.orders
        self._telling = telling

    async def look(self, order_id: str) -> Look:
        """Look at billing's list, now."""
        order = await self._unknown(order_id)
        claimed = await self._orders.claimed(order.invoice, but=order.id)
        payments = [each async for each in self._billing.payments() if is_for(each, order.invoice, order.amount)]
        free = tuple(each for each in payments if each.id not in claimed)
        new = frozenset(str(each.id) for each in free if each.id not in order.baseline)
        return Look(order, free, new, frozenset(str(each.id) for each in free if not self._proof.counts(each)))

    async def is_in_the_books(self, look: Look, payment: str, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """It is this payment; which must be there, of this invoice and amount, and no other order's.

        Recorded where that is received money or may become it, else refused.
        """
        named = next((each for each in look.alike if each.id == payment), None)
        if named is None:
            raise Unknown(
                _("Billing's list has no payment {id} of this amount on this invoice that isn't another's.").format(
                    id=payment
                )
            )
        state = OrderState.REFUSED if payment in look.worthless else OrderState.RECORDED
        verdict = replace(look.order, state=state, payment=payment, words=self._proof.reservation(named))
        return await self._told(await self._resolved(verdict, sender), sender, chat)

    async def never_arrived(self, look: Look, sender: Sender, chat: Chat | None = None) -> PaymentOrder:
        """It is not recorded, and none of the new payments is it: it may be paid anew."""
        verdict = replace(look.order, state=OrderState.ABSENT, payment=None, words=None)
        return await self._told(await self._resolved(verdict, sender), sender, chat)

    async def _resolved(self, verdict: PaymentOrder, sender: Sender) -> PaymentOrder:
        said = replace(verdict, settler=sender.key, settler_name=sender.name, settled_at=now())
        settled = await self._orders.resolve(said)
        if settled is None:
            await self._unknown(verdict.id)
            raise Late(_("Another payment of ours is known as this one."))
        return settled

    async def _told(self, settled: PaymentOrder, sender: Sender, chat: Chat | None) -> PaymentOrder:
        await self._trail.note(Deed.SETTLED, settled, By(sender, chat), note=settled.payment or "never arrived")
        await self._telling.tell(settled.id)
        return settled

    async def _unknown(self, order_id: str) -> PaymentOrder:
        order = await found(self._orders, order_id)
        if order.state is not OrderState.UNKNOWN:
            raise Late(decided(order))
        return order
