"""httpx's requests over aiohttp's connections: a fraction of the CPU, and faults told apart.

Paying depends on the difference between "never connected" (nothing was sent) and everything later.
"""

from collections.abc import AsyncIterator, Sequence

import aiohttp
import httpx
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from bot.words import _

Headers = Sequence[tuple[str, str]]

# Not for readers: aiohttp has unpacked the body already, and cookies would pile up in httpx's jar.
_SETTLED = {b"content-encoding", b"set-cookie"}
# What aiohttp and the system raise (a TimeoutError is an OSError). A host's name that can't be encoded is a
# UnicodeError, reading on after the session was closed a RuntimeError.
_FAULTS = (aiohttp.ClientError, OSError, UnicodeError, RuntimeError)


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends httpx's requests through an aiohttp session.

    With `fresh`, every request has a connection of its own: an idle one may have been closed by the server, and
    then nobody can tell whether the request arrived.
    """

    def __init__(self, *, connect_seconds: float, read_seconds: float, fresh: bool = False) -> None:
        # `connect` is for the name, the connection and TLS together; aiohttp's `sock_connect` leaves the name out.
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_seconds, sock_read=read_seconds)
        self._fresh = fresh
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the answer's body is read by whoever wants it."""
        headers = [(name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw]
        return await self.send(request.method, str(request.url), headers, request.content or None)

    async def send(self, method: str, url: str, headers: Headers, content: bytes | None = None) -> httpx.Response:
        """The same without a client of httpx's in between, whose work is not needed for a plain GET."""
        try:
            answer = await self._open().request(
                method, URL(url, encoded=True), headers=headers, data=content, allow_redirects=False
            )
        except _FAULTS as error:
            fault = _in_httpx_words(error)
        else:
            kept = [header for header in answer.raw_headers if header[0].lower() not in _SETTLED]
            return httpx.Response(answer.status, headers=kept, stream=_Body(answer))
        # Raised out here, because aiohttp's error would come along as the context, and its repr shows the key.
        raise fault

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # A session wants a running loop, and the client is built before there is one.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=self._fresh),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        fault: httpx.RequestError | None = None
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except _FAULTS as error:
            fault = _in_httpx_words(error)
        if fault:
            raise fault

    async def aclose(self) -> None:
        self._answer.close()


def _in_httpx_words(error: Exception) -> httpx.RequestError:
    """The order matters: many of aiohttp's errors are also `OSError`s."""
    name = type(error).__name__
    match error:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout(_("not connected in time"))
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL() | UnicodeError():
            return httpx.ConnectError(_("not connected ({why})").format(why=name))
        case TimeoutError():
            return httpx.ReadTimeout(_("no answer in time"))
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(_("no HTTP ({why})").format(why=name))
        case aiohttp.ClientPayloadError(__cause__=ContentEncodingError()):
            return httpx.RemoteProtocolError(_("packed wrongly"))
        case _:
            return httpx.ReadError(_("cut ({why})").format(why=name))
