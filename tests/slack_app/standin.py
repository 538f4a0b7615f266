"""Slack on loopback: its Web API, its addresses to respond at, and whatever brings its events to an app."""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.platforms.slack.needs import SCOPES
from tests.slack_app.delivery import Deliveries
from tests.slack_app.judge import InvalidError, judge_message, judge_view
from tests.slack_app.screen import Fields, Screen, Shown

TOKEN = "xoxb-stand-in-token"
APP_TOKEN = "xapp-stand-in-token"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
BOT_USER = "U0CASIER"
BOT_ID = "B0CASIER"
TEAM = "T0TEAM"

# What a method asks for: https://docs.slack.dev/reference/methods
_NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.info": "channels:read",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "users.info": "users:read",
}

# Methods that take a form, and no JSON.
_FORMS = ("users.info", "conversations.info")
_USES = 5


class No(Exception):  # noqa: N818 - an answer
    """Slack's refusal."""


class TooMany(Exception):  # noqa: N818 - an answer
    """429, and after how many seconds to come again."""

    def __init__(self, seconds: int = 0) -> None:
        super().__init__()
        self.seconds = seconds


class Broken(Exception):  # noqa: N818 - an answer
    """A gateway's page instead of an answer."""

    def __init__(self, status: int = 502) -> None:
        super().__init__()
        self.status = status


class Reset(Exception):  # noqa: N818 - an event
    """The connection is cut."""


