"""A Bot API server that is as strict as Telegram's documentation, and fails on demand."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from aiohttp import web

from tests.telegram.screen import Fields, Screen, UnparsableError, each_button, rows, spoken, units

TOKEN = "7000:strict-token-AAAA"
BOT = {"id": 7000, "is_bot": True, "first_name": "Casier", "username": "casier_bot"}

_LIMITS = {"text": 4096, "caption": 1024}
_DELIVERIES = 40


class No(Exception):  # noqa: N818 - an answer
    """Telegram's refusal."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.body: Fields = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class Reset(Exception):  # noqa: N818 - an event
    """The connection is cut; `after`: when the work was done."""

    def __init__(self, *, after: bool = False) -> None:
        super().__init__()
        self.after = after


class Slow(Exception):  # noqa: N818 - an event
    """The answer comes so many seconds later."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class StrictTelegram:
    """Telegram on loopback. `faults` are what the next calls of a method meet instead of success."""

    token = TOKEN

    def __init__(self) -> None:
        self.screen = Screen()
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.closed: set[int] = set()
        self.unknown: set[int] = set()
        self.moved: dict[int, int] = {}
        self.menus: dict[str, list[Fields]] = {}
        self.webhook: Fields = {}
        self.refused: list[tuple[str, str]] = []
        self.offsets: list[int] = []
        self.garbled = 0
        self.deliveries: list[int] = []
        self.url = ""
        self._updates: list[Fields] = []
        self._news = asyncio.Event()
        self._fetch = 0
        self._last_update = 100
        self._last_message = 1000
        self._delivering: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StrictTelegram"]:
        """Serve on a free port."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/bot{token}/{method}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await asyncio.gather(*self._delivering, return_exceptions=True)
            await runner.cleanup()

    async def push(self, update: Fields) -> None:
        """Something happens."""
        self._last_update += 1
        update = {"update_id": self._last_update, **update}
        if self.webhook:
            task = asyncio.create_task(self._deliver(update))
            self._delivering.add(task)
            task.add_done_callback(self._delivering.discard)
            return
        self._updates.append(update)
        self._news.set()

    async def _deliver(self, update: Fields) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        async with aiohttp.ClientSession() as session:
            for _try in range(_DELIVERIES):
                with suppress(aiohttp.ClientConnectionError):
                    async with session.post(self.webhook["url"], json=update, headers=headers) as answer:
                        self.deliveries.append(answer.status)
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        try:
            result = await self._performed(request, method)
        except No as no:
            self.refused.append((method, str(no)))
            self.screen.changed.set()
            return web.json_response(no.body, status=no.status)
        except Reset:
            self.screen.changed.set()
            assert request.transport
            request.transport.abort()
            raise web.HTTPBadGateway from None
        if self.garbled:
            self.garbled -= 1
            return web.Response(text="<html>")
        return web.json_response({"ok": True, "result": result})

    async def _performed(self, request: web.Request, method: str) -> Any:  # noqa: ANN401
        if request.match_info["token"] != self.token:
            raise No(401, "Unauthorized")
        fields = await read_fields(request)
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        elif fault and not (isinstance(fault, Reset) and fault.after):
            raise fault
        result = await self._result(method, fields)
        self.screen.note(method, fields, result)
        if isinstance(fault, Reset):
            raise fault
        return result

    async def _result(self, method: str, fields: Fields) -> Any:  # noqa: ANN401, C901, PLR0911 - a switch
        if method == "getMe":
            return BOT
        if method == "getUpdates":
            return await self._get_updates(fields)
        if method in ("setWebhook", "deleteWebhook"):
            self.webhook = fields if fields.get("url") else {}
            return True
        if method == "getWebhookInfo":
            return {"url": "", "pending_update_count": len(self._updates), **self.webhook}
        if method in ("getMyCommands", "setMyCommands"):
            return self._menu(method, fields)
        if "chat_id" in fields:
            self._check_chat(int(fields["chat_id"]))
        if method == "getChat":
            return {"id": fields["chat_id"]}
        if method in ("sendMessage", "sendPhoto", "sendDocument"):
            return self._send(fields)
        if method in ("editMessageText", "editMessageReplyMarkup"):
            return self._edit(method, fields)
        if method in ("deleteMessage", "answerCallbackQuery", "answerInlineQuery", "sendChatAction"):
            return self._small(method, fields)
        raise No(404, "Not Found")

    async def _get_updates(self, fields: Fields) -> list[Fields]:
        if self.webhook:
            raise No(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        offset = fields.get("offset", 0)
        self.offsets.append(offset)
        # Who fetches ends the fetch of whoever was before: updates come to only one.
        self._fetch += 1
        fetch = self._fetch
        self._news.set()
        self._updates = [each for each in self._updates if each["update_id"] >= offset]
        try:
            async with asyncio.timeout(fields["timeout"]):
                while not self._updates:
                    self._news.clear()
                    await self._news.wait()
                    if fetch != self._fetch:
                        raise No(409, "Conflict: terminated by other getUpdates request")
        except TimeoutError:
            pass
        wanted = fields.get("allowed_updates", ["message"])
        return [each for each in self._updates if any(kind in each for kind in wanted)][: fields.get("limit", 100)]

    def _menu(self, method: str, fields: Fields) -> Any:  # noqa: ANN401
        scope = fields["scope"]
        if "chat_id" in scope:
            self._check_chat(scope["chat_id"])
        place = f"{scope['type']} {scope.get('chat_id', '')} {fields.get('language_code', '')}"
        if method == "getMyCommands":
            return self.menus.get(place, [])
        for each in fields["commands"]:
            if not 1 <= len(each["description"]) <= 256 or len(each["command"]) > 32:
                raise No(400, "Bad Request: BOT_COMMAND_INVALID")
        self.menus[place] = fields["commands"]
        return True

    def _check_chat(self, chat: int) -> None:
        if chat in self.closed:
            raise No(403, "Forbidden: bot was blocked by the user")
        if chat in self.unknown:
            raise No(400, "Bad Request: chat not found")
        if chat in self.moved:
            moved = "Bad Request: group chat was upgraded to a supergroup chat"
            raise No(400, moved, migrate_to_chat_id=self.moved[chat])

    def _send(self, fields: Fields) -> Fields:
        self._check(fields)
        self._last_message += 1
        return {"message_id": self._last_message, "chat": {"id": fields["chat_id"]}, "date": 1}

    def _edit(self, method: str, fields: Fields) -> Fields:
        card = self.screen.cards.get((int(fields["chat_id"]), int(fields["message_id"])))
        if card is None:
            raise No(400, "Bad Request: message to edit not found")
        if method == "editMessageText":
            if card.file:
                raise No(400, "Bad Request: there is no text in the message to edit")
            self._check(fields)
            same = spoken(fields) == card.looks[-1] and rows(fields) == card.rows
        else:
            same = rows(fields) == card.rows
        if same:
            raise No(400, "Bad Request: message is not modified: specified new message content is exactly the same")
        return {"message_id": card.id, "chat": {"id": card.chat}, "date": 1}

    def _check(self, fields: Fields) -> None:
        check_text(fields)
        check_keyboard(fields)
        if fields.get("reply_parameters") and not fields["reply_parameters"]["allow_sending_without_reply"]:
            raise No(400, "Bad Request: message to be replied not found")

    def _small(self, method: str, fields: Fields) -> bool:
        if method == "answerCallbackQuery" and len(fields.get("text", "")) > 200:
            raise No(400, "Bad Request: MESSAGE_TOO_LONG")
        if method == "answerInlineQuery":
            for result in fields["results"]:
                assert 1 <= len(result["id"].encode()) <= 64
                check_text({"text": result["input_message_content"]["message_text"], "parse_mode": "HTML"})
                check_keyboard(result)
        return True


def check_text(fields: Fields) -> None:
    """Refuse what can't be parsed, what is empty, and what is too long once it is parsed."""
    try:
        text = spoken(fields)
    except UnparsableError as error:
        raise No(400, f"Bad Request: can't parse entities: {str(error).partition(': ')[2]}") from None
    kind = "text" if "text" in fields else "caption"
    if kind == "text" and not text.strip("\u200b\u200c\u200d\u2060\ufeff \n\t"):
        raise No(400, "Bad Request: message text is empty")
    if units(text) > _LIMITS[kind]:
        raise No(400, "Bad Request: message is too long")


def check_keyboard(fields: Fields) -> None:
    """Refuse what is no keyboard."""
    buttons = list(each_button(fields))
    if len(buttons) > 100 or any(not 1 <= len(row) <= 8 for row in rows(fields)):
        raise No(400, "Bad Request: too many buttons")
    for button in buttons:
        if not button["text"].strip():
            raise No(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if "url" not in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            raise No(400, "Bad Request: BUTTON_DATA_INVALID")
        if "url" in button and not button["url"].startswith("https://t.me/"):
            raise No(400, "Bad Request: BUTTON_URL_INVALID")


async def read_fields(request: web.Request) -> Fields:
    """The fields of a request: JSON, or a form with a file."""
    if request.content_type == "application/json":
        fields: Fields = await request.json()
        return fields
    form = await request.post()
    read = {name: _field(value) for name, value in form.items()}
    files = [value.filename for value in form.values() if isinstance(value, web.FileField)]
    return read | {"file": files[0]}


def _field(value: object) -> Any:  # noqa: ANN401
    if not isinstance(value, str) or value[:1] not in "{[0123456789-tf":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
