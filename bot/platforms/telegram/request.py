"""Requests to the Bot API over aiohttp: kept-alive connections, and no address (it holds the token) in an error."""

import os
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.reply import File

# python-telegram-bot warns on every 429 that `retry_after` will be a timedelta, unless it already may be one.
os.environ.setdefault("PTB_TIMEDELTA", "true")


def _plain(value: object) -> str:
    """A number of billing's is a kind of text."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError


_encoder = msgspec.json.Encoder(enc_hook=_plain)


class Fields(RequestData):  # type: ignore[misc] # final on paper; the library would encode every field twice
    """The fields of one request, and the file that goes with them in the field `part`."""

    __slots__ = ("_fields", "_file", "_json", "_part")

    def __init__(self, fields: Mapping[str, object], part: str = "", file: File | None = None) -> None:
        super().__init__()
        self._fields = fields
        self._part = part
        self._file = file
        self._json = _encoder.encode(fields)

    @property
    def body(self) -> bytes | aiohttp.FormData:
        """JSON; a form (a new one each time: it can be sent once) where a file is sent."""
        return self._form(self._file) if self._file else self._json

    def _form(self, file: File) -> aiohttp.FormData:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in self._fields.items():
            form.add_field(name, value if isinstance(value, str) else _encoder.encode(value).decode())
        form.add_field(self._part, file.content, filename=file.name, content_type=file.media_type)
        return form


class AiohttpRequest(BaseRequest):
    """What python-telegram-bot sends its requests through. `seconds`: how long an answer may take."""

    def __init__(self, seconds: float, connections: int = 100) -> None:
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 5))
        self._connections = connections
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may take."""
        return self._timeout.total

    async def initialize(self) -> None:
        """Open a session; connections follow as they are needed."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=75),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            # Answers are too short to be worth packing.
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
            headers={"Accept-Encoding": "identity"},
        )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session:
            await self._session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. What can't be read is a fault on the way: some proxy's page, or half an answer."""
        try:
            read: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
        except msgspec.DecodeError:
            raise NetworkError("The answer is no JSON") from None
        return read

    async def do_request(  # the other timeouts are the session's here
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        *_timeouts: object,
        **_more_timeouts: object,
    ) -> tuple[int, bytes]:
        """Send one request and read its answer."""
        if self._session is None:
            raise NetworkError("The line is closed")
        body = request_data.body if isinstance(request_data, Fields) else None
        headers = {"Content-Type": "application/json"} if isinstance(body, bytes) else None
        timeout = aiohttp.ClientTimeout(total=read_timeout) if isinstance(read_timeout, float) else self._timeout
        try:
            async with self._session.request(
                method, self._url(url), data=body, headers=headers, timeout=timeout
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError:
            raise TimedOut("No answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"Cut ({type(error).__name__})") from None

    def _url(self, url: str) -> URL:
        if url not in self._urls:
            self._urls[url] = URL(url, encoded=True)
        return self._urls[url]
