"""The buttons under a reply. A label may be shortened; what a button says never is."""

from collections.abc import Iterable, Iterator
from typing import Any

from telegram.constants import InlineKeyboardMarkupLimit

from bot.platforms.telegram.markup import one_line
from bot.platforms.telegram.shorts import Shorts, carried, fits
from bot.reply import Button, Reply, Style, Table

Keyboard = dict[str, Any]

# A press on this one asks for nothing.
IDLE = "-"

_MOST = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER)
_MOST_IN_ROW = int(InlineKeyboardMarkupLimit.BUTTONS_PER_ROW)
# About what a phone shows in one row, in letters.
_ROOM = 36
_STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger"}


async def keyboard(reply: Reply, shorts: Shorts) -> Keyboard | None:
    """What leads on from the reply: its rows and facts, its pager, its buttons. None where there is nothing."""
    rows = layout(reply)
    if not rows:
        return None
    return {"inline_keyboard": [[await _drawn(button, shorts) for button in row] for row in rows]}


def links(rows: Iterable[Iterable[tuple[str, str]]]) -> Keyboard:
    """Buttons that open addresses: label and address."""
    return {"inline_keyboard": [[{"text": label, "url": url} for label, url in row] for row in rows]}


def layout(reply: Reply) -> list[list[Button]]:
    """The buttons in rows as a phone shows them."""
    own = sorted(reply.buttons, key=lambda button: button.style is not Style.PRIMARY)
    pager = _pager(reply.table) if reply.table else []
    room = max(0, _MOST - len(own) - len(pager))
    leading = list(_leading(reply, {button.command for button in own}))[:room]
    return [*_in_rows(leading), *([pager] if pager else []), *_in_rows(own[:_MOST])]


def _leading(reply: Reply, known: set[str]) -> Iterator[Button]:
    """Where the rows and facts lead, once each, and not where one of the reply's own buttons does."""
    facts = [(fact.command, fact.value) for fact in reply.facts]
    rows = [(row.command, row.cells[0] if row.cells else "") for row in reply.table.rows] if reply.table else []
    for command, label in (*facts, *rows):
        if command and command not in known:
            known.add(command)
            yield Button(label, command)


def _pager(table: Table) -> list[Button]:
    if table.pages == 1:
        return []
    back = [Button("‹", table.previous)] if table.previous else []
    onward = [Button("›", table.following)] if table.following else []
    return [*back, Button(f"{table.page}/{table.pages}", IDLE), *onward]


def _in_rows(buttons: Iterable[Button]) -> list[list[Button]]:
    """As many in a row as can be read there: all of a row's buttons are as wide as its widest."""
    rows: list[list[Button]] = []
    widest = 0
    for button in buttons:
        widest = max(widest, len(button.label))
        if rows and widest * (len(rows[-1]) + 1) <= _ROOM and len(rows[-1]) < _MOST_IN_ROW:
            rows[-1].append(button)
        else:
            rows.append([button])
            widest = len(button.label)
    return rows


async def _drawn(button: Button, shorts: Shorts) -> dict[str, str]:
    says = button.command if fits(button.command) else await carried(button.command, shorts)
    drawn = {"text": _label(button), "callback_data": says}
    if button.style in _STYLES:
        drawn["style"] = _STYLES[button.style]
    return drawn


def _label(button: Button) -> str:
    label = one_line(button.label).strip() or one_line(button.command)
    return label if len(label) <= _ROOM else f"{label[: _ROOM - 1].rstrip()}…"
