"""A second person for large payments: asked wherever they are, and the first decision counts."""

from datetime import timedelta

import structlog

from bot.access import People, Role
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, unheard_of
from bot.refusals import Forbidden, Late
from bot.store import OrderState, PaymentOrder, Store
from bot.words import _

log = structlog.get_logger(__name__)


class Approvals:
    """Asks those who may approve, and takes their decision."""

    def __init__(self, store: Store, people: People, telling: Telling, hold: timedelta) -> None:
        self._orders = store.orders
        self._cards = store.cards
        self._asked: set[str] = set()
        self._people = people
        self._telling = telling
        self._hold = hold

    def others(self, asker: str) -> list[Chat]:
        """The own chats of everybody who may approve what this person asks for."""
        keys = (key.partition(":") for key in self._people.at_least(Role.APPROVER) if key != asker)
        return [Chat(platform, name) for platform, _colon, name in keys]

    async def ask(self, order: PaymentOrder) -> None:
        """Show it to everybody who may approve it and has not been shown it."""
        self._asked.add(order.id)
        there = {card.chat.key for card in await self._cards.of(order.id)}
        chats = [chat for chat in self.others(order.sender) if chat.key not in there]
        reached = await self._telling.announce(order, chats)
        log.info("payment.approval_asked", order=order.id, chats=len(chats), reached=reached)

    async def ask_again(self) -> None:
        """Do so for what a stop may have left unasked: once after each start."""
        for order in await self._orders.in_state(OrderState.AWAITING):
            if order.id not in self._asked:
                await self.ask(order)

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
