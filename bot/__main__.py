"""The command line."""

import asyncio
import gc
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from bot.platforms import terminal
from bot.reply import Outcome
from bot.settings import SettingsError, operators_language
from bot.words import N_, _, ngettext, speaking

T = TypeVar("T")

_HELP = ["-h", "--help"]

cli = typer.Typer(
    name="casier",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": _HELP},
)
audit = typer.Typer(no_args_is_help=True, help=N_("Check the audit trail, and take it along."))
cli.add_typer(audit, name="audit")
console = Console(highlight=False)

_EXIT = {Outcome.ANSWERED: 0, Outcome.REFUSED: 1, Outcome.FAILED: 1, Outcome.MISUSED: 2}
_MISUSE = 2
_INTERRUPTED = 130
_A_DAY = "2026-11-01"


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise typer.BadParameter(_("“{word}” is no day: write it like {day}").format(word=word, day=_A_DAY)) from None


Folder = Annotated[
    Path,
    typer.Option(
        "--save",
        metavar="DIR",
        exists=True,
        file_okay=False,
        help=N_("Where files are saved, over none there."),
    ),
]
Force = Annotated[bool, typer.Option("--force", help=N_("Replace a file that is there already."))]
Port = Annotated[int, typer.Option(min=0, max=65535, help=N_("The port; the next free one if it is taken."))]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no ș shows a ? for it.
            stream.reconfigure(errors="replace")
    with speaking(operators_language()):
        command = typer.main.get_command(cli)
        _translate(command)
        command()


def _translate(command: object) -> None:
    """Say the help of a command, and of all its parts, in the language that is spoken now, and without the obvious."""
    if not isinstance(command, TyperCommand | TyperGroup):
        return
    command.help = _(command.help) if command.help else None
    for each in command.params:
        if isinstance(each, TyperArgument | TyperOption) and each.help:
            each.help = _(each.help)
    for each in command.get_params(command.context_class(command, help_option_names=_HELP)):
        if isinstance(each, TyperOption) and each.is_flag:
            # Nothing is written behind it, though "<bool>" would say so.
            each.metavar = ""
    for part in command.commands.values() if isinstance(command, TyperGroup) else ():
        _translate(part)


@cli.callback()
def casier(
    *,
    version: Annotated[bool, typer.Option("--version", help=N_("Print the version."), is_eager=True)] = False,
) -> None:
    """Run a billing desk in the chat."""
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415 - a lookup needs no version

        console.print(f"casier {installed('casier')}")
        raise typer.Exit


@cli.command()
def ask(
    text: Annotated[list[str], typer.Argument(help=N_("What you would type in the chat: /invoice 2024-001"))],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=N_("Print the answer as one line of JSON."))] = False,
    save: Folder = Path(),
) -> None:
    """Ask once and print the answer; save its files. Exit code: 0 answered, 1 refused or not saved, 2 misuse."""
    from bot.start.asking import asked  # noqa: PLC0415 - a start loads what it needs, and as late as can be

    reply = _run(asked(" ".join(text)))
    if not as_json:
        terminal.show(reply, console)
        raise typer.Exit(_EXIT[reply.outcome] if terminal.keep(reply, save, console) else 1)
    with _one_line_errors():
        sys.stdout.write(f"{terminal.as_json(reply, terminal.save(reply, save))}\n")
    raise typer.Exit(_EXIT[reply.outcome])


@cli.command()
def chat(*, save: Folder = Path()) -> None:
    """Ask again and again; "exit", Ctrl-D or Ctrl-C ends it."""
    from bot.start.asking import chatted  # noqa: PLC0415 - as above

    with _one_line_errors():
        try:
            chatted(console, save)
        except KeyboardInterrupt:
            console.print()


@cli.command()
def run() -> None:
    """Be the bot on every platform that has a token in the settings, until Ctrl-C or SIGTERM."""
    # Nothing of what is loaded now is rubbish: looking for some takes a tenth of the start. It goes on once all runs.
    gc.disable()
    from bot.start.service import served  # noqa: PLC0415 - as above

    _run(served())


@cli.command()
def doctor() -> None:
    """Check every setting against the real services. Exit code: 0 all well, 1 not, 2 a setting can't be read at all."""
    raise typer.Exit(0 if _run(_told()) else 1)


@cli.command()
def migrate(
    grant: Annotated[str | None, typer.Option(help=N_("On PostgreSQL: let this role use the tables."))] = None,
) -> None:
    """Bring the database up to date, with all its tables, and say what was done. Only DATABASE_URL is needed."""
    from bot.start.upkeep import migrated  # noqa: PLC0415 - as above

    done = _run(migrated(grant))
    if done.before is None:
        words = _("{database} is new, and at revision {after}.")
    elif done.before == done.after:
        words = _("{database} is up to date, at revision {after}.")
    else:
        words = _("{database} was at revision {before} and is now at {after}.")
    _print(words.format(database=done.database, before=done.before, after=done.after))


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help=N_("The file to write."))],
    *,
    force: Force = False,
) -> None:
    """Copy the SQLite database to a file, while the bot runs or not, and check the copy."""
    from bot.start.upkeep import backed_up  # noqa: PLC0415 - as above

    done = _run(backed_up(target, force=force))
    words = ngettext(
        "{path} is a whole copy of the database, {size} byte long.",
        "{path} is a whole copy of the database, {size} bytes long.",
        done.size,
    )
    _print(words.format(path=done.path, size=done.size))


