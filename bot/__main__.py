"""The command line. It builds every part and joins them; nothing else does."""

import asyncio
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import HttpUrl, SecretStr
from rich.console import Console

from bot.access import People
from bot.app import App
from bot.billing import Billing, BillingOptions
from bot.cards import order_card
from bot.context import Services
from bot.directory import Directory
from bot.logs import set_up_logs
from bot.message import Sender
from bot.outlets import Outlet
from bot.payments import DeskOptions, PaymentDesk
from bot.platforms import terminal
from bot.reply import Outcome, Reply
from bot.settings import Settings, SettingsError, read_settings
from bot.store import StoreError, open_store
from bot.words import speaking
from handlers import all_commands

if TYPE_CHECKING:
    from sandbox import SandboxOptions

T = TypeVar("T")

cli = typer.Typer(
    name="casier",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(highlight=False)

_EXIT = {Outcome.ANSWERED: 0, Outcome.REFUSED: 1, Outcome.FAILED: 1, Outcome.MISUSED: 2}
_MISUSE = 2
_INTERRUPTED = 130
# So long after the deadline of a payment's answer, nobody is waiting for it any more.
_LOST_AFTER = timedelta(seconds=40)
_LOOPBACK = "127.0.0.1"

Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; the next free one if it is taken.")]


def main() -> None:
    """Run the command line."""
    cli()


@cli.callback()
def casier(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Run a billing desk in the chat."""
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415 - a lookup needs no version

        console.print(f"casier {installed('casier')}")
        raise typer.Exit


@cli.command()
def ask(
    text: Annotated[list[str], typer.Argument(help="What you would type in the chat: /invoice 2024-001")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as one line of JSON.")] = False,
) -> None:
    """Ask once and print the answer. Exit code: 0 answered, 1 refused, 2 misuse."""
    reply = _run(_asked(" ".join(text)))
    if as_json:
        sys.stdout.write(f"{terminal.as_json(reply)}\n")
    else:
        terminal.show(reply, console)
    raise typer.Exit(_EXIT[reply.outcome])


@cli.command()
def chat() -> None:
    """Ask again and again; "exit", Ctrl-D or Ctrl-C ends it."""
    with _one_line_errors(), asyncio.Runner() as runner, suppress(KeyboardInterrupt):
        stack = AsyncExitStack()
        app = runner.run(stack.enter_async_context(joined(_terminal_settings(), {})))
        try:
            # Waiting for a line happens outside the event loop: only there can Ctrl-C end it.
            while (text := terminal.ask()) is not None:
                runner.run(_chatted(app, text))
        finally:
            runner.run(stack.aclose())


@cli.command()
def demo(
    port: Port = 8080,
    arrivals: Annotated[float, typer.Option(min=0.1, help="Mean seconds between payments that arrive.")] = 45,
    keep: Annotated[Path | None, typer.Option(help="A folder that keeps the books; else they end with it.")] = None,
) -> None:
    """Start everything with no account anywhere: a sandbox billing API, the bot, and a chat page."""
    _run(_demonstrated(port, arrivals, keep))


@cli.command()
def sandbox(  # noqa: PLR0913 - options
    *,
    port: Port = 8090,
    customers: Annotated[int, typer.Option(min=1, help="How many customers a new data set has.")] = 12,
    payments: Annotated[int, typer.Option(min=1, help="How many payments it has.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed makes the same data set.")] = 2024,
    database: Annotated[Path | None, typer.Option(help="An SQLite file that keeps it; else it ends with it.")] = None,
    key: Annotated[str, typer.Option(help="What requests must send as x-api-key.")] = "sandbox-key",
    reject_overpayment: Annotated[bool, typer.Option("--reject-overpayment", help="Refuse more than is due.")] = False,
) -> None:
    """Start the sandbox billing API alone."""
    from sandbox import SandboxOptions  # noqa: PLC0415 - slow to load, and only wanted here

    options = SandboxOptions(
        key=key,
        database=database,
        customers=customers,
        payments=payments,
        seed=seed,
        reject_overpayment=reject_overpayment,
    )
    _run(_sandboxed(options, port))


@asynccontextmanager
async def joined(settings: Settings, outlets: dict[str, Outlet]) -> AsyncIterator[App]:
    """Build every part, and take it apart again: first what is under way ends, then the connections do."""
    with speaking(settings.language):
        store = await open_store(settings.database_url)
        billing = Billing(_billing_options(settings))
        conventions = settings.conventions
        options = DeskOptions(
            draft=timedelta(minutes=settings.payment_draft_minutes),
            lost=timedelta(seconds=settings.billing_deadline_seconds) + _LOST_AFTER,
        )
        desk = PaymentDesk(billing, store, outlets, partial(order_card, conventions=conventions), options)
        services = Services(
            billing,
            Directory(billing),
            desk,
            store,
            _people(settings),
            conventions,
            all_commands(),
        )
        try:
            yield App(services)
        finally:
            await desk.close()
            await billing.close()
            await store.close()


def _people(settings: Settings) -> People:
    return People.named(
        admins=settings.admins,
        approvers=settings.approvers,
        cashiers=settings.cashiers,
        viewers=settings.viewers,
    )


def _billing_options(settings: Settings) -> BillingOptions:
    return BillingOptions(
        url=str(settings.billing_api_url),
        key=settings.billing_api_key,
        requests=settings.billing_requests,
        connect_seconds=settings.billing_connect_seconds,
        read_seconds=settings.billing_read_seconds,
        deadline_seconds=settings.billing_deadline_seconds,
    )


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _one_line_errors():
        return asyncio.run(work)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What an operator has to mend is one line."""
    try:
        yield
    except (SettingsError, StoreError, OSError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(_MISUSE) from None
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None


def _terminal_settings() -> Settings:
    settings = read_settings()
    # Somebody who asks wants the answer, not a line about it.
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    set_up_logs(level, settings.log_format, [settings.billing_api_key.get_secret_value()])
    return settings


async def _asked(text: str) -> Reply:
    async with joined(_terminal_settings(), {}) as app:
        return [reply async for reply in app.answer(terminal.said(text))][-1]


async def _chatted(app: App, text: str) -> None:
    async for reply in app.answer(terminal.said(text)):
        terminal.show(reply, console)


async def _sandboxed(options: "SandboxOptions", port: int) -> None:
    from bot.server import free_port  # noqa: PLC0415 - slow to load, and only wanted here
    from sandbox import SandboxServer  # noqa: PLC0415

    async with SandboxServer(options, port=free_port(_LOOPBACK, port)) as server:
        _say_port(port, server.port)
        console.print(f"The sandbox billing API: {server.url} (x-api-key: {options.key}, its page: {server.url}/docs)")
        await _until_told_to_stop()


async def _demonstrated(port: int, arrivals: float, keep: Path | None) -> None:
    from bot.platforms.web import WebChat  # noqa: PLC0415 - servers are slow to load, and a lookup needs none
    from bot.server import free_socket, serving  # noqa: PLC0415
    from sandbox import SandboxOptions, SandboxServer  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casier-")))
        folder.mkdir(parents=True, exist_ok=True)
        books = SandboxOptions(key=secrets.token_urlsafe(), database=folder / "books.db", demo=True, arrivals=arrivals)
        api = await stack.enter_async_context(SandboxServer(books))
        settings = _demo_settings(api.url, books.key, folder)
        set_up_logs("WARNING", "console", [books.key])
        outlets: dict[str, Outlet] = {}
        app = await stack.enter_async_context(joined(settings, outlets))
        listener = stack.enter_context(free_socket(_LOOPBACK, port))
        number, token = listener.getsockname()[1], secrets.token_urlsafe()
        page = WebChat(app.serve, _demo_people(), token, number, app.menu)
        outlets["web"] = page
        await stack.enter_async_context(serving(page.app, listener))
        stack.push_async_callback(page.close)
        watching = asyncio.create_task(app.watch())
        stack.callback(watching.cancel)
        _say_port(port, number)
        console.print(f"Casier is ready. Open http://{_LOOPBACK}:{number}/?token={token}", soft_wrap=True)
        console.print("Ctrl-C ends it, and everything that it has started.", style="dim")
        await _until_told_to_stop()


def _demo_settings(url: str, key: str, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        billing_api_url=HttpUrl(url),
        billing_api_key=SecretStr(key),
        database_url=f"sqlite:///{folder / 'casier.db'}",
        admins=("web:admin",),
        approvers=("web:approver",),
        cashiers=("web:cashier",),
        viewers=("web:viewer",),
    )


def _demo_people() -> list[Sender]:
    names = {
        "admin": "Ana",
        "approver": "Andrei",
        "cashier": "Ioana",
        "viewer": "Ștefan",
        "stranger": "A stranger",
    }
    return [Sender("web", name, shown) for name, shown in names.items()]


def _say_port(wanted: int, found: int) -> None:
    if wanted not in (0, found):
        console.print(f"Port {wanted} is taken: using {found} instead.", style="yellow")


async def _until_told_to_stop() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    main()
