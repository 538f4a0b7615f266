"""The trail's chain: whoever changes it is found, whoever reads it can recompute it."""

import asyncio
import csv
import hashlib
import io
import json
import sqlite3
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Head, Record, Store, StoreError, Wanted, open_store
from bot.trail import Fault, Trail

TEXTS = ("actor", "actor_name", "amount", "before", "chat", "currency", "deed", "invoice", "moment", "note", "outcome")
REST = (
    "moment, actor, actor_name, platform, chat, deed, subject, invoice, amount, currency, outcome, note, before, hash"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty database."""
    opened = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def five(store: Store) -> Store:
    """One with five rows."""
    await store.trail.append([_record(str(number)) for number in range(5)])
    return store


def _record(note: str, deed: str = "drafted", name: str = "Ștefan") -> Record:
    return Record(
        moment="2026-11-25T14:02:00.123456Z",
        actor="telegram:42",
        actor_name=name,
        platform="telegram",
        chat="telegram:42",
        deed=deed,
        amount="5320.50",
        currency="RON",
        note=note,
    )


def _tamper(store: Store, *statements: str, forced: bool = True) -> None:
    """Write into the file as somebody with its password would."""
    with closing(sqlite3.connect(store.engine.url.database or "", isolation_level=None)) as db:
        if forced:
            for name in ("trail_no_update", "trail_no_delete", "trail_in_order"):
                db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET amount = '1' WHERE number = 2",
        "DELETE FROM trail WHERE number = 5",
        "INSERT OR REPLACE INTO trail SELECT * FROM trail WHERE number = 2",
        f"INSERT INTO trail SELECT 7, {REST} FROM trail WHERE number = 5",  # noqa: S608
    ],
)
async def test_the_database_itself_lets_the_trail_only_grow(five: Store, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="the trail"):
        _tamper(five, statement, forced=False)
    assert (await Trail(five.trail).verify()).rows == 5


@pytest.mark.parametrize(
    ("statements", "fault", "wrong"),
    [
        (["UPDATE trail SET amount = '1.00' WHERE number = 3"], Fault.CHANGED, 3),
        (["UPDATE trail SET actor_name = x'00ff' WHERE number = 2"], Fault.CHANGED, 2),
        (["UPDATE trail SET moment = '2020-01-01T00:00:00.000000Z' WHERE number = 1"], Fault.CHANGED, 1),
        (["DELETE FROM trail WHERE number = 2"], Fault.MISSING, 2),
        (["DELETE FROM trail WHERE number = 1"], Fault.MISSING, 1),
        (
            [
                "UPDATE trail SET number = 9 WHERE number = 2",
                "UPDATE trail SET number = 2 WHERE number = 3",
                "UPDATE trail SET number = 3 WHERE number = 9",
            ],
            Fault.CHANGED,
            2,
        ),
        (
            [
                "UPDATE trail SET number = -number WHERE number > 2",
                "UPDATE trail SET number = 1 - number WHERE number < 0",
                f"INSERT INTO trail SELECT 3, {REST} FROM trail WHERE number = 2",  # noqa: S608
            ],
            Fault.CHANGED,
            3,
        ),
    ],
)
async def test_a_row_changed_cut_out_moved_or_slipped_in_is_named(
    five: Store, statements: list[str], fault: Fault, wrong: int
) -> None:
    _tamper(five, *statements)
    verdict = await Trail(five.trail).verify()
    assert (verdict.fault, verdict.wrong) == (fault, wrong)
    assert f"{wrong}" in verdict.words


async def test_a_row_that_was_sealed_anew_no_longer_fits_the_next(five: Store) -> None:
    row = await anext(five.trail.all())
    forged = _recomputed(
        {name: getattr(row, name) for name in (*TEXTS, "platform", "subject", "number")} | {"note": "x"}
    )
    _tamper(five, f"UPDATE trail SET note = 'x', hash = '{forged}' WHERE number = 1")  # noqa: S608
    verdict = await Trail(five.trail).verify()
    assert (verdict.fault, verdict.wrong) == (Fault.UNLINKED, 1)
    _tamper(five, f"UPDATE trail SET before = '{'1' * 64}' WHERE number = 1", forced=False)  # noqa: S608
    assert (await Trail(five.trail).verify()).fault is Fault.CHANGED


async def test_a_cut_tail_is_found_by_a_head_that_was_kept(five: Store) -> None:
    trail = Trail(five.trail)
    head = await trail.head()
    assert (await trail.verify(head)).fault is None
    _tamper(five, "DELETE FROM trail WHERE number > 3")
    assert (await trail.verify()).fault is None
    verdict = await trail.verify(head)
    assert (verdict.fault, verdict.wrong) == (Fault.CUT, 4)
    await five.trail.append([_record("forged") for _row in range(4)])
    verdict = await trail.verify(head)
    assert (verdict.fault, verdict.wrong) == (Fault.REPLACED, 5)


async def test_an_auditor_can_recompute_it_from_the_page_alone(five: Store) -> None:
    """As docs/audit.md describes it, from the CSV, with nothing of ours."""
    text = "".join([piece async for piece in Trail(five.trail).export(Wanted())])
    before = "0" * 64
    for row in csv.DictReader(io.StringIO(text, newline="")):
        plain = {name: cell.removeprefix("'") for name, cell in row.items()}
        assert plain["before"] == before
        before = plain.pop("hash")
        assert _recomputed({**plain, "number": int(plain["number"])}) == before
    assert before == (await Trail(five.trail).head()).hash


def _recomputed(row: dict[str, object]) -> str:
    line = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


async def test_two_hundred_at_once_leave_no_gap(store: Store, tmp_path: Path) -> None:
    other = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    desks = [Trail(store.trail), Trail(other.trail)]
    await asyncio.gather(*(desks[number % 2]._write(_record(str(number))) for number in range(200)))  # noqa: SLF001
    await other.close()
    verdict = await desks[0].verify()
    assert (verdict.fault, verdict.rows) == (None, 200)
    assert {row.note async for row in store.trail.all()} == set(map(str, range(200)))


async def test_twenty_thousand_rows_are_checked_in_constant_memory(store: Store) -> None:
    for _round in range(10):
        await store.trail.append([_record("x" * 100)] * 2_000)
    tracemalloc.start()
    verdict = await Trail(store.trail).verify()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (verdict.fault, verdict.rows) == (None, 20_000)
    assert most < 6_000_000


async def test_what_a_spreadsheet_would_run_is_defused_and_comes_back(store: Store) -> None:
    words = ["=1+1", "+1", "-1", "@SUM", "'quoted", 'a "b", c', "plain"]
    await store.trail.append([_record(word, name=word) for word in words])
    text = "".join([piece async for piece in Trail(store.trail).export(Wanted())])
    assert "\r\n" in text
    cells = [row["note"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert cells == ["'=1+1", "'+1", "'-1", "'@SUM", "''quoted", 'a "b", c', "plain"]
    assert [cell.removeprefix("'") for cell in cells] == words


async def test_a_restart_goes_on_where_it_stopped(five: Store, tmp_path: Path) -> None:
    again = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    (entry,) = await again.trail.append([_record("after")])
    assert entry.number == 6
    assert (await Trail(again.trail).verify()).rows == 6
    await again.close()


async def test_a_database_that_fails_is_said(five: Store) -> None:
    _tamper(five, "DROP TABLE trail")
    with pytest.raises(StoreError):
        await five.trail.append([_record("x")])


@pytest.mark.parametrize("words", ["", "12", "x " + "0" * 64, "1 " + "g" * 64, "1 " + "0" * 63])
def test_a_head_is_a_number_and_a_hash(words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        Head.read(words)