@cli.command()
def demo(
    port: Port = 8080,
    arrivals: Annotated[float, typer.Option(min=0.1, help=N_("Mean seconds between payments that arrive."))] = 45,
    keep: Annotated[Path | None, typer.Option(help=N_("A folder that keeps the books; else they end with it."))] = None,
) -> None:
    """Start everything with no account anywhere: a sandbox billing API, the bot, and a chat page."""
    from bot.start.demo import demonstrated  # noqa: PLC0415 - as above

    _run(demonstrated(console, port, arrivals, keep))


@cli.command()
def sandbox(  # noqa: PLR0913 - options
    *,
    port: Port = 8090,
    customers: Annotated[int, typer.Option(min=1, help=N_("How many customers a new data set has."))] = 12,
    payments: Annotated[int, typer.Option(min=1, help=N_("How many payments it has."))] = 40,
    seed: Annotated[int, typer.Option(help=N_("The same seed makes the same data set."))] = 2024,
    database: Annotated[
        Path | None, typer.Option(help=N_("An SQLite file that keeps it; else it ends with it."))
    ] = None,
    key: Annotated[str, typer.Option(help=N_("What requests must send as x-api-key."))] = "sandbox-key",
    reject_overpayment: Annotated[
        bool, typer.Option("--reject-overpayment", help=N_("Refuse more than is due."))
    ] = False,
) -> None:
    """Start the sandbox billing API alone."""
    from bot.start.demo import sandboxed  # noqa: PLC0415 - as above

    if not key:
        raise typer.BadParameter(_("the key can't be empty"), param_hint="--key")
    books = {
        "key": key,
        "database": database,
        "customers": customers,
        "payments": payments,
        "seed": seed,
        "reject_overpayment": reject_overpayment,
    }
    _run(sandboxed(console, port, **books))


@audit.command()
def verify(
    head: Annotated[
        str | None, typer.Option(help=N_("A number and hash that were kept elsewhere: finds a cut tail."))
    ] = None,
    head_file: Annotated[Path | None, typer.Option(help=N_("A file that holds them, such as AUDIT_HEAD_FILE."))] = None,
) -> None:
    """Recompute the chain. Exit code: 0 whole, 1 broken; it names the first row that is wrong, and why."""
    from bot.start.auditing import verified  # noqa: PLC0415 - a lookup needs no auditor

    with _one_line_errors():
        kept = head_file.read_text(encoding="utf-8") if head_file else head
    verdict = _run(verified(_head(kept)))
    console.print(verdict.words, style="red" if verdict.fault else "", soft_wrap=True)
    raise typer.Exit(1 if verdict.fault else 0)


@audit.command()
def export(
    file: Annotated[str, typer.Argument(help=N_("The file to write; - is the standard output."))],
    since: Annotated[date | None, typer.Option(parser=_day, metavar=_A_DAY, help=N_("The first day."))] = None,
    until: Annotated[date | None, typer.Option(parser=_day, metavar=_A_DAY, help=N_("The last day."))] = None,
    *,
    force: Force = False,
) -> None:
    """Write the trail as CSV, the oldest row first."""
    from bot.start.auditing import exported, written  # noqa: PLC0415 - as above

    days = (since, until)
    if file == "-":
        with _one_line_errors():
            _run(written(sys.stdout.buffer.write, days))
            sys.stdout.buffer.flush()
        return
    count = _run(exported(Path(file), days, force=force))
    words = ngettext("{path} has {count} row of the trail.", "{path} has {count} rows of the trail.", count)
    _print(words.format(path=file, count=count))


@audit.command(name="head")
def head_() -> None:
    """Print the newest row's number and hash, to be kept elsewhere."""
    from bot.start.auditing import newest  # noqa: PLC0415 - as above

    sys.stdout.write(f"{_run(newest())}\n")


def _head(words: str | None) -> Any:  # noqa: ANN401 - the store's, which a question must not wait for
    from bot.store import Head  # noqa: PLC0415 - as above

    try:
        return None if words is None else Head.read(words)
    except ValueError:
        raise typer.BadParameter(_("a head is a number and a hash, as “casier audit head” prints them")) from None


async def _told() -> bool:
    from bot.start.examination import examined  # noqa: PLC0415 - as above

    well = True
    async for finding in examined():
        terminal.tell(finding, console)
        well = well and finding.well
    return well


def _print(words: str) -> None:
    console.print(words, markup=False, soft_wrap=True)


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _one_line_errors():
        return asyncio.run(work)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What an operator has to mend is one line."""
    try:
        yield
    except (SettingsError, OSError) as error:
        # "[Errno 98]" says nothing to who reads it; a file's name does.
        words = str(error) if not isinstance(error, OSError) or error.filename else error.strerror or str(error)
        Console(stderr=True, highlight=False).print(words, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(_MISUSE) from None
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
