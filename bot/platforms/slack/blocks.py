"""A reply as Slack's Block Kit. Texts are never markup there: rich text and plain text need no escaping."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bot.platforms.slack.texts import Line, Span, clean, escaped, one_line, pieces, shortened
from bot.reply import Button, Fact, Reply, Row, Status, Style, Table, Tone
from bot.words import _

Block = dict[str, Any]

# Of Slack's limits (50 blocks a message, 3,000 characters a text, 150 a header, 75 a label, 25 buttons a block) we stay
# well inside; how much a message may hold in all is not written anywhere.
_MOST_BLOCKS = 40
_LONGEST_TEXT = 2_500
_LONGEST_NOTE = 1_900
_LONGEST_MESSAGE = 10_000
_LONGEST_HEADER = 150
_LONGEST_LABEL = 75
_LONGEST_VALUE = 2_000
_LONGEST_FALLBACK = 300
_LONGEST_CHOICE = 150
_MOST_IN_ROW = 25
_MOST_BUTTONS = 10
_MOST_CHOICES = 100
_SIGNS = {Tone.GOOD: "✅", Tone.WAITING: "⏳", Tone.BAD: "❌", Tone.NEUTRAL: "▫️"}
_STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger"}
_NOTHING = "—"

SAY = "say"
OPEN = "say-open"
SHARE = "share"
PAGE = "page"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message: its blocks, and the text that notifications and screen readers have."""

    text: str
    blocks: tuple[Block, ...]


def draw(reply: Reply, share: str = "") -> list[Drawn]:
    """The messages that show a reply, the buttons under the last; `share`: what [Share to channel] says."""
    packs = list(_packed(_body(reply))) or [[_rich([(Span(_NOTHING),)])]]
    packs[-1] += list(_ends(reply, share))
    text = escaped(shortened(_fallback(reply), _LONGEST_FALLBACK))
    return [Drawn(text, tuple(blocks)) for blocks in packs]


def _body(reply: Reply) -> Iterator[tuple[int, Block]]:
    """What is read, each block with its length."""
    title = one_line(reply.title).strip()
    if title and len(title) <= _LONGEST_HEADER:
        yield len(title), {"type": "header", "text": plain_text(title)}
        title = ""
    sections: tuple[list[Line], ...] = (
        [(Span(title, "bold"),)] if title else [],
        [_status(reply.status)] if reply.status else [],
        [(Span(line),) for line in clean(reply.text).splitlines()],
        [_fact(fact) for fact in reply.facts],
        [_row(row) for row in reply.table.rows] if reply.table else [],
        [(Span(f"⚠️ {one_line(warning)}"),) for warning in reply.warnings],
    )
    for section in sections:
        yield from ((_length(lines), _rich(lines)) for lines in _sized(section))
    for note in filter(None, reply.notes):
        yield from ((len(piece), _context(piece)) for piece in pieces(one_line(note), _LONGEST_NOTE))


def _ends(reply: Reply, share: str) -> Iterator[Block]:
    """What can be pressed: the reply's own buttons, the pager, and where rows and facts lead."""
    known = {button.command for button in reply.buttons}
    own = sorted(reply.buttons, key=lambda button: button.style is not Style.PRIMARY)
    pager = _pager(reply.table) if reply.table else []
    numbers = iter(range(10_000))
    if reply.table and reply.table.pages > 1:
        words = _("Page {page} of {pages}").format(page=reply.table.page, pages=reply.table.pages)
        yield {**_context(words), "block_id": PAGE}
    sharing = [_button(Button(_("Share to channel"), share), SHARE)] if share and len(share) <= _LONGEST_VALUE else []
    for group, more in ((own, []), (pager, sharing), *_opening(_leading(reply, known))):
        buttons = [_button(each, f"{SAY}-{next(numbers)}") for each in group] + more
        for start in range(0, len(buttons), _MOST_IN_ROW):
            yield {"type": "actions", "elements": buttons[start : start + _MOST_IN_ROW]}


