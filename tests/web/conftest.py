"""A web chat on a free port of this machine, a bot that answers by a list, and a browser to look at it with."""

import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.message import Message, Sender
from bot.outlets import CardGoneError, Outlet
from bot.platforms.web import WebChat
from bot.reply import Reply
from bot.server import exact_socket, serving

TOKEN = "sesame/öffne dich"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nobody's who runs these tests, and without summer time.
ZONE = "Asia/Kathmandu"
MENU = [
    ("/start", "What this is and what it can do."),
    ("/invoice <invoice>", "Show one invoice."),
    ("/invoices [customer]", "List invoices, the oldest debt first."),
    ("/customers [words]", "Find customers."),
    ("/payments", "The last payments."),
    ("/pay <invoice> <amount> <card|cash|transfer> [reference]", "Record a payment on an invoice."),
    ("/help [command]", "What can be said, and how."),
]

Serve = Callable[[Message, Outlet], Awaitable[None]]
Start = Callable[..., AbstractAsyncContextManager[WebChat]]
Event = dict[str, Any]


@pytest.fixture
def people() -> list[Sender]:
    names = {
        "admin": "Ana Popescu",
        "approver": "Radu Ștefănescu",
        "cashier": "Ioana Mureșan-Câmpeanu",
        "viewer": "Vlad <b>_Bold*_</b>",
        "stranger": "Stranger",
    }
    return [Sender("web", person, name) for person, name in names.items()]


@pytest.fixture
def answers() -> dict[str, Reply]:
    """What the bot answers to a text; everything else is said back."""
    return {}


@pytest.fixture
def acts() -> dict[str, Serve]:
    """What the bot does on a text, where an answer isn't enough."""
    return {}


@pytest.fixture
def heard() -> list[Message]:
    """Everything that the bot was told."""
    return []


@pytest.fixture
def serve(answers: dict[str, Reply], acts: dict[str, Serve], heard: list[Message]) -> Serve:
    async def serve(message: Message, outlet: Outlet) -> None:
        heard.append(message)
        act = acts.get(message.text)
        if act:
            await act(message, outlet)
        else:
            await _show(answers.get(message.text, Reply(text=f"You said {message.text}")), message, outlet)

    return serve


async def _show(reply: Reply, message: Message, outlet: Outlet) -> None:
    if reply.in_place and message.card:
        try:
            await outlet.edit(message.card, reply)
        except CardGoneError:
            pass
        else:
            return
    await outlet.send(message.chat, reply, message)


@pytest.fixture
def start(people: list[Sender], serve: Serve) -> Start:
    """Run a web chat on a port for as long as the block lasts."""

    @asynccontextmanager
    async def start(port: int, token: str = TOKEN) -> AsyncIterator[WebChat]:
        web = WebChat(serve, people, token, port, lambda _person: MENU, ZONE)
        with exact_socket("127.0.0.1", port) as listener:
            async with serving(web.app, listener):
                try:
                    yield web
                finally:
                    await web.close()

    return start


@pytest.fixture
def port() -> int:
    return _free_port()


@pytest.fixture
def spare_port() -> int:
    """A port for a server that a test starts and stops by itself."""
    return _free_port()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest_asyncio.fixture(loop_scope="session")
async def running(start: Start, port: int) -> AsyncIterator[tuple[WebChat, str]]:
    """A web chat and its address, without the token."""
    async with start(port) as web:
        yield web, f"http://127.0.0.1:{port}"


@pytest.fixture
def web(running: tuple[WebChat, str]) -> WebChat:
    return running[0]


@pytest.fixture
def address(running: tuple[WebChat, str]) -> str:
    return running[1]


@pytest_asyncio.fixture(loop_scope="session")
async def outside(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not opened the printed address."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=5) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def client(outside: httpx.AsyncClient, address: str) -> httpx.AsyncClient:
    """Somebody who has, and whose page is the origin."""
    await outside.get("/", params={"token": TOKEN})
    outside.headers["origin"] = address
    return outside


@pytest.fixture
def say(client: httpx.AsyncClient) -> Callable[..., Awaitable[httpx.Response]]:
    """Say something as a person, in the private chat unless told otherwise."""

    async def say(person: str, text: str, chat: str = "private", **more: str) -> httpx.Response:
        return await client.post("/say", json={"person": person, "chat": chat, "text": text, **more})

    return say


@pytest.fixture
def watch(client: httpx.AsyncClient) -> Callable[..., AbstractAsyncContextManager[AsyncIterator[Event]]]:
    """The events that a person's page gets: `kind`, `event_id` and what the event holds."""

    @asynccontextmanager
    async def watch(person: str, last: str = "") -> AsyncIterator[AsyncIterator[Event]]:
        headers = {"last-event-id": last} if last else {}
        async with client.stream("GET", "/events", params={"person": person}, headers=headers) as response:
            assert response.status_code == 200
            events = _events(response)
            try:
                yield events
            finally:
                await events.aclose()  # type: ignore[attr-defined]

    return watch


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield {"kind": fields["event"], "event_id": fields.get("id"), **json.loads(fields["data"])}
            fields = {}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one the page's tests can't run, which a build server must not pass over."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path:
        return path
    if os.environ.get("CI"):
        pytest.fail("No Chromium here: the page's tests need one.")
    pytest.skip("NO CHROMIUM HERE: the page was not looked at.")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browse(browser: Browser, address: str) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Open the page as a person, in a browser of its own; whatever its console complains about fails the test.

    `at` is another server's address; the rest is Playwright's `new_context`.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def browse(
        person: str = "admin",
        width: int = 1280,
        height: int = 800,
        at: str = address,
        **look: Any,  # noqa: ANN401
    ) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **look)
        context.set_default_timeout(5000)
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{at}/?{httpx.QueryParams(token=TOKEN)}#{person}")
        await page.locator("#private .welcome:visible, #private .entry").first.wait_for()
        return page

    yield browse
    for context in contexts:
        await context.close()
    # A line to a stopped server, or an answer that is a refusal, is told on the console whatever the page does.
    assert [said for said in complaints if "Failed to load resource" not in said] == []
