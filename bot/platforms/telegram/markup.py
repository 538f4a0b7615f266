"""A reply as Telegram's HTML. Escaping is done here and nowhere else: until then text and tags are kept apart."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import NamedTuple

from telegram.constants import MessageLimit

from bot.reply import Fact, Reply, Row, Status, Tone

MOST_UNITS = int(MessageLimit.MAX_TEXT_LENGTH)

_SIGNS = {Tone.GOOD: "✅", Tone.WAITING: "⏳", Tone.BAD: "❌", Tone.NEUTRAL: "▫️"}
_NOTHING = "—"
_LAST_OF_BMP = "\uffff"
# Everything that some screen takes for the end of a line.
_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


class Span(NamedTuple):
    """A piece of text; `tag` is what it is drawn with, if anything."""

    text: str
    tag: str = ""

    @property
    def html(self) -> str:
        """The piece with its tag, which never reaches over a line's end."""
        text = escape(self.text, quote=False)
        return f"<{self.tag}>{text}</{self.tag}>" if self.tag else text


Line = tuple[Span, ...]
_EMPTY: Line = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one message."""

    lines: tuple[Line, ...]

    @property
    def html(self) -> str:
        """As Telegram parses it."""
        return "\n".join(["".join([span.html for span in line]) for line in self.lines])

    @property
    def plain(self) -> str:
        """Without any markup, for when Telegram can't parse ours."""
        return "\n".join(["".join([span.text for span in line]) for line in self.lines])


def pages(reply: Reply, limit: int = MOST_UNITS) -> list[Page]:
    """The reply's text as messages that are short enough; at least one, and none that looks empty."""
    lines = _lines(reply)
    if _surely_fits(lines, limit):
        drawn = [Page(tuple(lines))]
    else:
        drawn = [Page(tuple(packed)) for packed in _packed(lines, limit)]
    return [page for page in drawn if not _looks_empty(page.plain)] or [Page(((Span(_NOTHING),),))]


def units(text: str) -> int:
    """How long Telegram takes a text for: it counts UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def one_line(text: str) -> str:
    """A value that must not look like two: whoever named a customer doesn't write our lines."""
    return text if text.isprintable() else _BREAKS.sub(" ", clean(text))


def clean(text: str) -> str:
    """Half a surrogate pair is no character: nobody could send it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _lines(reply: Reply) -> list[Line]:
    """The sections in their order, an empty line between two."""
    sections: tuple[list[Line], ...] = (
        _heading(reply.title, reply.status),
        [(Span(line),) for line in clean(reply.text).splitlines()],
        [_fact(fact) for fact in reply.facts],
        [_row(row) for row in reply.table.rows] if reply.table else [],
        [(Span(f"⚠️ {one_line(warning)}"),) for warning in reply.warnings],
        [(Span(one_line(note), "i"),) for note in reply.notes if note],
    )
    lines: list[Line] = []
    for section in filter(None, sections):
        lines += [_EMPTY, *section] if lines else section
    return lines


def _heading(title: str, status: Status | None) -> list[Line]:
    lines: list[Line] = [(Span(one_line(title), "b"),)] if title else []
    if status:
        lines.append((Span(f"{_SIGNS[status.tone]} {one_line(status.word)}"),))
    return lines


def _fact(fact: Fact) -> Line:
    return (Span(f"{one_line(fact.label)}: {one_line(fact.value)}"),)


def _row(row: Row) -> Line:
    """A phone is too narrow for columns: the first cell leads, the others follow."""
    cells = [one_line(cell) for cell in row.cells if cell]
    if not cells:
        return (Span(_NOTHING),)
    rest = "".join(f" · {cell}" for cell in cells[1:])
    return (Span(cells[0], "b"), Span(rest)) if rest else (Span(cells[0], "b"),)


def _surely_fits(lines: list[Line], limit: int) -> bool:
    """Nearly every card does, and need not be measured: a character is two units at most."""
    return len(lines) + 2 * sum([len(span.text) for line in lines for span in line]) <= limit


def _packed(lines: Iterable[Line], limit: int) -> Iterator[list[Line]]:
    """As many lines a page as fit. No page begins or ends with an empty one."""
    page: list[Line] = []
    size = 0
    for line in chain.from_iterable(_fitting(line, limit) for line in lines):
        length = sum(units(span.text) for span in line) + 1
        if page and size + length > limit:
            yield page if page[-1] else page[:-1]
            page, size = [], 0
        if line or page:
            page.append(line)
            size += length
    yield page


def _fitting(line: Line, limit: int) -> list[Line]:
    """A line that no page could hold becomes several."""
    if sum(units(span.text) for span in line) < limit:
        return [line]
    return [(Span(piece, span.tag),) for span in line for piece in _pieces(span.text, limit - 1)]


def _pieces(text: str, limit: int) -> Iterator[str]:
    """Cut at spaces where there are some, never through a character."""
    while units(text) > limit:
        end = _fits(text, limit)
        space = text.rfind(" ", end // 2, end)
        end = space + 1 if space > 0 else end
        yield text[:end]
        text = text[end:]
    yield text


def _fits(text: str, limit: int) -> int:
    """How many characters make up so many units, or a little less."""
    size = 0
    for index, character in enumerate(text):
        size += 2 if character > _LAST_OF_BMP else 1
        if size > limit:
            return index
    return len(text)  # pragma: no cover - only asked of texts that don't fit


def _looks_empty(text: str) -> bool:
    """Spaces, controls and marks that nobody can see: Telegram refuses such a message."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)
