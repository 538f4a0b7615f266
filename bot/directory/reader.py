"""Asks billing for the invoices of one customer, or for one invoice, and writes down what it says."""

from contextlib import aclosing, suppress

import structlog
from aiolimiter import AsyncLimiter

from bot.billing import Billing, InvoiceSummary
from bot.dates import now
from bot.directory.readings import as_read, as_told
from bot.refusals import NotFound
from bot.store import Store, Taken

log = structlog.get_logger(__name__)

_MOST_NAMED = 5


class IndexReader:
    """One request at a time, and no more than so many a second; 0: as fast as it goes."""

    def __init__(self, billing: Billing, store: Store, requests_per_second: float) -> None:
        self._billing = billing
        self._index = store.index
        self._turns = store.turns
        self._limit = AsyncLimiter(1, 1 / requests_per_second) if requests_per_second else None

    async def turn(self) -> None:
        """Wait until the next request may be sent."""
        if self._limit:
            await self._limit.acquire()

    async def read(self, customer: Taken) -> None:
        """The invoices of a customer; one who is not there has none."""
        await self.turn()
        at, invoices, etag = now(), list[InvoiceSummary](), None
        with suppress(NotFound):
            async with aclosing(self._billing.invoices_unless(customer.id, customer.etag)) as parts:
                async for part in parts:
                    if part.unchanged:
                        await self._index.unchanged(customer.id, at)
                        return
                    invoices += part.entries
                    etag = part.etag
        known = await self._index.invoices_of(customer.id)
        read = [as_read(each, customer.id, known.get(each.number), at) for each in invoices]
        if left_out := await self._index.put(customer.id, read, at, etag):
            log.warning(
                "directory.unreadable", customer=customer.id, invoices=left_out[:_MOST_NAMED], count=len(left_out)
            )

    async def tell(self, number: str) -> None:
        """Ask for one invoice: only so billing tells its due date, its balance, and whose it is."""
        await self.turn()
        at, known = now(), await self._index.invoice(number)
        try:
            told = as_told(await self._billing.invoice(number), known, at)
        except NotFound:
            told = None
        if told is None or not await self._index.put_invoice(told):
            await self._turns.cannot_tell(number, at)
        elif known is None:
            await self._turns.want([told.customer], at)
