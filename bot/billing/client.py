"""The billing API's six questions, one method each.

Reading may be tried again, paying never. Every failure is a refusal written for the reader, but for the two that only
the payments' own logic can judge: `NotSentError` and `OutcomeUnknownError`.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn, TypeVar
from urllib.parse import quote

import httpx
import msgspec
import stamina
import structlog
from pydantic import SecretStr

from bot.billing.listing import ListReader, NotAListError
from bot.billing.models import Customer, CustomerDetail, Invoice, InvoiceSummary, NewPayment, Payment, Recorded, decoder
from bot.billing.transport import AiohttpTransport
from bot.refusals import BillingRefusal, Busy, KeyRefused, Nonsense, NotAnswering, NotFound, Rejected
from bot.words import _

T = TypeVar("T")

log = structlog.get_logger(__name__)

_LARGEST_BODY = 8 * 1024 * 1024
_LONGEST_WORDS = 500
_ATTEMPTS = 4


class NotSentError(Exception):
    """The payment never left: there was no connection. Nothing is in the books."""


class OutcomeUnknownError(Exception):
    """The payment left, and no answer proves what became of it. It must not be sent again."""


class _UnavailableError(Exception):
    """The API can't answer now: worth another try. `after`: seconds that it asked us to wait."""

    def __init__(self, status: int, after: float | None = None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.after = after


class _Message(msgspec.Struct):
    message: str


class _Invoices(msgspec.Struct):
    invoices: list[msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True)
class BillingOptions:
    """Where the API is, its key, how many requests at a time, and the deadlines in seconds.

    `deadline_seconds` is for one whole answer, further tries included; a list that keeps coming may take
    `list_seconds`.
    """

    url: str
    key: SecretStr
    requests: int = 8
    connect_seconds: float = 3
    read_seconds: float = 10
    deadline_seconds: float = 20
    list_seconds: float = 120


class Billing:
    """The billing API. Reading shares connections; every payment has a fresh one."""

    def __init__(self, options: BillingOptions) -> None:
        self._options = options
        self._again = stamina.AsyncRetryingCaller(
            attempts=_ATTEMPTS,
            timeout=options.deadline_seconds,
            wait_initial=0.1,
            wait_max=2,
            wait_jitter=0.2,
        ).on(self._worth_another_try)
        self._places = asyncio.Semaphore(options.requests)
        self._reading = self._client(AiohttpTransport(limit=options.requests))
        self._paying = self._client(AiohttpTransport(fresh=True))

    async def close(self) -> None:
        """Close every connection."""
        await self._reading.aclose()
        await self._paying.aclose()

    def customers(self) -> AsyncIterator[Customer]:
        """All customers, in no promised order."""
        return self._list("/customers", Customer)

    async def customer(self, customer_id: str) -> CustomerDetail:
        """One customer with its invoices."""
        body = await self._get(f"/customers/{_segment(customer_id)}")
        found, invoices = _decoded(body, _CUSTOMER.decode), _decoded(body, _ITS_INVOICES.decode).invoices or []
        readable = tuple(summary for summary in map(_summary, invoices) if summary)
        if len(readable) < len(invoices):
            log.warning("billing.unreadable", list="invoices", entries=len(invoices) - len(readable))
        return CustomerDetail(**msgspec.structs.asdict(found), invoices=readable)

    def invoices_of(self, customer_id: str) -> AsyncIterator[InvoiceSummary]:
        """The invoices of one customer."""
        return self._list(f"/customers/{_segment(customer_id)}/invoices", InvoiceSummary)

    async def invoice(self, number: str) -> Invoice:
        """One invoice by its number."""
        return _decoded(await self._get(f"/invoices/{_segment(number)}"), _INVOICE.decode)

    def payments(self) -> AsyncIterator[Payment]:
        """All payments, in no promised order."""
        return self._list("/payments", Payment)

    async def record(self, payment: NewPayment) -> Recorded:
        """Send one payment, once.

        Raises a `BillingRefusal` where the API refused it (401, 404, 422), `NotSentError` where it never left, and
        `OutcomeUnknownError` for everything else that is not proof.
        """
        request = self._paying.build_request(
            "POST",
            "/payments",
            content=_EXACT.encode(payment),
            headers={"content-type": "application/json"},
        )
        try:
            async with asyncio.timeout(self._options.deadline_seconds):
                answer = await self._paying.send(request, stream=True)
                return _proof(answer.status_code, await _whole(answer))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSentError(str(error)) from error
        except (httpx.HTTPError, TimeoutError, Nonsense) as error:
            raise OutcomeUnknownError(str(error) or type(error).__name__) from error

    def _client(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        options = self._options
        return httpx.AsyncClient(
            transport=transport,
            base_url=options.url,
            headers={"x-api-key": options.key.get_secret_value(), "accept": "application/json"},
            timeout=httpx.Timeout(options.read_seconds, connect=options.connect_seconds),
            follow_redirects=False,
            trust_env=False,
        )

    async def _get(self, path: str) -> bytes:
        with _in_our_words():
            async with asyncio.timeout(self._options.deadline_seconds):
                return await self._again(self._body, path)

    async def _body(self, path: str) -> bytes:
        async with self._opened(path) as answer:
            return await _whole(answer)

    async def _list(self, path: str, kind: type[T]) -> AsyncIterator[T]:
        with _in_our_words():
            batch, batches = await self._again(self._begun, path, kind)
            async with aclosing(batches):
                while batch:
                    for entry in batch:
                        yield entry
                    batch = await anext(batches, [])

    async def _begun(self, path: str, kind: type[T]) -> tuple[list[T], AsyncGenerator[list[T]]]:
        batches = self._batches(path, kind)
        return await anext(batches), batches

    async def _batches(self, path: str, kind: type[T]) -> AsyncGenerator[list[T]]:
        """The list in windows. A short one comes in one piece, so that it can be asked for again if it is cut."""
        reader = ListReader(kind)
        loop = asyncio.get_running_loop()
        late = loop.time() + self._options.list_seconds
        async with self._opened(path) as answer:
            async for piece in answer.aiter_bytes():
                if loop.time() > late:
                    raise TimeoutError(f"the list took over {self._options.list_seconds:g} s")
                if batch := reader.feed(piece):
                    yield batch
        last = reader.finish()
        if reader.unreadable:
            log.warning("billing.unreadable", list=path, entries=reader.unreadable)
        yield last

    def _worth_another_try(self, error: Exception) -> bool | float:
        if isinstance(error, _UnavailableError):
            after = error.after
            return True if after is None else after < self._options.deadline_seconds and after
        return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.ReadTimeout)

    @asynccontextmanager
    async def _opened(self, path: str) -> AsyncIterator[httpx.Response]:
        async with self._places:
            request = self._reading.build_request("GET", path)
            answer = await self._reading.send(request, stream=True)
            try:
                if answer.status_code != httpx.codes.OK:
                    await _refuse(answer)
                yield answer
            finally:
                await answer.aclose()


_EXACT = msgspec.json.Encoder(decimal_format="number")
_CUSTOMER, _ITS_INVOICES, _SUMMARY = decoder(Customer), decoder(_Invoices), decoder(InvoiceSummary)
_INVOICE, _RECORDED, _MESSAGE = decoder(Invoice), decoder(Recorded), decoder(_Message)


def _segment(word: str) -> str:
    return quote(word, safe="")


def _summary(raw: msgspec.Raw) -> InvoiceSummary | None:
    try:
        return _SUMMARY.decode(raw)
    except msgspec.DecodeError:
        return None


def _decoded(body: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(body)
    except msgspec.DecodeError as error:
        raise Nonsense(str(error)) from None


async def _whole(answer: httpx.Response) -> bytes:
    """The whole body, unless it is too large for one object."""
    body = bytearray()
    try:
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > _LARGEST_BODY:
                raise Nonsense(_("more than {size} MB for one thing").format(size=_LARGEST_BODY // 2**20))
    finally:
        await answer.aclose()
    return bytes(body)


async def _refuse(answer: httpx.Response) -> NoReturn:
    """Say what an answer other than 200 means for somebody who reads."""
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _UnavailableError(status, _seconds(answer.headers.get("retry-after")))
    if status < httpx.codes.BAD_REQUEST:
        raise Nonsense(f"status {status}")
    raise _refusal(status, await _whole(answer))


def _proof(status: int, body: bytes) -> Recorded:
    """What a payment's answer proves: recorded, or refused. Anything else raises `OutcomeUnknownError`."""
    if status in {httpx.codes.OK, httpx.codes.CREATED}:
        return _decoded(body, _RECORDED.decode)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}:
        raise _refusal(status, body)
    raise OutcomeUnknownError(f"status {status}")


def _refusal(status: int, body: bytes) -> BillingRefusal:
    words = _words(body)
    if status == httpx.codes.UNAUTHORIZED:
        return KeyRefused()
    if words is None:
        return Nonsense(f"status {status}")
    return NotFound(words) if status == httpx.codes.NOT_FOUND else Rejected(words)


def _words(body: bytes) -> str | None:
    try:
        return _MESSAGE.decode(body).message[:_LONGEST_WORDS]
    except msgspec.DecodeError:
        return None


def _seconds(after: str | None) -> float | None:
    """How long `Retry-After` asks us to wait; it is seconds, or a day and time in the old mail format."""
    if not after:
        return None
    if after.isascii() and after.isdigit():
        return float(after)
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


@contextmanager
def _in_our_words() -> Generator[None]:
    try:
        yield
    except BillingRefusal:
        raise
    except _UnavailableError as error:
        log.warning("billing.unavailable", status=error.status)
        raise (Busy() if error.status == httpx.codes.TOO_MANY_REQUESTS else NotAnswering(str(error))) from error
    except (httpx.TransportError, TimeoutError) as error:
        log.warning("billing.unavailable", reason=str(error))
        raise NotAnswering(str(error) or _("not in time")) from error
    except (httpx.DecodingError, NotAListError) as error:
        log.warning("billing.nonsense", reason=str(error))
        raise Nonsense(str(error)) from error
