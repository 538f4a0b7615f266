"""A second person for large payments: asked wherever they are, and the first decision counts."""

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.access import People, Role
from bot.dates import now
from bot.message import Chat, Sender
from bot.payments.telling import Telling
from bot.payments.verdicts import decided, found
from bot.refusals import Forbidden, Late
from bot.store import OrderState, PaymentOrder, Store
from bot.words import _

log = structlog.get_logger(__name__)

# How long a press waits until everybody is asked; and when it is tried again where nobody could be reached.
_PATIENCE_SECONDS = 5
_PAUSE = timedelta(minutes=1)


class Approvals:
    """Asks those who may approve, and takes their decision."""

    def __init__(self, store: Store, people: People, telling: Telling, hold: timedelta) -> None:
        self._orders = store.orders
        self._cards = store.cards
        self._people = people
        self._telling = telling
        self._hold = hold
        self._asked: dict[str, asyncio.Event] = {}
        # Where nobody could be reached: when to try again.
        self._again: dict[str, datetime] = {}

    def others(self, asker: str) -> list[Chat]:
        """The own chats of everybody who may approve what this person asks for."""
        may = self._people.at_least(Role.APPROVER)
        keys = (key.partition(":") for key in may if not self._people.are_one(key, asker))
        return [Chat(platform, name) for platform, _colon, name in keys]

    async def ask(self, order: PaymentOrder) -> None:
        """Show it to everybody who may approve it and has not been shown it; say elsewhere how many were reached."""
        asked = self._asked.setdefault(order.id, asyncio.Event())
        self._again[order.id] = now() + _PAUSE
        others = self.others(order.sender)
        there = {card.chat.key for card in await self._cards.of(order.id)}
        new = [chat for chat in others if chat.key not in there]
        asked_before, asked_now = len(others) - len(new), await self._telling.announce(order, new)
        reached = asked_before + asked_now
        if reached:
            del self._again[order.id]
        say = log.info if reached else log.warning
        say("payment.approval", order=order.id, may=len(others), asked_before=asked_before, asked_now=asked_now)
        await self._telling.asked(order, reached, others)
        asked.set()

    async def asked(self, order_id: str) -> None:
        """Wait until everybody was asked: some seconds, for a chat may take its time."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._asked.setdefault(order_id, asyncio.Event()).wait()
        except TimeoutError:
            log.warning("payment.asking", order=order_id)

    async def ask_again(self) -> None:
        """Do so for what a stop may have left unasked, once after each start; and where nobody was reached."""
        waiting = await self._orders.in_state(OrderState.AWAITING)
        for ended in self._asked.keys() - {order.id for order in waiting}:
            del self._asked[ended]
            self._again.pop(ended, None)
        for order in waiting:
            if order.id not in self._asked or self._again.get(order.id, now()) < now():
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

    def are_one(self, one: str | None, other: str) -> bool:
        """Whether these accounts are one person's."""
        return one is not None and self._people.are_one(one, other)

    def accounts(self, key: str) -> list[str]:
        """Every account of the person with this one."""
        return list(self._people.person(key).names)

    async def _may(self, order_id: str, sender: Sender) -> PaymentOrder:
        order = await found(self._orders, order_id)
        if self._people.are_one(order.sender, sender.key):
            raise Forbidden(_("You have asked for this payment yourself: somebody else has to approve it."))
        return order

    async def _too_late(self, order_id: str) -> PaymentOrder:
        raise Late(decided(await found(self._orders, order_id)))
