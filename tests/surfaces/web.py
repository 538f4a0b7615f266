"""The web chat as a surface: what its page sends, and the events that its page hears."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.message import Sender
from bot.outlets import Outlet
from bot.platforms.web import WebChat
from bot.server import free_socket, serving
from bot.start.joining import joined
from sandbox import SandboxServer
from tests.stage import BRIEFLY, BRISKLY
from tests.surfaces.desk import PAYER, Card, Desk, Look, Where, plain

PEOPLE = ("admin", "approver", "cashier", "colleague", "viewer", "stranger")
TOKEN = "sesame"
_SECONDS = 10
_ROOMS = {Where.OWN: "private", Where.TEAM: "team"}

Event = dict[str, Any]


class Entry(Card):
    """A card on somebody's page."""

    def __init__(self, event: Event) -> None:
        self.id: str = event["id"]
        self.room: str = event["room"]
        self.aside: bool = event["aside"]
        self._looks: list[Look] = []

    @property
    def looks(self) -> list[Look]:
        """As the page has drawn it."""
        return self._looks


class Page:
    """Somebody's open page: what its stream of events has brought."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.drawn: list[Entry] = []
        self.done: set[str] = set()
        self.ready = False

    def hear(self, event: Event) -> None:
        """Take in what happened."""
        if event["kind"] == "entry" and "card" in event:
            entry = self.entries.setdefault(event["id"], Entry(event))
            entry.looks.append(_look(event["card"]))
            self.drawn.append(entry)
        elif event["kind"] == "job" and event["done"]:
            self.done.add(event["key"])
        self.ready |= event["kind"] == "ready"


class WebDesk(Desk):
    """The page's server on a port of its own, and a page for everybody who has said something."""

    platform = "web"
    bot_name = "casier"
    back, onward = "previous page", "next page"

    def __init__(self, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> None:
        super().__init__(sandbox, folder, chosen)
        self._stack = AsyncExitStack()
        self._pages: dict[str, Page] = {}
        self._reading: list[asyncio.Task[None]] = []
        self._keys = itertools.count(1)
        self._news = asyncio.Event()

    def key_of(self, who: str) -> str:
        """Named as the page names people."""
        return f"web:{who}"

    def name_of(self, who: str) -> str:
        """A name with marks in it."""
        return f"{who.capitalize()} <&>"

    async def start(self) -> None:
        """Serve the page; its people open it anew."""
        outlets: dict[str, Outlet] = {}
        self.app = await self._stack.enter_async_context(joined(self.settings, outlets, BRISKLY, BRIEFLY))
        listener = self._stack.enter_context(free_socket("127.0.0.1", 0))
        port = listener.getsockname()[1]
        people = [Sender("web", who, self.name_of(who)) for who in PEOPLE]
        outlets["web"] = page = WebChat(self._serve, people, TOKEN, port, self.app.menu)
        await self._stack.enter_async_context(serving(page.app, listener))
        self._stack.push_async_callback(page.close)
        self._stack.push_async_callback(self.app.services.desk.close)
        await self._come_in(f"http://127.0.0.1:{port}")

    async def stop(self) -> None:
        """End the page's server, and with it every page."""
        await self._stack.aclose()
        self._pages.clear()

    async def tell(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> None:
        """Send a text."""
        await self._page(who)
        await self._send(who, text, where)

    async def say(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> Card:
        """Send a text; the card that was drawn last before the page was told that the bot is done."""
        page = await self._page(who)
        before = len(page.drawn)
        return await self._answer(page, before, await self._send(who, text, where))

    async def touch(self, card: Card, label: str, who: str = PAYER) -> None:
        """Send a press."""
        await self._page(who)
        await self._press(card, label, who)

    async def press(self, card: Card, label: str, who: str = PAYER) -> Card:
        """Send a press; the card that was drawn last."""
        page = await self._page(who)
        before = len(page.drawn)
        return await self._answer(page, before, await self._press(card, label, who))

    def cards(self, who: str = PAYER, where: Where = Where.OWN) -> list[Card]:
        """The cards on somebody's page."""
        entries = self._pages[who].entries.values() if who in self._pages else ()
        return [entry for entry in entries if entry.room == _ROOMS[where]]

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for what the pages hear."""
        async with asyncio.timeout(_SECONDS):
            while not happened():
                self._news.clear()
                await self._news.wait()

    async def later(self) -> None:
        """The same, and everybody looks."""
        await super().later()
        for who in PEOPLE:
            await self._page(who)

    async def _come_in(self, address: str) -> None:
        self._client = httpx.AsyncClient(base_url=address, trust_env=False, timeout=httpx.Timeout(5, read=None))
        await self._stack.enter_async_context(self._client)
        self._stack.push_async_callback(self._close_pages)
        await self._client.get("/", params={"token": TOKEN})
        self._client.headers["origin"] = address

    async def _close_pages(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        self._reading.clear()

    async def _page(self, who: str) -> Page:
        if who not in self._pages:
            page = self._pages[who] = Page()
            self._reading.append(asyncio.create_task(self._read(who, page)))
            await self.until(lambda: page.ready)
        return self._pages[who]

    async def _read(self, who: str, page: Page) -> None:
        async with self._client.stream("GET", "/events", params={"person": who}) as response:
            assert response.status_code == 200
            async for event in _events(response):
                page.hear(event)
                self._news.set()

    async def _answer(self, page: Page, before: int, key: str) -> Card:
        await self.until(lambda: key in page.done)
        return page.drawn[before:][-1]

    async def _press(self, card: Card, label: str, who: str) -> str:
        assert isinstance(card, Entry)
        where = Where.TEAM if card.room == "team" else Where.OWN
        return await self._send(who, card.carries(label), where, card=card.id)

    async def _send(self, who: str, text: str, where: Where, **more: str) -> str:
        key = f"key-{next(self._keys)}"
        said = {"person": who, "chat": _ROOMS[where], "text": text, "key": key, **more}
        answer = await self._client.post("/say", json=said)
        assert answer.status_code == 202, answer.text
        return key


@asynccontextmanager
async def on_the_web(sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> AsyncIterator[Desk]:
    """The page that the demo serves, looked at without a browser."""
    desk = WebDesk(sandbox, folder, chosen)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop()


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _colon, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield {"kind": fields["event"], **json.loads(fields["data"])}
            fields = {}


def _look(card: Event) -> Look:
    table = card["table"] or {"page": 1, "pages": 1}
    page = f"{table['page']}/{table['pages']}" if table["pages"] > 1 else ""
    buttons = {plain(label): command for command, label in card["labels"].items()}
    return Look(tuple(filter(None, _lines(card))), buttons, page)


def _lines(card: Event) -> Iterator[str]:
    yield plain(card["title"])
    yield card["status"]["word"] if card["status"] else ""
    yield from plain(card["text"]).splitlines()
    yield from (plain(f"{fact['label']}: {fact['value']}") for fact in card["facts"])
    for row in card["table"]["rows"] if card["table"] else ():
        yield " · ".join(plain(cell) for cell in row["cells"] if cell)
    yield from map(plain, [*card["warnings"], *card["notes"]])
