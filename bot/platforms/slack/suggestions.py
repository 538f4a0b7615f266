"""What may be meant by what is typed into a form: from the index, and from billing where that holds nothing yet."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.arguments import looks_like_invoice
from bot.context import Services
from bot.directory import Found, Hit, matches, read_search
from bot.store import IndexedInvoice

_MOST = 20
_MOST_OWNERS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what it stands for, and what people read."""

    value: str
    label: str


class Suggestions:
    """The best ones first, a list's length at most."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._conventions = services.conventions

    async def customers(self, text: str) -> list[Choice]:
        """Customers that are called so."""
        found = await self._find(text)
        if not found.state.customers:
            return await self._listed(text, _MOST)
        return _first(Choice(hit.customer.id, _named(hit)) for hit in found.hits if hit.customer and not hit.invoice)

    async def invoices(self, text: str, customer: str) -> list[Choice]:
        """Invoices that are called so, or whose customers are; of one customer, where one is named."""
        typed = [Choice(text, text)] if looks_like_invoice(text) and not customer else []
        found = await self._find(text)
        if not found.state.customers:
            return _first([*typed, *await self._asked(text, customer)])
        hits = [
            self._choice(hit.invoice, hit)
            for hit in found.hits
            if hit.invoice and customer in ("", hit.invoice.customer)
        ]
        owners = [customer] if customer else [hit.customer.id for hit in found.hits if hit.customer and not hit.invoice]
        return _first([*hits, *typed, *[each for owner in owners[:_MOST_OWNERS] for each in await self._open(owner)]])

    async def _find(self, text: str) -> Found:
        today = self._conventions.today()
        return await self._services.search.find(read_search(text, today, self._conventions), today)

    async def _open(self, customer: str) -> list[Choice]:
        """What a customer has left to pay, the newest first."""
        invoices = (await self._services.store.index.invoices_of(customer)).values()
        newest = sorted(invoices, key=lambda each: (each.issued_at or "", each.number), reverse=True)
        return [self._choice(each) for each in newest if each.is_open]

    def _choice(self, invoice: IndexedInvoice, hit: Hit | None = None) -> Choice:
        owner = _named(hit) if hit and hit.customer else invoice.customer
        return Choice(invoice.number, f"{invoice.number} · {self._conventions.money(invoice.left)} · {owner}")

    async def _listed(self, text: str, most: int) -> list[Choice]:
        """From billing's own list, which is asked for as a whole."""
        found = [each async for each in self._services.directory.customers() if matches(each, text)]
        return [Choice(each.id, f"{each.name or '—'} ({each.id})") for each in found[:most]]

    async def _asked(self, text: str, customer: str) -> list[Choice]:
        """Invoices as billing tells them, customer by customer."""
        is_number = any(mark.isdigit() for mark in text)
        owners = [customer] if customer else []
        if not customer and not is_number:
            owners = [each.value for each in await self._listed(text, _MOST_OWNERS)]
        return [
            Choice(each.number, f"{each.number} · {self._conventions.money(each.amount)} · {each.status or '—'}")
            for owner in owners
            async for each in self._services.directory.invoices_of(owner)
            if owner != customer or text.casefold() in each.number.casefold()
        ]


def _named(hit: Hit) -> str:
    return f"{hit.customer.name or '—'} ({hit.customer.id})" if hit.customer else ""


def _first(found: Iterable[Choice]) -> list[Choice]:
    return list({each.value: each for each in reversed([*found])}.values())[::-1][:_MOST]