def _opening(leading: list[Button]) -> list[tuple[list[Button], list[Block]]]:
    """A few are buttons; of many, one is chosen from a list."""
    if len(leading) <= _MOST_BUTTONS or any(len(each.command) > _LONGEST_CHOICE for each in leading):
        return [(leading, [])]
    options = [{"text": plain_text(_labelled(each)), "value": each.command} for each in leading[:_MOST_CHOICES]]
    element = {"type": "static_select", "action_id": OPEN, "placeholder": plain_text(_("Open…")), "options": options}
    return [([], [element]), *_opening(leading[_MOST_CHOICES:])]


def _leading(reply: Reply, known: set[str]) -> list[Button]:
    """Where the rows and facts lead, once each, and not where one of the reply's own buttons does."""
    facts = [(fact.command, fact.value) for fact in reply.facts]
    rows = [(row.command, row.cells[0] if row.cells else "") for row in reply.table.rows] if reply.table else []
    found = {command: label for command, label in chain(facts, rows) if command and command not in known}
    return [Button(label, command) for command, label in found.items()]


def _pager(table: Table) -> list[Button]:
    back = [Button("‹", table.previous)] if table.previous else []
    return [*back, *([Button("›", table.following)] if table.following else [])]


def _button(button: Button, action: str) -> Block:
    drawn = {
        "type": "button",
        "text": plain_text(_labelled(button)),
        "value": button.command,
        "action_id": action,
    }
    return {**drawn, "style": _STYLES[button.style]} if button.style in _STYLES else drawn


def _labelled(button: Button) -> str:
    return shortened(one_line(button.label).strip() or one_line(button.command), _LONGEST_LABEL)


def _status(status: Status) -> Line:
    return (Span(f"{_SIGNS[status.tone]} {one_line(status.word)}"),)


def _fact(fact: Fact) -> Line:
    return (Span(f"{one_line(fact.label)}: ", "bold"), Span(one_line(fact.value)))


def _row(row: Row) -> Line:
    """A phone is too narrow for columns: the first cell leads, the others follow."""
    first, *others = [one_line(cell) for cell in row.cells if cell] or [_NOTHING]
    return (Span(first, "bold"), Span("".join(f" · {cell}" for cell in others)))


def _sized(lines: list[Line]) -> Iterator[list[Line]]:
    """As many lines at a time as one text may hold; a line that is longer becomes several."""
    some: list[Line] = []
    for line in chain.from_iterable(map(_fitting, lines)):
        if some and _length([*some, line]) > _LONGEST_TEXT:
            yield some
            some = []
        some.append(line)
    if some:
        yield some


def _fitting(line: Line) -> list[Line]:
    if _length([line]) <= _LONGEST_TEXT:
        return [line]
    return [(Span(piece, span.style),) for span in line for piece in pieces(span.text, _LONGEST_TEXT)]


def _packed(sized: Iterable[tuple[int, Block]]) -> Iterator[list[Block]]:
    """As many blocks a message as it may hold."""
    blocks: list[Block] = []
    size = 0
    for length, block in sized:
        if blocks and (size + length > _LONGEST_MESSAGE or len(blocks) >= _MOST_BLOCKS):
            yield blocks
            blocks, size = [], 0
        blocks.append(block)
        size += length
    if blocks:
        yield blocks


def _length(lines: Iterable[Line]) -> int:
    return sum(sum(len(span.text) for span in line) + 1 for line in lines)


def _rich(lines: list[Line]) -> Block:
    """Lines, each ended by the next one's beginning."""
    elements: list[Block] = []
    for number, line in enumerate(lines):
        spans = (Span("\n"), *line) if number else line
        elements += [_element(span) for span in spans if span.text]
    section = {"type": "rich_text_section", "elements": elements or [_element(Span(_NOTHING))]}
    return {"type": "rich_text", "elements": [section]}


def _element(span: Span) -> Block:
    drawn: Block = {"type": "text", "text": span.text}
    return {**drawn, "style": {span.style: True}} if span.style else drawn


def _context(text: str) -> Block:
    return {"type": "context", "elements": [plain_text(text)]}


def plain_text(text: str) -> Block:
    """Text as it is: `:name:` stays what somebody has written."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _fallback(reply: Reply) -> str:
    facts = " · ".join(f"{fact.label}: {fact.value}" for fact in reply.facts)
    status = reply.status.word if reply.status else ""
    told = " · ".join(filter(None, (reply.title, status, reply.text, facts))) or " ".join(reply.warnings)
    return one_line(told) or _NOTHING
