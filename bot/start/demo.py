"""The demo: a sandbox billing API, the bot and a chat page in one process, with no account anywhere."""

import asyncio
import secrets
import sqlite3
import tempfile
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import HttpUrl, SecretStr
from rich.console import Console

from bot.logs import set_up_logs
from bot.message import Sender
from bot.outlets import Outlet
from bot.platforms.web import WebChat
from bot.server import free_port, free_socket, serving
from bot.settings import Settings, SettingsError
from bot.start.desks import Makers
from bot.start.joining import joined
from bot.start.stopping import ended, told_to_stop
from bot.words import N_, _
from sandbox import SandboxOptions, SandboxServer

_LOOPBACK = "127.0.0.1"
# Above this a second person is asked, so that it can be tried.
_LARGE = Decimal(10_000)
# The sandbox is ours: the index may be whole before anybody has typed a word.
_DEMO_REQUESTS = 50
_NAMES = {
    "admin": "Ana",
    "approver": "Andrei",
    "cashier": "Ioana",
    "viewer": "Ștefan",
    "stranger": N_("Somebody"),
}


class _DemoSettings(Settings):
    """The demo is the same everywhere: neither the environment nor `.env` has a say in it."""

    @classmethod
    def settings_customise_sources(cls, *_settings: object, **sources: Any) -> tuple[Any, ...]:  # noqa: ANN401 - pydantic's
        """Only what is given here."""
        return (sources["init_settings"],)


async def demonstrated(console: Console, port: int, arrivals: float, keep: Path | None) -> None:
    """Run the demo until it is told to stop."""
    async with AsyncExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casier-")))
        folder.mkdir(parents=True, exist_ok=True)
        books = SandboxOptions(key=secrets.token_urlsafe(), database=folder / "books.db", demo=True, arrivals=arrivals)
        api = await _opened(stack, books, 0)
        set_up_logs("INFO", "console", [books.key])
        address = await demo_page(stack, demo_settings(api.url, books.key, folder), port)
        _say_port(console, port, HttpUrl(address).port)
        console.print(_("Casier is ready. Open {address}").format(address=address), soft_wrap=True)
        console.print(_("Ctrl-C ends it, and everything that it has started."), style="dim")
        await told_to_stop()


async def sandboxed(console: Console, port: int, **books: Any) -> None:  # noqa: ANN401 - as SandboxOptions has them
    """Run the sandbox alone until it is told to stop."""
    options = SandboxOptions(**books)
    async with AsyncExitStack() as stack:
        server = await _opened(stack, options, free_port(_LOOPBACK, port))
        _say_port(console, port, server.port)
        words = _("The sandbox billing API: {url} (x-api-key: {key}; its page: {url}/docs)")
        console.print(words.format(url=server.url, key=options.key), soft_wrap=True)
        await told_to_stop()


async def _opened(stack: AsyncExitStack, options: SandboxOptions, port: int) -> SandboxServer:
    try:
        return await stack.enter_async_context(SandboxServer(options, port=port))
    except sqlite3.Error as error:
        words = _("The sandbox's database {path} can't be used ({why}).").format(path=options.database, why=error)
        raise SettingsError(words) from error


async def demo_page(stack: AsyncExitStack, settings: Settings, port: int, makers: Makers | None = None) -> str:
    """Serve the bot on a page; its address, with the token that opens it."""
    outlets: dict[str, Outlet] = {}
    app = await stack.enter_async_context(joined(settings, outlets, makers=makers))
    listener = stack.enter_context(free_socket(_LOOPBACK, port))
    number, token = listener.getsockname()[1], secrets.token_urlsafe()
    people = [Sender("web", name, _(shown)) for name, shown in _NAMES.items()]
    page = WebChat(app.serve, people, token, number, app.menu, settings.timezone)
    outlets["web"] = page
    await stack.enter_async_context(serving(page.app, listener))
    stack.push_async_callback(page.close)
    stack.push_async_callback(app.services.desk.close)
    stack.push_async_callback(app.services.news.close)
    stack.push_async_callback(ended, asyncio.create_task(app.watch()))
    stack.push_async_callback(ended, asyncio.create_task(app.services.desk.prepare()))
    stack.push_async_callback(ended, asyncio.create_task(app.services.watcher.watch()))
    stack.push_async_callback(ended, asyncio.create_task(app.services.rounds.watch()))
    return f"http://{_LOOPBACK}:{number}/?token={token}"


def _say_port(console: Console, wanted: int, found: int | None) -> None:
    if wanted not in (0, found):
        console.print(
            _("Port {wanted} is taken: using {found} instead.").format(wanted=wanted, found=found), style="yellow"
        )


def demo_settings(url: str, key: str, folder: Path) -> Settings:
    """What the demo's bot is told: who is who, and where billing is."""
    return _DemoSettings(
        billing_api_url=HttpUrl(url),
        billing_api_key=SecretStr(key),
        database_url=f"sqlite:///{folder / 'casier.db'}",
        admins=("web:admin",),
        approvers=("web:approver",),
        cashiers=("web:cashier",),
        viewers=("web:viewer",),
        person_messages_per_minute=600,
        chat_messages_per_minute=600,
        approval_limit=_LARGE,
        notify=("web:team",),
        poll_seconds=2,
        directory_requests_per_second=_DEMO_REQUESTS,
    )
