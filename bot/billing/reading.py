"""Asks the API for what there is: a few requests at a time, each within its deadline, again where that may help."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx
import structlog

from bot.billing.answers import LARGEST_BODY, UnavailableError, in_our_words, look_at, refuse, refused
from bot.billing.front import FrontReader, Mark, Window
from bot.billing.listing import ListReader
from bot.billing.options import BillingOptions
from bot.refusals import NotFound
from bot.wire import Answer, CutError, Limits, Lines, NotConnectedError, head, question

if TYPE_CHECKING:
    import stamina

    from bot.billing.transport import AiohttpTransport

T = TypeVar("T")

log = structlog.get_logger(__name__)

_ATTEMPTS = 4
_FIRST_PAUSE = 0.1
_JITTER = 0.2
_LONGEST_ETAG = 1000
# There was no connection, or it ended too early.
_PASSING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, NotConnectedError, CutError)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some entries of a list. The last part says so; it has the list's ETag, and how many entries were unreadable.

    `unchanged`: the list is as it was when it had the ETag that was sent along, and has not come.
    """

    entries: list[T]
    is_last: bool = False
    etag: str | None = None
    unreadable: int = 0
    unchanged: bool = False


class Reading:
    """The GETs. They share connections, and leave one of the places to payments if there are two.

    Single objects come whole over the wire module's lines, lists as streams over aiohttp.
    """

    def __init__(self, options: BillingOptions, places: asyncio.Semaphore) -> None:
        self._options = options
        self._places = places
        self._own_places = asyncio.Semaphore(max(1, options.requests - 1))
        self._secret = options.key.get_secret_value()
        self._headers = list(options.headers.items())
        self._lines = Lines(options.base, _limits(options))
        self._root = urlsplit(options.base).path
        self._closed = False
        self._head = head({**options.headers, "accept-encoding": "identity"})

    async def close(self) -> None:
        """Close every connection; nothing is asked any more."""
        self._closed = True
        await self._lines.close()
        if "_transport" in vars(self):
            await self._transport.aclose()

    @cached_property
    def _transport(self) -> "AiohttpTransport":
        """Made with the first list."""
        if self._closed:
            raise httpx.ConnectError("closed")
        return transport(self._options)

    @cached_property
    def _again(self) -> "stamina.AsyncRetryingCaller":
        import stamina  # noqa: PLC0415 - slow to load, and most lookups go without

        return stamina.AsyncRetryingCaller(
            attempts=_ATTEMPTS,
            timeout=self._options.deadline_seconds,
            wait_initial=_FIRST_PAUSE,
            wait_max=2,
            wait_jitter=_JITTER,
        )

    async def one(self, path: str) -> bytes:
        """The body of one object."""
        late = asyncio.get_running_loop().time() + self._options.deadline_seconds
        with in_our_words():
            async with asyncio.timeout_at(late):
                return await self._one(path, partial(_worth_another_try, late))

    async def clock(self, path: str) -> str | None:
        """What time it is there, by an answer's `Date`; that there is nothing at this path is an answer, too."""
        with in_our_words():
            async with asyncio.timeout(self._options.deadline_seconds):
                answer = await self._answer(path)
                if answer.status != httpx.codes.OK:
                    with suppress(NotFound):
                        self._refuse(answer)
                return answer.header(b"date")

    async def entries(self, path: str, kind: type[T]) -> AsyncGenerator[T]:
        """The readable entries of a list, as they come. What is not read to its end is closed when it is dropped."""
        late = asyncio.get_running_loop().time() + self._options.list_seconds
        with in_our_words():
            batch, batches = await self._begun(path, kind, late)
            async with aclosing(batches):
                while batch:
                    for entry in batch:
                        yield entry
                    # A body that is here already is no reason to keep everybody else waiting.
                    await asyncio.sleep(0)
                    batch = await anext(batches, [])

    async def _one(self, path: str, again: Callable[[Exception], bool | float]) -> bytes:
        """The first try goes without stamina's machinery, which costs as much as a third of the request."""
        try:
            return await self._body(path)
        except Exception as error:
            after = again(error)
            if after is False:
                raise
        await asyncio.sleep(_FIRST_PAUSE if after is True else after)
        return await self._again(again, self._body, path)

    async def _body(self, path: str) -> bytes:
        async with self._own_places, self._places:
            answer = await self._answer(path)
        if answer.status != httpx.codes.OK:
            self._refuse(answer)
        return answer.body

    async def _answer(self, path: str) -> Answer:
        return await self._lines.ask(question("GET", self._root + path, self._head), again=True)

    def _refuse(self, answer: Answer) -> NoReturn:
        look_at(answer.status, answer.header(b"retry-after"))
        raise refused(answer.status, answer.body, self._secret)

    async def _begun(self, path: str, kind: type[T], late: float) -> tuple[list[T], AsyncGenerator[list[T]]]:
        """The first window: until it is here, a list has no more time than anything else, and is asked for again."""
        soon = min(late, asyncio.get_running_loop().time() + self._options.deadline_seconds)
        async with asyncio.timeout_at(soon):
            return await self._again(partial(_worth_another_try, soon), self._first, path, kind, late)

    async def _first(self, path: str, kind: type[T], late: float) -> tuple[list[T], AsyncGenerator[list[T]]]:
        batches = self._batches(path, kind, late)
        return await anext(batches), batches

    async def _batches(self, path: str, kind: type[T], late: float) -> AsyncGenerator[list[T]]:
        """The list in windows, none of them empty but the last."""
        reader = ListReader(kind)
        try:
            async with self._opened(path) as answer, aclosing(_pieces(answer, late)) as pieces:
                async for piece in pieces:
                    if batch := reader.feed(piece):
                        yield batch
            yield reader.finish()
        finally:
            if reader.unreadable:
                log.warning("billing.unreadable", list=path, entries=reader.unreadable)

    async def since(self, path: str, mark: Mark | None) -> AsyncGenerator[Window]:
        """The payments that the mark doesn't know, and the new mark at the end. One try: who watches comes again."""
        late = asyncio.get_running_loop().time() + self._options.watch_seconds
        with in_our_words():
            async with self._opened(path, mark.etag if mark else None) as answer:
                if mark and answer.status_code == httpx.codes.NOT_MODIFIED:
                    yield Window(mark=mark)
                    return
                front, newest = FrontReader(mark), Window()
                async for window in _windows(front, answer, late):
                    if window.sightings:
                        yield newest
                        newest = window
                # What is new is mostly in the last window: it can become known together with the mark.
                yield replace(newest, mark=front.mark(_etag(answer)), size=front.size)

    async def parts(self, path: str, kind: type[T], etag: str | None) -> AsyncGenerator[Part[T]]:
        """A list, unless it is as it was when it had this ETag. One try: who reads it in rounds comes again."""
        late = asyncio.get_running_loop().time() + self._options.watch_seconds
        reader = ListReader(kind)
        with in_our_words():
            async with self._opened(path, etag) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    yield Part([], is_last=True, etag=etag, unchanged=True)
                    return
                async with aclosing(_pieces(answer, late)) as pieces:
                    async for piece in pieces:
                        if batch := reader.feed(piece):
                            yield Part(batch)
                last = reader.finish()
                yield Part(last, is_last=True, etag=_etag(answer), unreadable=reader.unreadable)

    @asynccontextmanager
    async def _opened(self, path: str, etag: str | None = None) -> AsyncIterator[httpx.Response]:
        """A list's answer; with an ETag it may also be that nothing is new."""
        condition = [("if-none-match", etag)] if etag else []
        fine = {httpx.codes.OK, httpx.codes.NOT_MODIFIED} if etag else {httpx.codes.OK}
        async with self._own_places, self._places:
            answer = await self._transport.send("GET", self._options.base + path, [*self._headers, *condition])
            try:
                if answer.status_code not in fine:
                    await refuse(answer, self._secret)
                yield answer
            finally:
                await answer.aclose()


