"""How commands are written where a reply is read: `/pay 2024-001` is said `/billing pay 2024-001` in Slack."""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.platforms.slack.needs import COMMAND
from bot.reply import Reply, Row, Table

# `/invite @casier` is a command of Slack's own.
_NAMED = re.compile(r"(?<![\w/.:-])/([a-z_]+)(?! @)\b")


class Speech:
    """Rewrites what we say ourselves. What comes from billing is rewritten nowhere but where all of it is a command."""

    def __init__(self, is_command: Callable[[str], bool]) -> None:
        self._is_command = is_command

    def of(self, reply: Reply) -> Reply:
        """The reply as it is read in Slack; what its buttons say stays what it is."""
        return replace(
            reply,
            title=self._whole(reply.title),
            text=self._within(reply.text),
            facts=tuple(replace(fact, value=self._whole(fact.value)) for fact in reply.facts),
            table=self._table(reply.table) if reply.table else None,
            notes=tuple(map(self._within, reply.notes)),
            buttons=tuple(replace(button, label=self._whole(button.label)) for button in reply.buttons),
        )

    def _table(self, table: Table) -> Table:
        rows = tuple(Row(tuple(map(self._whole, row.cells)), row.command) for row in table.rows)
        return replace(table, rows=rows)

    def _whole(self, text: str) -> str:
        """A text that is a command, or begins with one."""
        return self._within(text) if text.startswith("/") else text

    def _within(self, text: str) -> str:
        return _NAMED.sub(self._said, text) if "/" in text else text

    def _said(self, match: re.Match[str]) -> str:
        return f"{COMMAND} {match[1]}" if self._is_command(match[1]) else match[0]
