"""The billing API's six questions, one method each.

Reading may be tried again, paying never. Every failure is a refusal written for the reader, but for the two that only
the payments' own logic can judge: `NotSentError` and `OutcomeUnknownError`.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib import import_module
from urllib.parse import quote

import httpx
import msgspec
import structlog

from bot.billing.answers import decoded, proof
from bot.billing.front import Mark, Window
from bot.billing.mending import UNREADABLE, mended
from bot.billing.models import Customer, CustomerDetail, Invoice, InvoiceSummary, NewPayment, Payment, Recorded, decoder
from bot.billing.options import BillingOptions
from bot.billing.reading import Part, Reading, client, transport
from bot.refusals import KeyRefused, NotFound, Rejected

__all__ = ["Billing", "BillingOptions", "NotSentError", "OutcomeUnknownError"]

log = structlog.get_logger(__name__)

_LONGEST_ID = 200
_NOBODYS = "casier-knocks"


class NotSentError(Exception):
    """The payment never left: there was no connection. Nothing is in the books."""


class OutcomeUnknownError(Exception):
    """The payment left, and no answer proves what became of it. It must not be sent again."""


class _Invoices(msgspec.Struct):
    invoices: list[msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """How long the API took to answer, and its clock (with a zone) if it tells."""

    milliseconds: float
    clock: datetime | None


class Billing:
    """The billing API. Reading shares connections; every payment has a fresh one."""

    def __init__(self, options: BillingOptions) -> None:
        self._options = options
        self._places = asyncio.Semaphore(options.requests)
        self._reading = Reading(options, self._places)
        self._secret = options.key.get_secret_value()
        self._headers = {**options.headers, "content-type": "application/json", "connection": "close"}
        self._closed = False

    async def close(self) -> None:
        """Close every connection; nothing is sent any more."""
        self._closed = True
        await self._reading.close()
        if "_paying" in vars(self):
            await self._paying.aclose()

    def prepare(self) -> None:
        """Load what lists and payments go over, so that the first of them need not wait for it."""
        for late in ("bot.billing.transport", "stamina"):
            import_module(late)

    async def knock(self) -> Knock:
        """Ask for what is not there: whether we are answered, and our key is taken."""
        started = time.perf_counter()
        date = await self._reading.clock(f"/invoices/{_NOBODYS}")
        return Knock(round((time.perf_counter() - started) * 1000, 1), _moment(date))

    async def show_itself(self) -> Knock:
        """Knock, and begin to read the list of customers, which must be there: `NotFound` where it isn't."""
        knock = await self.knock()
        async with aclosing(self.customers()) as customers:
            await anext(customers, None)
        return knock

    def customers(self) -> AsyncGenerator[Customer]:
        """All customers, in no promised order."""
        return self._reading.entries("/customers", Customer)

    async def customer(self, customer_id: str) -> CustomerDetail:
        """One customer with its invoices."""
        body = await self._reading.one(f"/customers/{_segment(customer_id)}")
        found, invoices = decoded(body, _CUSTOMER.decode), decoded(body, _ITS_INVOICES.decode).invoices or []
        readable = tuple(summary for summary in map(_summary, invoices) if summary)
        if len(readable) < len(invoices):
            log.warning("billing.unreadable", list="invoices", entries=len(invoices) - len(readable))
        return CustomerDetail(**msgspec.structs.asdict(found), invoices=readable)

    def invoices_of(self, customer_id: str) -> AsyncGenerator[InvoiceSummary]:
        """The invoices of one customer."""
        return self._reading.entries(f"/customers/{_segment(customer_id)}/invoices", InvoiceSummary)

    def customers_unless(self, etag: str | None) -> AsyncGenerator[Part[Customer]]:
        """All customers in parts, unless nothing has changed since the list had this ETag."""
        return self._reading.parts("/customers", Customer, etag)

    def invoices_unless(self, customer_id: str, etag: str | None) -> AsyncGenerator[Part[InvoiceSummary]]:
        """The invoices of one customer in parts, unless nothing has changed since."""
        return self._reading.parts(f"/customers/{_segment(customer_id)}/invoices", InvoiceSummary, etag)

    async def invoice(self, number: str) -> Invoice:
        """One invoice by its number."""
        return decoded(await self._reading.one(f"/invoices/{_segment(number)}"), _INVOICE.decode)

    def payments(self) -> AsyncGenerator[Payment]:
        """All payments, in no promised order."""
        return self._reading.entries("/payments", Payment)

    def payments_since(self, mark: Mark | None) -> AsyncGenerator[Window]:
        """The payments but for those that are as the mark knows them, in windows; the last one has the new mark."""
        return self._reading.since("/payments", mark)

    async def record(self, payment: NewPayment) -> Recorded:
        """Send one payment, once.

        Raises a `BillingRefusal` where the API refused it (401, 404, 422), `NotSentError` where it never left, and
        `OutcomeUnknownError` for everything else that is not proof.
        """
        content = _EXACT.encode(payment)
        request = httpx.Request("POST", f"{self._options.base}/payments", content=content, headers=self._headers)
        late = asyncio.get_running_loop().time() + self._options.deadline_seconds
        async with self._place():
            try:
                async with asyncio.timeout_at(late):
                    return await self._sent(request)
            except (KeyRefused, NotFound, Rejected):
                raise
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise NotSentError(str(error)) from error
            except Exception as error:
                raise OutcomeUnknownError(str(error) or type(error).__name__) from error

    @cached_property
    def _paying(self) -> httpx.AsyncClient:
        """Made with the first payment, and never once all is closed."""
        if self._closed:
            raise RuntimeError("closed")
        return client(transport(self._options, fresh=True))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places for requests, if there is one soon."""
        try:
            async with asyncio.timeout(self._options.patience):
                await self._places.acquire()
        except TimeoutError:
            raise NotSentError("too many requests at a time") from None
        try:
            yield
        finally:
            self._places.release()

    async def _sent(self, request: httpx.Request) -> Recorded:
        answer = await self._paying.send(request, stream=True)
        try:
            return await proof(answer, self._secret)
        finally:
            await answer.aclose()


_EXACT = msgspec.json.Encoder(decimal_format="number")
_CUSTOMER, _ITS_INVOICES, _SUMMARY = decoder(Customer), decoder(_Invoices), decoder(InvoiceSummary)
_INVOICE = decoder(Invoice)


def _segment(word: str) -> str:
    """An id as one part of a path. Where a server might take it for a way to elsewhere, there is no such thing."""
    if not word or len(word) > _LONGEST_ID or {".", ".."} & set(re.split(r"[/\\]", word)):
        raise NotFound
    try:
        return quote(word, safe="")
    except UnicodeEncodeError:
        raise NotFound from None


def _summary(raw: msgspec.Raw) -> InvoiceSummary | None:
    try:
        return _SUMMARY.decode(mended(bytes(raw)))
    except UNREADABLE:
        return None


def _moment(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date) if date else None
    except (ValueError, TypeError):
        return None
