"""A second person for large payments: asked wherever they are, and the first decision counts."""

from datetime import timedelta

from bot.access import People, Role
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, unheard_of
from bot.refusals import Forbidden, Late
from bot.store import OrderState, PaymentOrder, Store
from bot.words import _


class Approvals:
    """Asks those who may approve, and takes their decision."""

    def __init__(self, store: Store, people: People, telling: Telling, hold: timedelta) -> None:
        self._orders = store.orders
        self._people = people
        self._telling = telling
        self._hold = hold

    async def ask(self, order: PaymentOrder) -> int:
        """Show it to everybody who may approve it, but for who asked; how many could be reached."""
        others = [key for key in self._people.at_least(Role.APPROVER) if key != order.sender]
        chats = [Chat(platform, name) for platform, _colon, name in (key.partition(":") for key in others)]
        return await self._telling.announce(order, chats)

    async def approve(self, order_id: str, sender: Sender) -> PaymentOrder:
        """Say yes: it is held from now on, and then sent."""
        await self._may(order_id, sender)
        at = now()
        approved = await self._orders.approve(order_id, sender.key, sender.name, at, at + self._hold)
        return approved or await self._too_late(order_id)

    async def reject(self, order_id: str, sender: Sender, reason: str | None) -> PaymentOrder:
        """Say no, perhaps why: it is never sent."""
        await self._may(order_id, sender)
        rejected = await self._orders.reject(order_id, sender.key, sender.name, now(), reason)
        return rejected or await self._too_late(order_id)

    async def waiting(self, order_id: str, sender: Sender) -> PaymentOrder:
        """The order, if this person may still decide it."""
        order = await self._may(order_id, sender)
        return order if order.state is OrderState.AWAITING else await self._too_late(order_id)

    async def _may(self, order_id: str, sender: Sender) -> PaymentOrder:
        order = await self._orders.get(order_id)
        if order is None:
            raise unheard_of()
        if order.sender == sender.key:
            raise Forbidden(_("You have asked for this payment yourself: somebody else has to approve it."))
        return order

    async def _too_late(self, order_id: str) -> PaymentOrder:
        order = await self._orders.get(order_id)
        if order is None:
            raise unheard_of()
        raise Late(decided(order))
