"""Reads the list of customers into the index: who is new, who differs, who is gone."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime

import structlog

from bot.billing import Billing, Customer, Part
from bot.dates import now
from bot.directory.readings import as_listed
from bot.store import CustomerIndex

log = structlog.get_logger(__name__)

# So many at a time are written, so that nobody waits long for the loop or for the database.
_SOME = 100
# Where more than this is gone at once, the list itself may be wrong: the next one has to say the same.
_MANY, _LARGE_PART = 10, 0.1
_SOON_SECONDS = 60.0


class CustomerList:
    """Knows the list by its ETag, if it has one."""

    def __init__(self, billing: Billing, index: CustomerIndex) -> None:
        self._billing = billing
        self._index = index
        self._trusts_etag = True
        self._doubted = False

    def forget_edition(self) -> None:
        """Read the whole list the next time, whatever its ETag says."""
        self._trusts_etag = False

    async def read(self) -> float:
        """Read it; how many seconds the next time should wait at least."""
        etag = (await self._index.edition())[0] if self._trusts_etag else None
        began = now()
        last: Part[Customer] = Part([])
        async with aclosing(self._billing.customers_unless(etag)) as parts:
            async for part in parts:
                await self._take(part.entries, began)
                last = part
        self._trusts_etag = True
        if last.unreadable:
            log.warning("directory.unreadable_customers", count=last.unreadable)
        elif not last.unchanged and not await self._forget(began):
            return _SOON_SECONDS
        await self._index.settle(began, last.etag)
        return 0

    async def _take(self, customers: Sequence[Customer], began: datetime) -> None:
        for start in range(0, len(customers), _SOME):
            await self._index.list_customers([as_listed(each) for each in customers[start : start + _SOME]], began)
            await asyncio.sleep(0)

    async def _forget(self, began: datetime) -> bool:
        """Let go of who is not listed any more; False where that is doubted for now."""
        gone, state = await self._index.unlisted(began), await self._index.state()
        if gone > max(_MANY, state.customers * _LARGE_PART) and not self._doubted:
            self._doubted = True
            log.warning("directory.list_doubted", customers=state.customers, missing=gone)
            return False
        self._doubted = False
        for _some in range(0, gone, _SOME):
            await self._index.forget(began, _SOME)
        return True
