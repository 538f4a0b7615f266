"""The judge of a storm of news finds everything that it looks for, each thing for itself."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.chaos.news_judge import Event, Evidence, judged
from tests.chaos.papers import Drawn, Gone, Kept, Line, Looked, Lost, Sent
from tests.chaos.rooms import INVOICE
from tests.chaos.weather import Stand

NEW = Event(1, "7", INVOICE, Decimal(600), "pending", None, is_new=True, seen_at=15)
CHANGED = Event(2, "7", INVOICE, Decimal(600), "failed", "pending", is_new=False, seen_at=25)
STANDS = [Stand("pending", 11, 12, 20, 21), Stand("failed", 20, 21)]
LOOKS = [Looked(1, 2), Looked(14, 16), Looked(24, 26)]
ROOMS = ("team", "customer", "invoice", "overlapping")


def card(room: str, event: int, *, number: int = 1, pid: int = 1, under: str | None = None) -> Sent:
    """A message about one event; its card is named after its room and number."""
    status = {1: "pending", 2: "failed"}[event]
    name = f"{room}-{number}"
    return Sent(f"web:{room}", (event,), f"RON 600.00 on {INVOICE}", status, name, under, 15.5 + event, pid)


def followed(room: str) -> list[Line]:
    """How a chat is told of both: a card, which is drawn anew, and the news under it."""
    key = f"web:{room}"
    under = card(room, 2, number=2, under=f"{room}-1")
    return [card(room, 1), Kept(key, (1,)), Drawn(f"{room}-1", "failed"), under, Kept(key, (2,))]


def rightly() -> list[Line]:
    """What is to be told."""
    first = [line for room in (*ROOMS, "pending") for line in followed(room)]
    return [*LOOKS, *first, card("trouble", 2), Kept("web:trouble", (2,))]


def wrongs(lines: Sequence[Line], events: Sequence[Event] = (NEW, CHANGED)) -> set[str]:
    """What is found."""
    evidence = Evidence({"7": STANDS}, events, lines, complete_at=2, customers={INVOICE: "CL-001"})
    return set(judged(evidence).wrongs)


def test_what_is_right_is_found_right() -> None:
    assert wrongs(rightly()) == set()


def test_what_was_in_the_list_and_is_not_known_is_unheard() -> None:
    lines = [line for line in rightly() if not is_about(line, 2)]
    assert wrongs(lines, [NEW]) == {"unheard"}


@pytest.mark.parametrize("untold", [1, 2])
def test_what_a_chat_asked_for_and_was_not_told_is_missing(untold: int) -> None:
    assert "missing" in wrongs([line for line in rightly() if not is_about(line, untold)])


@pytest.mark.parametrize("room", ["large", "small", "nobody", "admin"])
def test_what_a_chat_did_not_ask_for_is_misdirected(room: str) -> None:
    assert wrongs([*rightly(), card(room, 1)]) == {"misdirected"}


def test_a_chat_is_told_nothing_but_notices() -> None:
    assert wrongs([*rightly(), replace_events(card("team", 1, number=9), ())]) == {"misdirected"}


def test_what_comes_too_late_is_out_of_order() -> None:
    lines = rightly()
    room = [line for line in lines if isinstance(line, Sent | Kept) and line.room == "web:team"]
    first, kept, second, kept_too = room
    rest = [line for line in lines if line not in room]
    assert "out_of_order" in wrongs([*rest, second, kept_too, first, kept])


@pytest.mark.parametrize(
    ("cut", "pid", "found"),
    [
        ([Kept("web:team", (2,))], 2, {"doubled_uncut"}),
        ([], 1, {"doubled_uncut"}),
        ([], 2, set()),
        ([Lost("web:team")], 1, set()),
    ],
)
def test_twice_is_wrong_where_nothing_was_cut(cut: list[Line], pid: int, found: set[str]) -> None:
    lines = [line for line in rightly() if line != Kept("web:team", (2,))]
    again = card("team", 2, number=3, pid=pid, under="team-1")
    assert wrongs([*lines, *cut, again, Kept("web:team", (2,))]) == found


def test_an_event_that_was_not_so_is_invented() -> None:
    never = Event(3, "7", INVOICE, Decimal(600), "refunded", "failed", is_new=False, seen_at=30)
    assert "invented" in wrongs(rightly(), [NEW, CHANGED, never])
    assert "invented" in wrongs(rightly(), [NEW, replace(CHANGED, before="confirmed")])
    assert "invented" in wrongs(rightly(), [NEW, replace(CHANGED, is_new=True)])


def test_what_was_there_before_the_first_start_is_not_news() -> None:
    old = Evidence({"7": [Stand("pending", -1, -1)]}, [NEW], [], complete_at=2, customers={INVOICE: "CL-001"})
    assert "invented" in judged(old).wrongs


def test_a_message_that_says_something_else_is_mistold() -> None:
    lines = [replace_events(line, (1,)) if line == card("trouble", 2) else line for line in rightly()]
    assert "mistold" in wrongs(lines)


def test_a_card_that_was_not_drawn_anew_is_stale_unless_it_is_gone() -> None:
    lines = [line for line in rightly() if line != Drawn("team-1", "failed")]
    assert wrongs(lines) == {"stale"}
    assert wrongs([*lines, Gone("team-1")]) == set()


def is_about(line: Line, event: int) -> bool:
    """Whether a line speaks of an event, or of its status."""
    of_it = isinstance(line, Sent | Kept) and event in line.events
    return of_it or (isinstance(line, Drawn) and event == CHANGED.id)


def replace_events(sent: Line, events: tuple[int, ...]) -> Sent:
    """The same message, about something else."""
    assert isinstance(sent, Sent)
    return Sent(sent.room, events, sent.title, sent.status, sent.card, sent.under, sent.at, sent.pid)
