"""The terminal: prints an answer, with its buttons as the commands they carry."""

import errno
import getpass
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from bot.findings import Finding
from bot.message import Chat, Message, Sender
from bot.reply import Button, File, Reply, Table, Tone
from bot.words import _

if TYPE_CHECKING:
    from rich.progress import Progress

# What billing says must not move the cursor or ring the bell.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

# So many files of one name are nobody's wish.
_MOST_COPIES = 1000
_COLOURS = {Tone.GOOD: "green", Tone.WAITING: "yellow", Tone.BAD: "red", Tone.NEUTRAL: "dim"}


class Bars:
    """Draws how far work is, on the terminal alone: what is printed may go elsewhere."""

    def __init__(self) -> None:
        self._drawn: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def draw(self, reply: Reply) -> bool:
        """Draw a reply's bar; whether it has one."""
        if reply.bar is None:
            self._end()
            return False
        drawn = self._drawn = self._drawn or _bar(_CONTROL.sub("\ufffd", reply.title))
        drawn.update(drawn.task_ids[0], completed=reply.bar.done, total=reply.bar.total)
        return True

    def _end(self) -> None:
        if self._drawn:
            self._drawn.stop()
            self._drawn = None


def _bar(title: str) -> "Progress":
    from rich.progress import Progress  # noqa: PLC0415 - slow to load, and rarely needed

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.add_task(title, total=None)
    bar.start()
    return bar


def said(text: str) -> Message:
    """What somebody typed on this machine. The name is the machine's word for who that is."""
    name = _user()
    return Message(sender=Sender("terminal", name, name), chat=Chat("terminal", name), text=text, bot_name="casier")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def ask() -> str | None:
    """Wait for a line; None at the end."""
    try:
        text = input("casier> ")
    except EOFError:
        return None
    return None if text.strip().lower() in {"exit", "quit"} else text


def show(reply: Reply, console: Console) -> None:
    """Print a reply for people. Nothing in it is taken for markup."""
    console.print(Group(*_parts(reply)), soft_wrap=True)


def keep(reply: Reply, folder: Path, console: Console) -> bool:
    """Save a reply's files, and say where they are; whether that could be done."""
    try:
        saved = save(reply, folder)
    except OSError as error:
        words = _("The file could not be saved in {folder}: {why}. Name another folder with --save.")
        console.print(_text(words.format(folder=folder, why=error.strerror), "red"), soft_wrap=True)
        return False
    for path in saved:
        console.print(_text(_("Saved as {path}").format(path=path), "bold"), soft_wrap=True)
    return True


def save(reply: Reply, folder: Path) -> list[Path]:
    """Save its picture and files in a folder, over nothing that is there; `OSError` where that can't be done."""
    return [_saved(file, folder) for file in (reply.picture, *reply.files) if file]


def tell(finding: Finding, console: Console) -> None:
    """Print what an examination found of one part."""
    mark, colour = _mark(finding)
    console.print(Text.assemble((f"{mark} {finding.part}: ", colour), finding.words), soft_wrap=True)
    if finding.remedy:
        console.print(Text(f"  → {finding.remedy}", "dim" if finding.well else "bold"), soft_wrap=True)


def _mark(finding: Finding) -> tuple[str, str]:
    if not finding.checked:
        return "–", "dim"
    return ("✓", "green") if finding.well else ("✗", "red")


def as_json(reply: Reply, saved: Sequence[Path] = ()) -> str:
    """A reply for programs: its fields as in `bot/reply.py`, one line; files by name, size and place."""
    fields = _plain({**asdict(reply), "saved": tuple(map(str, saved))})
    return json.dumps(fields, ensure_ascii=False, default=_written)


def _saved(file: File, folder: Path) -> Path:
    name = Path(file.name)
    for number in range(1, _MOST_COPIES):
        path = folder / (f"{name.stem}-{number}{name.suffix}" if number > 1 else name.name)
        try:
            # What is saved holds names and amounts: only we may read it.
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
                new.write(file.content)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _plain(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in (None, "", (), [])}


def _written(value: object) -> object:
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be written")


def _text(words: str, style: str = "") -> Text:
    # Without a way to overflow of its own, or what is longer than the terminal is wide would be cut off.
    return Text(_CONTROL.sub("\ufffd", words), style)


def _parts(reply: Reply) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if reply.title or reply.status:
        parts.append(_heading(reply))
    if reply.text:
        parts.append(_text(reply.text))
    parts += [_text(f"⚠ {warning}", "yellow") for warning in reply.warnings]
    if reply.facts:
        parts.append(_facts(reply))
    if reply.table:
        parts.append(_table(reply.table))
    parts += [_text(note, "dim") for note in reply.notes]
    parts += map(_button, reply.buttons)
    return parts


def _button(button: Button) -> Text:
    command = _text(f"  {button.command}", "cyan")
    return command if button.label == button.command else command.append_text(_text(f"   {button.label}", "none"))


def _heading(reply: Reply) -> Text:
    heading = _text(reply.title, "bold")
    if reply.status:
        heading.append_text(_text(f"  [{reply.status.word}]", _COLOURS[reply.status.tone]))
    return heading


def _facts(reply: Reply) -> RichTable:
    grid = RichTable.grid(padding=(0, 2))
    for _column in ("label", "value"):
        grid.add_column(overflow="fold")
    for fact in reply.facts:
        grid.add_row(_text(fact.label, "dim"), _text(fact.value))
    return grid


def _table(table: Table) -> RenderableType:
    drawn = RichTable(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in table.columns:
        drawn.add_column(_text(column.label), justify="right" if column.figures else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(_text(cell) for cell in row.cells))
    return Group(drawn, *_pager(table))


def _pager(table: Table) -> list[Text]:
    if table.pages == 1:
        return []
    lines = [Text(_("Page {page} of {pages}").format(page=table.page, pages=table.pages), "dim")]
    return lines + [Text.assemble("  ", (command, "cyan")) for command in (table.previous, table.following) if command]