async def _windows(front: FrontReader, answer: httpx.Response, late: float) -> AsyncIterator[Window]:
    async for piece in answer.aiter_raw():
        # A server that says nothing any more is noticed by the connection; a clock a piece costs less.
        if asyncio.get_running_loop().time() > late:
            raise TimeoutError
        for window in front.feed(piece):
            yield window
    for window in front.finish():
        yield window


def transport(options: BillingOptions, *, fresh: bool = False) -> "AiohttpTransport":
    """What lists and payments go over; with `fresh`, every request has a connection of its own."""
    from bot.billing.transport import AiohttpTransport  # noqa: PLC0415 - slow to load, and most lookups go without

    return AiohttpTransport(connect_seconds=options.patience, read_seconds=options.read_seconds, fresh=fresh)


def _limits(options: BillingOptions) -> Limits:
    return Limits(
        connect=options.patience,
        silence=options.read_seconds,
        whole=options.deadline_seconds,
        connections=options.requests,
        body=LARGEST_BODY,
    )


def client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """An httpx client that adds nothing of its own: no redirects, no environment, no look for a user in each URL."""
    return httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False, auth=httpx.Auth())


def _etag(answer: httpx.Response) -> str | None:
    """The answer's ETag, if it is one that can be sent back."""
    etag = answer.headers.get("etag", "")
    return etag if 0 < len(etag) <= _LONGEST_ETAG and etag.isascii() and etag.isprintable() else None


async def _pieces(answer: httpx.Response, late: float) -> AsyncGenerator[bytes]:
    """The body as it comes; `TimeoutError` when it is late, though nothing should come any more."""
    pieces = answer.aiter_raw()
    while True:
        async with asyncio.timeout_at(late):
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield piece


def _worth_another_try(late: float, error: Exception) -> bool | float:
    """Whether to ask again before it is late; where the API said when, that is when, give or take a little."""
    if isinstance(error, UnavailableError):
        if error.after is None:
            return True
        after = error.after + random.uniform(0, _JITTER)  # noqa: S311 - so that not all come back at once
        return asyncio.get_running_loop().time() + after < late and after
    return isinstance(error, _PASSING)
