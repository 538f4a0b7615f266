import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.billing.listing import ListReader, NotAListError
from bot.billing.models import Id, Payment, decoder

# What could be taken for the end of an entry, of the list, or of the body.
TRAPS = ["},{", "]", "}", '"}', "\\", '\\"', '"data":[', "}]}", ",", "{", "\u2028", "😀", "Ș", "\n", "\x00", "\ud83d"]
texts = st.lists(st.sampled_from(TRAPS) | st.text(max_size=4), max_size=4).map("".join)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
payments = st.builds(
    lambda number, status, more: {**more, "id": number, "amount": "5.50", "status": status},
    st.integers(0, 99) | st.text("ab", min_size=1),
    st.none() | texts,
    st.dictionaries(texts.filter(lambda name: name not in Payment.__struct_fields__), values, max_size=2),
)
entries = st.lists(payments | values, max_size=12)
names = st.text('dat\u00e9{}[]:,\\"', max_size=4).filter(lambda name: name != "data")
surroundings = st.dictionaries(names, values, max_size=3)
Layout = tuple[bool, int | str | None, bool]
layouts = st.tuples(st.booleans(), st.sampled_from([None, 1, "\t"]), st.booleans())


def _written(value: object, layout: Layout) -> bytes:
    ascii_only, indent, dense = layout
    separators = (",", ":") if dense else None
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, separators=separators)
    return text.encode("utf-8", "surrogatepass")


def _read(body: bytes, cuts: list[int], window: int) -> tuple[list[Payment], int]:
    reader = ListReader(Payment, window)
    edges = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    found = [entry for start, end in pairwise(edges) for entry in reader.feed(body[start:end])]
    return found + reader.finish(), reader.unreadable


def _readable(entries: list[Any], layout: Layout) -> list[Payment]:
    """What a decoder of its own makes of each entry; half a character that is written out is replaced."""
    found = []
    for entry in entries:
        text = json.dumps(entry, ensure_ascii=False)
        text = text.replace("\ud83d", "\ufffd") if layout[0] else text
        try:
            found.append(decoder(Payment).decode(text.encode("utf-8", "surrogatepass")))
        except ValueError:
            continue
    return found


@settings(max_examples=100, deadline=None)
@given(entries, surroundings, surroundings, layouts, st.lists(st.integers(0)), st.integers(1, 200))
def test_a_list_in_any_pieces_is_read_like_the_whole(
    entries: list[Any],
    before: dict[str, Any],
    after: dict[str, Any],
    layout: Layout,
    cuts: list[int],
    window: int,
) -> None:
    later = {name: value for name, value in after.items() if name not in before}
    body = _written({**before, "data": entries, **later}, layout)
    found, unreadable = _read(body, cuts, window)
    expected = _readable(json.loads(body.decode("utf-8", "surrogatepass"))["data"], layout)
    assert found == expected
    assert unreadable == len(entries) - len(expected)


@settings(max_examples=80, deadline=None)
@given(entries, layouts, st.lists(st.integers(0)), st.integers(1, 200))
def test_a_bare_list_in_any_pieces_is_read_like_the_whole(
    entries: list[Any], layout: Layout, cuts: list[int], window: int
) -> None:
    found, unreadable = _read(_written(entries, layout), cuts, window)
    expected = _readable(entries, layout)
    assert found == expected
    assert unreadable == len(entries) - len(expected)


@settings(max_examples=60, deadline=None)
@given(entries, surroundings, surroundings, st.booleans(), layouts, st.integers(1, 100))
def test_a_list_that_is_cut_anywhere_never_passes_for_whole(
    entries: list[Any],
    before: dict[str, Any],
    after: dict[str, Any],
    bare: bool,  # noqa: FBT001 - hypothesis chooses
    layout: Layout,
    window: int,
) -> None:
    body = _written(entries if bare else {**before, "data": entries, **after}, layout)
    for end in range(0, len(body), 1 + len(body) // 60):
        with pytest.raises(NotAListError):
            _read(body[:end], [end // 2], window)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.text('[]{},:"ad t1\\').map(str.encode), st.lists(st.integers(0)), st.integers(1, 20))
def test_what_passes_for_a_list_is_one(body: bytes, cuts: list[int], window: int) -> None:
    try:
        found, unreadable = _read(body, cuts, window)
    except NotAListError:
        return
    whole = msgspec.json.decode(body)
    assert len(found) + unreadable == len(whole["data"] if isinstance(whole, dict) else whole)


ENTRY = '{"id": 1, "amount": "1"}'


@pytest.mark.parametrize("window", [1, 20, 1000])
@pytest.mark.parametrize(
    "body",
    [
        f"[{ENTRY},]",
        f"[{ENTRY}{ENTRY}]",
        f"[{ENTRY},,{ENTRY}]",
        f"[,{ENTRY}]",
        f"[{ENTRY}]]",
        f"[{ENTRY}]}}",
        f"[{ENTRY}] {ENTRY}",
        f'{{"data": [{ENTRY}], }}',
        f'{{"data": [{ENTRY}]',
        f'{{"data": [{ENTRY}], "data": null}}',
        f'{{"data": {{"data": [{ENTRY}]}}}}',
        f'{{"things": [{ENTRY}]}}',
        f'{{"data" [{ENTRY}]}}',
        f"<p>[{ENTRY}]",
        f"\ufeff[{ENTRY}]",
        '{"data": null}',
        f'{{"\\q": 1, "data": [{ENTRY}]}}',
        '{"message": "all is well"}',
        '"data"',
        "null",
        " ",
        "",
    ],
)
def test_what_is_no_list_is_refused(body: str, window: int) -> None:
    with pytest.raises(NotAListError):
        _read(body.encode(), [*range(0, 100, 7)], window)


def test_a_second_list_is_not_taken_for_the_rest_of_the_first() -> None:
    with pytest.raises(NotAListError):
        _read(f'{{"data": [{ENTRY}, {ENTRY}], "data": [{ENTRY}, {ENTRY}]}}'.encode(), [*range(100)], 10)


def test_the_list_may_be_named_with_escapes() -> None:
    found, _ = _read(f'{{"\\u0064ata": [{ENTRY}, {ENTRY}]}}'.encode(), [*range(80)], 10)
    assert [each.id for each in found] == ["1", "1"]


@pytest.mark.parametrize("odd", [b'{"id": 1, "amount": "1", "status": "\xff"}', b'{"id": 1, "amount": "1e999999"}'])
@pytest.mark.parametrize("window", [1, 90, 1000])
def test_an_entry_with_broken_text_or_money_takes_only_itself_down(odd: bytes, window: int) -> None:
    body = b"[" + b", ".join([ENTRY.encode(), odd, ENTRY.encode()]) + b"]"
    assert _read(body, [*range(0, 200, 9)], window) == ([Payment(id=Id("1"), amount=Decimal(1))] * 2, 1)


def test_an_entry_without_end_is_refused_before_it_fills_the_memory() -> None:
    reader = ListReader(Payment)
    assert reader.feed(b'[{"id": "' + b"x" * 8_000_000) == []
    assert reader.feed(b"x" * 380_000) == []
    with pytest.raises(NotAListError, match="too large"):
        reader.feed(b"x" * 10_000)


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b'[{"id":1,"x":' + b"[" * 100_000])
def test_a_bottomless_body_is_refused(deep: bytes) -> None:
    with pytest.raises(NotAListError):
        _read(deep, [*range(0, len(deep), 1000)], 5000)
