"""Requests to the Bot API over kept-alive connections, and no address (it holds the token) in an error."""

import math
import os
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.platforms.telegram.uploads import Uploads
from bot.reply import File
from bot.wire import LateError, Limits, Lines, WireError, head, question

# python-telegram-bot warns on every 429 that `retry_after` will be a timedelta, unless it already may be one.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_CONNECT_SECONDS = 5
_IDLE_SECONDS = 75
# A hundred updates, each as long as Telegram allows: what can't be fetched would come again and again.
_LARGEST_ANSWER = 64 * 1024 * 1024


def _plain(value: object) -> str:
    """A number of billing's is a kind of text."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError


_encoder = msgspec.json.Encoder(enc_hook=_plain)


class Fields(RequestData):  # type: ignore[misc] # final on paper; the library would encode every field twice
    """The fields of one request, and the file that goes with them in the field `part`. `body`: the fields as JSON."""

    __slots__ = ("_fields", "body", "file", "part")

    def __init__(self, fields: Mapping[str, object], part: str = "", file: File | None = None) -> None:
        super().__init__()
        self._fields = fields
        self.part = part
        self.file = file
        self.body = _encoder.encode(fields)

    @property
    def form(self) -> dict[str, str]:
        """The fields as a form has them: text as it is, all else as JSON."""
        return {
            name: value if isinstance(value, str) else _encoder.encode(value).decode()
            for name, value in self._fields.items()
        }


class WireRequest(BaseRequest):
    """What python-telegram-bot sends its requests through, all of them to the server at `root`.

    `seconds`: how long an answer may take. JSON goes over the wire module's lines, files over aiohttp.
    """

    def __init__(self, root: str, seconds: float, connections: int = 100) -> None:
        self._root = root
        self._head = head(_headers(root))
        self._limits = Limits(
            connect=min(seconds, _CONNECT_SECONDS),
            silence=math.inf,
            whole=seconds,
            idle=_IDLE_SECONDS,
            connections=connections,
            body=_LARGEST_ANSWER,
        )
        self._lines: Lines | None = None
        self._uploads = Uploads(seconds)

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may take."""
        return self._limits.whole

    async def initialize(self) -> None:
        """Let requests through; connections follow as they are needed."""
        self._lines = Lines(self._root, self._limits)

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._lines:
            await self._lines.close()
        await self._uploads.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. What can't be read is a fault on the way: some proxy's page, or half an answer."""
        try:
            read: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
        except msgspec.DecodeError:
            raise NetworkError("The answer is no JSON") from None
        return read

    async def do_request(  # the other timeouts are the lines' here
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        *_timeouts: object,
        **_more_timeouts: object,
    ) -> tuple[int, bytes]:
        """Send one request and read its answer."""
        if self._lines is None:
            raise NetworkError("The line is closed")
        fields = request_data if isinstance(request_data, Fields) else None
        if fields and fields.file:
            return await self._uploads.send(url, fields.form, fields.part, fields.file)
        asked = question(method, urlsplit(url).path, self._head, fields.body if fields else b"")
        try:
            answer = await self._lines.ask(asked, whole=read_timeout if isinstance(read_timeout, float) else None)
        except LateError:
            raise TimedOut("No answer in time") from None
        except WireError as error:
            raise NetworkError(str(error)) from None
        return answer.status, answer.body


def _headers(root: str) -> dict[str, str]:
    """What every request carries; answers are too short to be worth packing."""
    address = urlsplit(root)
    headers = {
        "host": address.netloc.rpartition("@")[2],
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
    }
    if address.username:
        # A server of one's own may stand behind a door of its own.
        known = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["authorization"] = f"Basic {b64encode(known.encode()).decode('ascii')}"
    return headers
