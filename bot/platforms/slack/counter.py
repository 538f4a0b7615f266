"""What forms and the home need of the App: what is said of a payment so far, what is wrong with it, answers to show."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.access import Role
from bot.app import App
from bot.arguments import plain, said
from bot.billing import Invoice
from bot.cards import pending_list
from bot.conventions import Conventions
from bot.message import Message, Sender
from bot.money import TwoReadingsError, spell_amount
from bot.platforms.slack.suggestions import Suggestions
from bot.refusals import Ambiguous, Misused, Refusal
from bot.reply import Reply
from bot.store import OrderState, PaymentOrder
from bot.words import _, speaking

_PAY = "pay"
_PATIENCE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a payment that somebody wants to record, each as it would be typed."""

    customer: str = ""
    invoice: str = ""
    amount: str = ""
    method: str = ""
    reference: str = ""

    @property
    def command(self) -> str:
        """The same, said."""
        return said(_PAY, self.invoice, self.amount, self.method, self.reference)


class Counter:
    """Asks the App, in its language."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._services = app.services
        self.suggestions = Suggestions(app.services)

    @property
    def conventions(self) -> Conventions:
        """How amounts are written, and which methods there are."""
        return self._services.conventions

    def role_of(self, sender: Sender) -> Role:
        """What somebody may do."""
        return self._services.people.role_of(sender)

    def may_pay(self, sender: Sender) -> bool:
        """Whether this is somebody who may record payments."""
        return self.role_of(sender) >= Role.CASHIER

    def begun(self, text: str) -> Wanted | None:
        """What `/pay …` leaves open; None where it is something else, complete, or wrong: the App says so."""
        name, _space, rest = plain(text).removeprefix("/").partition(" ")
        command = self._services.router.find(name)
        if command is None or command.name != _PAY or not text.startswith("/"):
            return None
        if not rest.strip():
            return Wanted()
        try:
            values = command.read(rest, self.conventions)
        except (Misused, Ambiguous):
            return None
        return None if "method" in values else self._wanted(values)

    async def invoice(self, number: str) -> tuple[Invoice, str]:
        """An invoice, and whose it is; a `Refusal` where it can't be had."""
        with speaking(self.conventions.language):
            found = await self._services.directory.invoice(number)
            name = await self._services.directory.name(found.customer_id)
            return found, f"{name} ({found.customer_id})" if name else str(found.customer_id or "")

    def rest_of(self, invoice: Invoice) -> str:
        """What is left to pay, as it would be typed; nothing where nothing is."""
        left = invoice.balance or Decimal(0)
        return spell_amount(left, self.conventions.currency) if left > 0 else ""

    async def faults(self, wanted: Wanted) -> Mapping[str, str]:
        """What is wrong with a form, by its field; nothing where it can be said as it is."""
        with speaking(self.conventions.language):
            found = dict(self._unreadable(wanted))
            if "invoice" not in found:
                try:
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        await self._services.directory.invoice(wanted.invoice)
                except Refusal as refusal:
                    found["invoice"] = refusal.text
                except TimeoutError:
                    pass
            return found

    async def waiting_for(self, sender: Sender) -> Reply:
        """What waits for this person: payments to approve, or to settle."""
        role, orders = self.role_of(sender), await self._services.desk.pending()
        with speaking(self.conventions.language):
            return pending_list([each for each in orders if self._waits(each, sender, role)], self.conventions)

    async def answer(self, message: Message) -> Reply:
        """The App's last word to a message."""
        replies: AsyncIterator[Reply] = self._app.answer(message)
        return [reply async for reply in replies][-1]

    def _wanted(self, values: Mapping[str, Any]) -> Wanted:
        amount = values.get("amount")
        spelled = spell_amount(amount, self.conventions.currency) if amount is not None else ""
        return Wanted(invoice=values.get("invoice", ""), amount=spelled)

    def _unreadable(self, wanted: Wanted) -> list[tuple[str, str]]:
        """The handler's signature says how each field is read."""
        command = self._services.router.find(_PAY)
        found: list[tuple[str, str]] = []
        for parameter in command.parameters if command else ():
            word = getattr(wanted, parameter.name)
            try:
                if word:
                    parameter.argument.read(word, self.conventions)
                elif parameter.name != "reference":
                    found.append((parameter.name, _("Please fill this in.")))
            except TwoReadingsError as error:
                both = _(" or ").join(spell_amount(each, self.conventions.currency) for each in error.readings)
                found.append((parameter.name, _("This can be read in two ways: write {both}.").format(both=both)))
            except ValueError as error:
                found.append((parameter.name, str(error)))
        return found

    def _waits(self, order: PaymentOrder, sender: Sender, role: Role) -> bool:
        if order.state is OrderState.AWAITING:
            return role >= Role.APPROVER and not self._services.people.are_one(order.sender, sender.key)
        return order.state is OrderState.UNKNOWN and role is Role.ADMIN
