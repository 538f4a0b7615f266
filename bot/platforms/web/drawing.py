"""A reply as plain JSON. The page builds its elements from it with text only, so nothing here needs escaping."""

from collections.abc import Callable
from dataclasses import asdict

from bot.reply import Fact, File, Reply, Table
from bot.words import _

Keep = Callable[[File], str]


def drawn(reply: Reply, keep: Keep) -> dict[str, object]:
    """The parts of a card that the page shows, and the `labels` of what can be pressed by the command it says.

    `keep` puts a file away and says where it can be fetched.
    """
    return {
        "title": reply.title,
        "status": asdict(reply.status) if reply.status else None,
        "text": reply.text,
        "facts": [asdict(fact) for fact in reply.facts],
        "table": asdict(reply.table) if reply.table else None,
        "warnings": reply.warnings,
        "notes": reply.notes,
        "buttons": [asdict(button) for button in reply.buttons],
        "picture": _file(reply.picture, keep) if reply.picture else None,
        "files": [_file(file, keep) for file in reply.files],
        "outcome": reply.outcome,
        "labels": _labels(reply),
    }


def _labels(reply: Reply) -> dict[str, str]:
    return {
        **(_table_labels(reply.table) if reply.table else {}),
        **{fact.command: _fact_label(fact) for fact in reply.facts if fact.command},
        **{button.command: button.label for button in reply.buttons},
    }


def _file(file: File, keep: Keep) -> dict[str, object]:
    return {"name": file.name, "type": file.media_type, "size": len(file.content), "path": keep(file)}


def _fact_label(fact: Fact) -> str:
    return fact.value or fact.label


def _table_labels(table: Table) -> dict[str, str]:
    rows = {row.command: next(iter(row.cells), "") for row in table.rows if row.command}
    pages = {table.previous: _("previous page"), table.following: _("next page")}
    return {**rows, **{command: label for command, label in pages.items() if command}}
