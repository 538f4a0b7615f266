"""What the API's answers mean: a status and a body become a value, or the refusal that says it best."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn, TypeVar

import httpx
import msgspec
import structlog

from bot.billing.listing import NotAListError
from bot.billing.mending import UNREADABLE, mended
from bot.billing.models import Recorded, decoder
from bot.refusals import BillingRefusal, Busy, KeyRefused, Nonsense, NotAnswering, NotFound, Rejected
from bot.wire import NotHttpError, TooLargeError, WireError
from bot.words import _

T = TypeVar("T")

log = structlog.get_logger(__name__)

LARGEST_BODY = 8 * 1024 * 1024
_LONGEST_WORDS = 500
_REFUSED = {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}


class UnavailableError(Exception):
    """The API can't answer now: worth another try. `after`: seconds that it asked us to wait."""

    def __init__(self, status: int, after: float | None = None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.after = after


class UnprovenError(Exception):
    """The answer to a payment proves nothing."""


class _Message(msgspec.Struct):
    message: str


_RECORDED, _MESSAGE = decoder(Recorded), decoder(_Message)


async def whole(answer: httpx.Response) -> bytes:
    """The whole body, unless it is too large for one object."""
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > LARGEST_BODY:
            raise _too_large()
    return bytes(body)


def decoded(body: bytes, decode: Callable[[bytes | bytearray], T]) -> T:
    """The body as the value that it should be."""
    try:
        return decode(mended(body))
    except UNREADABLE as error:
        raise Nonsense(str(error)) from None


async def refuse(answer: httpx.Response, secret: str) -> NoReturn:
    """Say what an answer other than 200 means for somebody who reads."""
    look_at(answer.status_code, answer.headers.get("retry-after"))
    raise refused(answer.status_code, await whole(answer), secret)


def look_at(status: int, after: str | None) -> None:
    """Raise what a status other than 200 says by itself; nothing where the body has a say in it."""
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise UnavailableError(status, seconds(after))
    if status < httpx.codes.BAD_REQUEST:
        raise Nonsense(_("status {status}").format(status=status))


def refused(status: int, body: bytes, secret: str) -> BillingRefusal:
    """What a refusal means for somebody who reads."""
    words = _words(body, secret)
    if words is None and status != httpx.codes.UNAUTHORIZED:
        return Nonsense(_("status {status}").format(status=status))
    return _refusal(status, words or "")


async def proof(answer: httpx.Response, secret: str) -> Recorded:
    """What a payment's answer proves: recorded, or a refusal (401, 404, 422) in readable words."""
    status = answer.status_code
    if status in {httpx.codes.OK, httpx.codes.CREATED}:
        return decoded(await whole(answer), _RECORDED.decode)
    if status in _REFUSED and (words := _words(await whole(answer), secret)):
        raise _refusal(status, words)
    raise UnprovenError(f"status {status}")


def _too_large() -> Nonsense:
    return Nonsense(_("more than {size} MB for one thing").format(size=LARGEST_BODY // 2**20))


def _refusal(status: int, words: str) -> BillingRefusal:
    if status == httpx.codes.UNAUTHORIZED:
        return KeyRefused()
    return NotFound(words) if status == httpx.codes.NOT_FOUND else Rejected(words)


def _words(body: bytes, secret: str) -> str | None:
    """The API's own words, if there are any; it may have repeated our key in them."""
    try:
        words = _MESSAGE.decode(mended(body)).message
    except UNREADABLE:
        return None
    return words.replace(secret, "…").strip()[:_LONGEST_WORDS] or None


def seconds(after: str | None) -> float | None:
    """How long `Retry-After` asks us to wait; it is seconds, or a day and time in the old mail format."""
    if not after:
        return None
    if after.isascii() and after.isdigit():
        return float(after)
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


@contextmanager
def in_our_words() -> Generator[None]:
    """Turn what went wrong while reading into a refusal."""
    try:
        yield
    except UnavailableError as error:
        log.warning("billing.unavailable", status=error.status)
        refusal = Busy() if error.status == httpx.codes.TOO_MANY_REQUESTS else NotAnswering(str(error))
        refusal.after = error.after
        raise refusal from error
    except TooLargeError as error:
        raise _too_large() from error
    except (httpx.RemoteProtocolError, NotHttpError, NotAListError) as error:
        log.warning("billing.nonsense", reason=str(error))
        raise Nonsense(str(error)) from error
    except (httpx.TransportError, WireError, TimeoutError) as error:
        log.warning("billing.unavailable", reason=str(error) or type(error).__name__)
        raise NotAnswering(str(error) or _("not in time")) from error
