"""A list that was read before is known again, whatever became of it; what is new is never passed over."""

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.billing import front
from bot.billing.front import FrontReader, Mark
from bot.billing.listing import NotAListError


def read(body: bytes, mark: Mark | None, cuts: list[int] | None = None) -> tuple[list[str], Mark]:
    """The ids that had to be decoded, and the new mark."""
    reader = FrontReader(mark)
    edges = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts or [])})
    found = [window for start, end in pairwise(edges) for window in reader.feed(body[start:end])]
    found += reader.finish()
    assert reader.size == len(body)
    assert [str(each.id) for window in found for each in window.sightings] == [
        payment.id for window in found for payment in window.payments()
    ]
    return [str(each.id) for window in found for each in window.sightings], reader.mark(None)


def listed(*ids: object, indent: int | None = None, head: str = "", tail: str = "") -> bytes:
    """A list of payments of these ids; None is an entry that can't be read."""
    entries = [{"id": each, "amount": "5.50", "n": "x}, {" * 3} if each else None for each in ids]
    return f'{{{head}"data":{json.dumps(entries, indent=indent)}{tail}}}'.encode()


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "_SEGMENT", 200)
    monkeypatch.setattr(front, "_WINDOW", 60)


PIECES = [*range(0, 6000, 37)]
MANY = list(range(1, 41))


@pytest.mark.parametrize("indent", [None, 2])
def test_what_is_unchanged_is_not_decoded(indent: int | None) -> None:
    body = listed(*MANY, indent=indent)
    found, mark = read(body, None, PIECES)
    assert found == [str(each) for each in MANY]
    assert read(body, mark, PIECES) == ([], mark)
    assert read(body, mark) == ([], mark)
    assert mark.readable == 40


@pytest.mark.parametrize("indent", [None, 2])
def test_of_what_was_appended_only_that_is_decoded(indent: int | None) -> None:
    _, mark = read(listed(*MANY, indent=indent), None, PIECES)
    for more in range(41, 60):
        found, mark = read(listed(*MANY, *range(41, more + 1), indent=indent), mark, PIECES)
        assert found == [str(more)]
        assert mark.readable == more
        # Many small additions don't make many small segments.
        assert all(segment.passed.length >= 200 for segment in mark.segments[:-1])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(1, 60) | st.none(), max_size=40),
    st.lists(st.tuples(st.sampled_from(["add", "drop", "swap", "turn"]), st.integers(0), st.integers(61, 99))),
    st.lists(st.integers(0, 10_000), max_size=20),
    st.sampled_from([None, 1]),
    st.sampled_from(["", '"at": 1, ', '"at": "later", "more": {"data": []}, ']),
)
def test_nothing_that_changed_is_passed_over(
    ids: list[int | None],
    changes: list[tuple[str, int, int]],
    cuts: list[int],
    indent: int | None,
    head: str,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front, "_SEGMENT", 200)
        patch.setattr(front, "_WINDOW", 60)
        _, mark = read(listed(*ids, indent=indent), None, cuts)
        changed = _changed(ids, changes)
        found, after = read(listed(*changed, indent=indent, head=head), mark, cuts)
        whole, _ = read(listed(*changed, indent=indent, head=head), None, cuts)
        known = len(whole) - len(found)
        assert whole[known:] == found
        assert [each for each in ids if each][:known] == [each for each in changed if each][:known]
        assert (after.readable, after.unreadable) == (len(whole), len(changed) - len(whole))
        assert read(listed(*changed, indent=indent), after, cuts)[1] == after


def _changed(ids: list[int | None], changes: list[tuple[str, int, int]]) -> list[int | None]:
    changed = list(ids)
    for kind, place, number in changes:
        at = place % (len(changed) + 1)
        match kind:
            case "add":
                changed.insert(at, number)
            case "drop":
                del changed[at : at + 1]
            case "swap":
                changed[at : at + 1] = [number]
            case _:
                random.Random(number).shuffle(changed)
    return changed


@pytest.mark.parametrize("end", [1, 30, 500, 1500, -2, -1])
def test_a_known_list_that_is_cut_does_not_pass_for_whole(end: int) -> None:
    body = listed(*MANY)
    _, mark = read(body, None, PIECES)
    with pytest.raises(NotAListError):
        read(body[:end], mark, PIECES)


@pytest.mark.parametrize("tail", ["]", ',"data":[]', ',"x":', "}"])
def test_a_known_front_with_another_tail_does_not_pass_for_whole(tail: str) -> None:
    _, mark = read(listed(*MANY), None, PIECES)
    with pytest.raises(NotAListError):
        read(listed(*MANY, tail=tail), mark, PIECES)


def test_a_list_in_two_parts_of_which_one_is_empty_is_known_too() -> None:
    _, mark = read(b'{"data":[]}', None)
    assert (mark.segments, mark.readable) == ((), 0)
    assert read(listed(1), mark)[0] == ["1"]
    assert read(b"[]", read(listed(1), None)[1]) == ([], mark)


def test_a_mark_can_be_written_and_read() -> None:
    _, mark = read(listed(*MANY, None), None, PIECES)
    assert Mark.read(mark.written()) == mark
    assert mark.unreadable == 1
    for wrong in (None, b"", b"\xff", b"nonsense", mark.written()[:-2]):
        assert Mark.read(wrong) is None


def test_a_mark_of_another_way_of_reading_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _, mark = read(listed(*MANY), None, PIECES)
    monkeypatch.setattr(front, "_READING", 99)
    assert Mark.read(mark.written()) is None
