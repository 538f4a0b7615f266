"""What the bot answers, as plain values that every surface can draw."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a status feels."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    NEUTRAL = "neutral"


class Style(StrEnum):
    """How much a button asks to be pressed."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Outcome(StrEnum):
    """What became of the question: the terminal's exit code and the log line come from it."""

    ANSWERED = "answered"
    REFUSED = "refused"
    MISUSED = "misused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """A word with a tone."""

    word: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; a command where the value leads somewhere."""

    label: str
    value: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A label and the command that a press says."""

    label: str
    command: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; figures stand to the right."""

    label: str
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; its command opens what the line is about."""

    cells: tuple[str, ...]
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One page of a list. `previous` and `following` are the commands of the neighbouring pages."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    page: int = 1
    pages: int = 1
    previous: str | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bar:
    """How far some work is: so much of so much."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Every part is optional, none holds markup; surfaces draw them in the order given here.

    `in_place`: takes the place of the card whose button asked for it. `private`: for the asker's eyes; `for_all`: it
    concerns everybody who reads along. `subject`: what the card is about (a payment's id), so that its copies can be
    found and edited later; `state`: in which state it shows that. `opens`: what
    somebody else is to say; where a link can say it, it is shown as one.
    """

    title: str = ""
    status: Status | None = None
    text: str = ""
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    picture: File | None = None
    files: tuple[File, ...] = ()
    private: bool = False
    in_place: bool = False
    for_all: bool = False
    subject: str | None = None
    state: str = ""
    opens: str | None = None
    bar: Bar | None = None
    outcome: Outcome = Outcome.ANSWERED
