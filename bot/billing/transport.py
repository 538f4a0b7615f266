"""httpx's requests over aiohttp's connections: a fraction of the CPU, and faults told apart.

Paying depends on the difference between "never connected" (nothing was sent) and everything later.
"""

import ssl
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends httpx's requests through an aiohttp session.

    With `fresh`, every request has a connection of its own: an idle one may have been closed by the server, and
    then nobody can tell whether the request arrived.
    """

    def __init__(self, *, fresh: bool = False, limit: int = 100) -> None:
        self._fresh = fresh
        self._limit = limit
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the answer's body is read by whoever wants it."""
        with _faults(request):
            answer = await self._open().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                timeout=_timeout(request),
                allow_redirects=False,
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(request, answer))

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # A session wants a running loop, and the client is built before there is one.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=self._fresh, limit=self._limit),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(self, request: httpx.Request, answer: aiohttp.ClientResponse) -> None:
        self._request = request
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _faults(self._request):
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._answer.close()


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    limits = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None,
        connect=None,
        sock_connect=limits.get("connect"),
        sock_read=limits.get("read"),
    )


@contextmanager
def _faults(request: httpx.Request) -> Generator[None]:
    """Say aiohttp's faults in httpx's words. The order matters: many of aiohttp's are also `OSError`s."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout("not connected in time", request=request) from error
    except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
        raise httpx.ConnectError(f"not connected ({type(error).__name__})", request=request) from error
    except (TimeoutError, aiohttp.ServerTimeoutError) as error:
        raise httpx.ReadTimeout("no answer in time", request=request) from error
    except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
        raise httpx.ReadError(f"cut ({type(error).__name__})", request=request) from error
