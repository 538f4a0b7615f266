"""The stand-in Bot API: what a bot asks for is answered at once, updates are held until they are fetched or pushed."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from benchmarks.wire import Lines, Respond, answer, question

TOKEN = "123456:benchmark"  # noqa: S105 - opens nothing
SECRET = "benchmark-secret-of-ours"  # noqa: S105 - the same

_METHOD = re.compile(rb"POST /bot[^/]+/(\w+) ")
_JSON = re.compile(rb"\r\ncontent-type: *application/json", re.IGNORECASE)
_ME = {"id": 123456, "is_bot": True, "first_name": "Casier", "username": "casier_bot"}
_SKILLS = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
_PLAIN: dict[bytes, Any] = {
    b"getMe": _ME | _SKILLS,
    b"getMyCommands": [],
    b"getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}
_MOST_AT_ONCE = 100
# Telegram's own default for `max_connections`.
_MOST_LINES = 40
_AGAIN_SECONDS = 0.02
_OK = 200

Fields = dict[str, Any]
Sent = Callable[[Fields], None]


class Telegram:
    """Gives updates to one bot, by whichever way it wants them, and tells `sent` what it sends."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self._held: deque[tuple[int, bytes]] = deque()
        self._fetching: Respond | None = None
        self._hook: Hook | None = None
        self._message = 0

    def give(self, number: int, update: bytes) -> None:
        """Something happened; `number` is its update_id."""
        if self._hook:
            self._hook.push(update)
            return
        self._held.append((number, update))
        self._feed()

    def forget(self) -> None:
        """The bot has ended: the next one begins with nothing."""
        if self._hook:
            self._hook.close()
        self._held.clear()
        self._fetching = self._hook = None

    def handle(self, head: bytes, body: bytes, respond: Respond) -> None:
        """Answer one request."""
        called = _METHOD.match(head)
        if called is None:
            respond(answer(b'{"ok":false,"error_code":404,"description":"Not Found"}', b"404 Not Found"))
        elif called[1] == b"sendMessage":
            respond(self._show(_fields(head, body)))
        elif called[1] == b"getUpdates":
            self._fetch(_fields(head, body), respond)
        else:
            if called[1] == b"setWebhook":
                self._set_hook(_fields(head, body))
            respond(_good(_PLAIN.get(called[1], True)))

    def _show(self, fields: Fields) -> bytes:
        self._sent(fields)
        self._message += 1
        chat = {"id": int(fields["chat_id"]), "type": "private", "first_name": "Ioana", "username": "ioana"}
        shown = {"message_id": self._message, "from": _ME, "chat": chat, "date": 1_750_000_000, "text": fields["text"]}
        return _good(shown)

    def _fetch(self, fields: Fields, respond: Respond) -> None:
        offset = int(fields.get("offset") or 0)
        while self._held and self._held[0][0] < offset:
            self._held.popleft()
        if int(fields.get("timeout") or 0) == 0:
            respond(_good([]))
            return
        self._fetching = respond
        self._feed()

    def _feed(self) -> None:
        if self._fetching and self._held:
            some = [update for _number, update in list(self._held)[:_MOST_AT_ONCE]]
            self._fetching(answer(b'{"ok":true,"result":[%b]}' % b",".join(some)))
            self._fetching = None

    def _set_hook(self, fields: Fields) -> None:
        url = urlsplit(str(fields["url"]))
        self._hook = Hook(url.hostname or "", url.port or 80, url.path.encode(), str(fields["secret_token"]))
        for _number, update in self._held:
            self._hook.push(update)
        self._held.clear()


class Hook:
    """Posts updates to the bot, each until it is accepted, over no more connections than Telegram opens."""

    def __init__(self, host: str, port: int, path: bytes, secret: str) -> None:
        self._lines = Lines(host, port)
        self._path = path
        self._host = host.encode()
        self._headers = b"X-Telegram-Bot-Api-Secret-Token: %b\r\n" % secret.encode()
        self._waiting: deque[bytes] = deque()
        self._posting: set[asyncio.Task[None]] = set()

    def push(self, update: bytes) -> None:
        """Post an update, when a connection is free."""
        self._waiting.append(question(b"POST", self._path, self._host, self._headers, update))
        if len(self._posting) < _MOST_LINES:
            posting = asyncio.create_task(self._post())
            self._posting.add(posting)
            posting.add_done_callback(self._posting.discard)

    def close(self) -> None:
        """Post nothing more."""
        for posting in self._posting:
            posting.cancel()
        self._lines.close()

    async def _post(self) -> None:
        while self._waiting:
            whole = self._waiting.popleft()
            if not await self._accepted(whole):
                self._waiting.appendleft(whole)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _accepted(self, whole: bytes) -> bool:
        with suppress(OSError):
            status, _body = await self._lines.ask(whole)
            return status == _OK
        return False


def _fields(head: bytes, body: bytes) -> Fields:
    """What was sent along, as JSON or as a form."""
    if _JSON.search(head):
        return msgspec.json.decode(body, type=dict[str, Any])
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _good(result: object) -> bytes:
    return answer(msgspec.json.encode({"ok": True, "result": result}))
