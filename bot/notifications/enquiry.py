"""What a payment's notice says beyond billing's list: whose the invoice is, and what is left on it."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.billing import Billing, Invoice
from bot.dates import now
from bot.directory import Directory
from bot.refusals import BillingRefusal, NotFound
from bot.store import PaymentEvent

_PATIENCE_SECONDS = 3
_FRESH = timedelta(seconds=30)
_MOST = 512


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a payment's invoice; None where billing doesn't say, or not now."""

    customer: str | None = None
    customer_name: str | None = None
    left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    at: datetime
    answer: "asyncio.Task[Invoice | BillingRefusal | None]"


class Enquiry:
    """Asks for an invoice once, however many chats want to know, and never for one as it was before the payment."""

    def __init__(self, billing: Billing, directory: Directory) -> None:
        self._billing = billing
        self._directory = directory
        self._asked: OrderedDict[str, _Asked] = OrderedDict()

    async def customer(self, event: PaymentEvent) -> str | None:
        """Whose invoice it is; a `BillingRefusal` where billing can't say now."""
        invoice = await self._invoice(event)
        return str(invoice.customer_id) if invoice and invoice.customer_id else None

    async def facts(self, event: PaymentEvent) -> Facts:
        """What can be found out soon; a notice doesn't wait for more."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                invoice = await self._invoice(event)
        except (BillingRefusal, TimeoutError):
            return Facts()
        if invoice is None:
            return Facts()
        customer = invoice.customer_id and str(invoice.customer_id)
        return Facts(customer, await self._name(customer), invoice.balance)

    async def close(self) -> None:
        """Nobody wants to know any more."""
        answers = [asked.answer for asked in self._asked.values()]
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)

    async def _name(self, customer: str | None) -> str | None:
        known = self._directory.name_of(customer)
        if known:
            return known
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._directory.name(customer)
        except (BillingRefusal, TimeoutError):
            return None

    async def _invoice(self, event: PaymentEvent) -> Invoice | None:
        asked = self._asked.get(event.invoice)
        if asked is None or asked.at < max(event.seen_at, now() - _FRESH):
            asked = _Asked(now(), asyncio.create_task(self._answer(event.invoice)))
            self._asked[event.invoice] = asked
            self._asked.move_to_end(event.invoice)
            if len(self._asked) > _MOST:
                self._asked.popitem(last=False)
        answer = await asyncio.shield(asked.answer)
        if isinstance(answer, BillingRefusal):
            self._asked.pop(event.invoice, None)
            raise answer
        return answer

    async def _answer(self, number: str) -> Invoice | BillingRefusal | None:
        try:
            return await self._billing.invoice(number)
        except NotFound:
            return None
        except BillingRefusal as refusal:
            return refusal