class StandInSlack:
    """A workspace. `faults`: what the next calls of a method meet (None: nothing)."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.deliveries = Deliveries(APP_TOKEN, SIGNING_SECRET)
        self.faults: dict[str, list[Exception | None]] = defaultdict(list)
        self.members: set[str] = set()
        self.people: dict[str, str] = {}
        self.scopes = ",".join(sorted(SCOPES))
        self.refused: list[tuple[str, str]] = []
        self.url = ""
        self.root = ""
        self.triggers: dict[str, float] = {}
        self._uses: dict[str, int] = {}
        self._readers: dict[str, tuple[str, str, str]] = {}
        self._uploads: dict[str, Fields] = {}
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StandInSlack"]:
        """Serve on a free port."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/api/{method}", self._called)
        app.router.add_post("/respond/{name}", self._responded)
        app.router.add_post("/upload/{name}", self._uploaded)
        app.router.add_get("/link", self.deliveries.connected)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.url = f"{self.root}/api/"
        self.deliveries.root = self.root.replace("http", "ws")
        try:
            yield self
        finally:
            await self.deliveries.close()
            await runner.cleanup()

    def ts(self) -> str:
        """A moment that nothing else has."""
        return f"1764000000.{next(self._numbers):06}"

    def trigger(self) -> str:
        """What opens a form, once, within three seconds."""
        name = f"trigger-{next(self._numbers)}"
        self.triggers[name] = time.monotonic() + 3
        return name

    def respond_url(self, channel: str, user: str, ts: str = "") -> str:
        """An address to respond at: for what this person said or pressed in this channel."""
        name = f"respond-{next(self._numbers)}"
        self._uses[name], self._readers[name] = _USES, (channel, user, ts)
        return f"{self.root}/respond/{name}"

    async def _called(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        return await self._safely(method, request, lambda fields: self._performed(request, method, fields))

    async def _safely(self, method: str, request: web.Request, perform: Callable[[Fields], Any]) -> web.Response:
        """Perform it, unless something else was to happen; in whichever way Slack says no."""
        fault = self.faults[method].pop(0) if self.faults[method] else None
        try:
            if fault:
                raise fault
            answer = {"ok": True, **perform(await _fields(request))}
        except TooMany as many:
            self.refused.append((method, "ratelimited"))
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=_later(many.seconds))
        except Broken as broken:
            return web.Response(text="<html>", status=broken.status, content_type="text/html")
        except Reset:
            assert request.transport
            request.transport.abort()
            raise web.HTTPBadGateway from None
        except (No, InvalidError) as no:
            code = "invalid_blocks" if isinstance(no, InvalidError) else str(no)
            self.refused.append((method, f"{code}: {no}" if isinstance(no, InvalidError) else code))
            answer = {"ok": False, "error": code}
        self.screen.changed.set()
        return web.json_response(answer, headers={"x-oauth-scopes": self.scopes})

    def _performed(self, request: web.Request, method: str, fields: Fields) -> Fields:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != (APP_TOKEN if method == "apps.connections.open" else TOKEN):
            raise No("invalid_auth")
        if method in _NEEDED and _NEEDED[method] not in self.scopes.split(","):
            raise No("missing_scope")
        if method in _FORMS and request.content_type == "application/json":
            raise No("invalid_arguments")
        perform = getattr(self, f"_{method.replace('.', '_').lower()}", None)
        if perform is None:
            raise No("unknown_method")
        result: Fields = perform(fields)
        self.screen.calls.append((method, fields))
        return result

    def _auth_test(self, _fields: Fields) -> Fields:
        return {"user_id": BOT_USER, "bot_id": BOT_ID, "user": "casier", "team_id": TEAM, "team": "Stand-in", "url": ""}

    def _apps_connections_open(self, _fields: Fields) -> Fields:
        return {"url": self.deliveries.ticket()}

    def _users_info(self, fields: Fields) -> Fields:
        if fields["user"] not in self.people:
            raise No("user_not_found")
        name = self.people[fields["user"]]
        return {"user": {"id": fields["user"], "profile": {"display_name": name, "real_name": name}}}

    def _conversations_open(self, fields: Fields) -> Fields:
        if fields["users"] not in self.people:
            raise No("user_not_found")
        return {"channel": {"id": own_channel(fields["users"])}}

    def _conversations_info(self, fields: Fields) -> Fields:
        if fields["channel"][0] not in "CG":
            raise No("channel_not_found")
        return {"channel": {"id": fields["channel"], "is_member": fields["channel"] in self.members}}

    def _chat_postmessage(self, fields: Fields) -> Fields:
        self._let_in(fields["channel"])
        judge_message(fields)
        ts = self.ts()
        card = Shown(fields["channel"], ts, [fields["blocks"]], fields.get("thread_ts"), text=fields["text"])
        self.screen.cards[card.channel, ts] = card
        return {"channel": card.channel, "ts": ts}

    def _chat_postephemeral(self, fields: Fields) -> Fields:
        self._let_in(fields["channel"])
        judge_message(fields)
        return {"message_ts": self._whispered(fields["channel"], fields["user"], fields)}

    def _chat_update(self, fields: Fields) -> Fields:
        judge_message(fields)
        card = self.screen.cards.get((fields["channel"], fields["ts"]))
        if card is None or card.reader:
            raise No("message_not_found")
        card.looks.append(fields["blocks"])
        return {"channel": card.channel, "ts": card.ts}

    def _views_open(self, fields: Fields) -> Fields:
        if time.monotonic() > self.triggers.pop(fields["trigger_id"], 0):
            raise No("expired_trigger_id")
        judge_view(fields["view"])
        view = {**fields["view"], "id": f"V{next(self._numbers)}", "hash": "1"}
        self.screen.modals.append(view)
        return {"view": view}

    def _views_update(self, fields: Fields) -> Fields:
        judge_view(fields["view"])
        old = next((each for each in self.screen.modals if each["id"] == fields["view_id"]), None)
        if old is None:
            raise No("not_found")
        old.update(fields["view"])
        return {"view": old}

    def _views_publish(self, fields: Fields) -> Fields:
        judge_view(fields["view"])
        self.screen.homes[fields["user_id"]] = fields["view"]["blocks"]
        return {"view": fields["view"]}

    def _files_getuploadurlexternal(self, fields: Fields) -> Fields:
        name = f"F{next(self._numbers)}"
        self._uploads[name] = {"name": fields["filename"], "length": int(fields["length"])}
        return {"file_id": name, "upload_url": f"{self.root}/upload/{name}"}

    def _files_completeuploadexternal(self, fields: Fields) -> Fields:
        files = fields["files"] if isinstance(fields["files"], list) else json.loads(fields["files"])
        for file in files:
            upload, ts = self._uploads[file["id"]], self.ts()
            if upload["length"] != upload["got"]:
                raise No("length_mismatch")
            card = Shown(fields["channel_id"], ts, [[]], fields.get("thread_ts"), file=upload["name"])
            self.screen.cards[card.channel, ts] = card
        return {"files": files}

    def _let_in(self, channel: str) -> None:
        own = channel.startswith("D") and channel in map(own_channel, self.people)
        if not own and channel not in self.members:
            raise No("not_in_channel" if channel.startswith("C") else "channel_not_found")

    def _whispered(self, channel: str, user: str, fields: Fields) -> str:
        ts = self.ts()
        card = Shown(channel, ts, [fields["blocks"]], fields.get("thread_ts"), user, text=fields["text"])
        self.screen.cards[channel, ts] = card
        return ts

    async def _responded(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        def respond(fields: Fields) -> Fields:
            if not self._uses.get(name):
                raise No("used_url")
            self._uses[name] -= 1
            channel, user, ts = self._readers[name]
            if fields.get("delete_original"):
                self.screen.cards.pop((channel, ts), None)
                return {}
            judge_message(fields)
            if fields.get("replace_original"):
                self.screen.cards[channel, ts].looks.append(fields["blocks"])
            elif fields.get("response_type") == "in_channel":
                shown = Shown(channel, self.ts(), [fields["blocks"]], text=fields["text"])
                self.screen.cards[channel, shown.ts] = shown
            else:
                self._whispered(channel, user, fields)
            self.screen.calls.append(("response_url", fields))
            return {}

        answer = await self._safely("response_url", request, respond)
        is_well = json.loads(answer.text or "{}").get("ok") if answer.content_type == "application/json" else True
        return answer if is_well or answer.status != 200 else web.Response(text="no", status=404)

    async def _uploaded(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._uploads[request.match_info["name"]]["got"] = len(body)
        return web.Response(text=f"OK - {len(body)}")


def own_channel(user: str) -> str:
    """The channel of the chat with one person."""
    return f"D{user[1:]}"


def _later(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


async def _fields(request: web.Request) -> Fields:
    if request.content_type == "application/json":
        fields: Fields = await request.json()
        return fields
    return {**request.query, **dict(await request.post())}
