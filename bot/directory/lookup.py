"""Looks things up as people name them: `cl-001`, `INV1`, `2024/1`, or nearly right."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from itertools import islice

from bot.arguments import plain, said
from bot.billing import Billing, Customer, CustomerDetail, Invoice, InvoiceSummary
from bot.directory.meant import Meant
from bot.directory.spelling import id_likeness, name_likeness, nearest
from bot.refusals import NotFound, Unknown
from bot.reply import Button
from bot.spelling import bare
from bot.words import _

_OWN_ID = re.compile(r"(?i)inv-?\d+")
_MOST_CUSTOMERS = 300
_AT_ONCE = 4
_MOST_MEANT = 8
_MOST_NAMES = 50_000


class Directory:
    """What we know of customers and invoices beyond one answer: names seen, and invoices by their customers' ids.

    `meant` knows what is nearly called so, once everything was read; until then billing is asked. `asked` is told of
    whom somebody has asked for.
    """

    def __init__(self, billing: Billing, meant: Meant, asked: Callable[[str | None], None]) -> None:
        self._billing = billing
        self._meant = meant
        self._asked = asked
        self._names: dict[str, str] = {}

    def name_of(self, customer_id: str | None) -> str | None:
        """The customer's name, if it was seen since the start."""
        return self._names.get(customer_id or "")

    async def name(self, customer_id: str | None) -> str | None:
        """The customer's name as it is now; None where billing has none."""
        if not customer_id:
            return None
        try:
            self._remember(await self._billing.customer(customer_id))
        except NotFound:
            return None
        return self.name_of(customer_id)

    async def customers(self) -> AsyncIterator[Customer]:
        """All customers, remembering their names."""
        async for customer in self._billing.customers():
            self._remember(customer)
            yield customer

    async def invoices_of(self, word: str) -> AsyncIterator[InvoiceSummary]:
        """The invoices of the customer of this id, however its letters are written."""
        for spelling in dict.fromkeys((word, word.upper())):
            try:
                async for summary in self._billing.invoices_of(spelling):
                    yield summary
            except NotFound:
                continue
            return
        raise await self._no_customer(word)

    async def customer(self, word: str) -> CustomerDetail:
        """The customer of this id, however its letters are written; `Unknown` with up to three that were meant."""
        for spelling in dict.fromkeys((word, word.upper())):
            try:
                found = await self._billing.customer(spelling)
            except NotFound:
                continue
            self._remember(found)
            self._asked(found.id)
            return found
        raise await self._no_customer(word)

    async def _no_customer(self, word: str) -> Unknown:
        """The refusal for a customer that isn't there."""
        meant = await self._meant.customers(word)
        near: list[tuple[str, str | None]] = [(each.id, each.name) for each in meant or ()]
        if meant is None:
            by_id, by_name = id_likeness(word), name_likeness(word)
            scored = [(max(by_id(each.id), by_name(each.name or "")), each.id) async for each in self.customers()]
            near = [(each, self.name_of(each)) for each in nearest(scored)]
        found = (Button(f"{name or ''} ({each})".strip(), said("customer", each)) for each, name in near)
        return Unknown(_("There is no customer {id}.").format(id=word), buttons=tuple(found))

    async def invoice(self, word: str) -> Invoice:
        """The invoice of this number, or of its customer's id for it; `Unknown` with up to three that were meant."""
        for spelling in dict.fromkeys((word, word.upper())):
            try:
                found = await self._billing.invoice(spelling)
            except NotFound:
                continue
            self._asked(found.customer_id)
            return found
        if _OWN_ID.fullmatch(word):
            return await self._by_own_id(word)
        raise await self._no_invoice(word)

    async def number_of(self, word: str) -> str:
        """The number of the invoice that is called so; billing is asked only where the word is no number."""
        return (await self.invoice(word)).number if _OWN_ID.fullmatch(word) else word

    async def _by_own_id(self, word: str) -> Invoice:
        numbers = await self._numbers_of(word)
        if len(numbers) == 1:
            return await self._billing.invoice(numbers[0])
        if not numbers:
            raise Unknown(_("There is no invoice {number}.").format(number=word))
        raise Unknown(
            _("Several customers have an invoice {id}. Which one do you mean?").format(id=word),
            buttons=tuple(Button(number, said("invoice", number)) for number in numbers[:_MOST_MEANT]),
        )

    async def _numbers_of(self, word: str) -> list[str]:
        """The index knows; until then every customer is asked, the API has no other way."""
        known = await self._meant.called_by_its_customer(word)
        if known is not None:
            return known
        ids = [customer.id async for customer in self.customers()]
        if len(ids) > _MOST_CUSTOMERS:
            raise Unknown(
                _("{id} is a customer's own id of an invoice: open the customer and choose it there.").format(id=word),
                buttons=(Button(_("Customers"), "/customers"),),
            )
        found: list[str] = []
        waiting = iter(ids)
        while some := list(islice(waiting, _AT_ONCE)):
            for summaries in await asyncio.gather(*(self._summaries(each) for each in some)):
                found += [each.number for each in summaries if (each.id or "").casefold() == word.casefold()]
        return found

    async def _summaries(self, customer_id: str) -> list[InvoiceSummary]:
        return [summary async for summary in self._billing.invoices_of(customer_id)]

    async def _no_invoice(self, word: str) -> Unknown:
        meant = await self._meant.invoices(word)
        return Unknown(
            _("There is no invoice {number}.").format(number=word),
            buttons=tuple(
                Button(number, said("invoice", number))
                for number in (await self._meant_by_billing(word) if meant is None else meant)
            ),
        )

    async def _meant_by_billing(self, word: str) -> list[str]:
        """Numbers that payments name are all the API lets us see of invoices without asking every customer."""
        likeness = id_likeness(word)
        near: set[tuple[float, str]] = {
            (likeness(each.invoice), each.invoice) async for each in self._billing.payments() if each.invoice
        }
        return nearest(near | {(1, number) for number in await self._respelled(word)})

    async def _respelled(self, word: str) -> list[str]:
        """`2024/1` and `2024001` may mean `2024-001`: look whether that exists."""
        match = re.fullmatch(r"(\d{4})\D?0*(\d{1,4})", word)
        meant = f"{match[1]}-{match[2]:0>3}" if match else word
        if meant == word:
            return []
        try:
            return [(await self._billing.invoice(meant)).number]
        except NotFound:
            return []

    def _remember(self, customer: Customer) -> None:
        if customer.name:
            self._names[customer.id] = customer.name
            if len(self._names) > _MOST_NAMES:
                del self._names[next(iter(self._names))]


def matches(customer: Customer, text: str) -> bool:
    """Whether every word of the text is in the customer's name, id or e-mail, whatever the accents and dashes."""
    about = bare(plain(" ".join(filter(None, (customer.id, customer.name, customer.email)))))
    return all(word in about for word in bare(plain(text)).split())
