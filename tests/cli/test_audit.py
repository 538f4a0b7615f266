"""`casier audit`, as an auditor uses it: no billing, no key, beside a running bot or without one."""

import csv
import io
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox import SandboxOptions, SandboxServer
from tests.cli.terminals import casier, settings_for


@pytest.fixture
async def desk_env(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Settings that lead to billing, as whoever asks at a terminal has them."""
    async with SandboxServer(SandboxOptions(demo=True)) as server:
        yield settings_for(server, tmp_path)


@pytest.fixture
async def env(tmp_path: Path) -> dict[str, str]:
    """Settings without billing; in the database, two drafts and a lookup."""
    async with SandboxServer(SandboxOptions(demo=True)) as server:
        whole = settings_for(server, tmp_path)
        await casier(whole, "chat", typed="/pay 2024-001 10 cash\n/pay 2024-001 20 cash\n/id\nquit\n")
    return {name: value for name, value in whole.items() if not name.startswith("BILLING")}


def _tamper(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "casier.db", isolation_level=None)) as db:
        for name in ("trail_no_update", "trail_no_delete"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(statement)


async def test_verify_says_whole_or_names_what_is_wrong(env: dict[str, str], tmp_path: Path) -> None:
    head = (await casier(env, "audit", "head")).out.strip()
    assert head.startswith("3 ")
    whole = await casier(env, "audit", "verify", "--head", head)
    assert (whole.code, whole.out) == (0, f"The trail is whole: 3 rows, the newest is {head}\n")
    (tmp_path / "kept").write_text(f"{head}\n", encoding="ascii")
    _tamper(tmp_path, "DELETE FROM trail WHERE number = 3")
    assert (await casier(env, "audit", "verify")).code == 0
    cut = await casier(env, "audit", "verify", "--head-file", str(tmp_path / "kept"))
    assert (cut.code, cut.err) == (1, "")
    assert "row 3 and what followed are missing" in cut.out
    _tamper(tmp_path, "UPDATE trail SET amount = '1' WHERE number = 2")
    changed = await casier(env, "audit", "verify")
    assert (changed.code, changed.out) == (1, "The trail is broken: row 2 was changed.\n")


async def test_what_is_no_head_or_no_database_is_misuse(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for words in (("--head", "3"), ("--head-file", str(tmp_path / "empty")), ("--head-file", str(tmp_path / "none"))):
        assert (await casier(env, "audit", "verify", *words)).code == 2
    elsewhere = await casier({**env, "DATABASE_URL": f"sqlite:///{tmp_path / 'typo.db'}"}, "audit", "verify")
    assert elsewhere.code == 2
    assert "There is no database" in elsewhere.err
    assert not (tmp_path / "typo.db").exists()


async def test_export_writes_a_file_or_prints(env: dict[str, str], tmp_path: Path) -> None:
    printed = await casier(env, "audit", "export", "-")
    rows = list(csv.DictReader(io.StringIO(printed.out, newline="")))
    assert [(row["number"], row["deed"], row["amount"]) for row in rows] == [
        ("1", "drafted", "10.00"),
        ("2", "drafted", "20.00"),
        ("3", "asked", ""),
    ]
    told = await casier(env, "audit", "export", str(tmp_path / "a.csv"))
    assert (told.code, told.out) == (0, f"{tmp_path / 'a.csv'} has 3 rows of the trail.\n")
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.csv").read_bytes().decode() == printed.out
    day = rows[0]["moment"][:10]
    no_day = await casier(env, "audit", "export", "--since", "yesterday", "-")
    assert (no_day.code, no_day.out) == (2, "")
    assert "“yesterday” is no day: write it like 2026-11-01" in no_day.err
    none = await casier(env, "audit", "export", "--until", "2020-01-01", "-")
    assert none.out.count("\n") == 1
    some = await casier(env, "audit", "export", "--since", "2020-01-01", "-")
    assert some.out == printed.out, day


async def test_an_export_replaces_a_file_by_force_only(env: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("mine", encoding="ascii")
    refused = await casier(env, "audit", "export", str(target))
    assert (refused.code, refused.out) == (2, "")
    assert "is there already: name another file, or add --force" in refused.err
    assert target.read_text(encoding="ascii") == "mine"
    forced = await casier(env, "audit", "export", "--force", str(target))
    assert forced.code == 0
    assert target.read_bytes().count(b"\r\n") == 4
    nowhere = await casier(env, "audit", "export", str(tmp_path / "none" / "a.csv"))
    assert nowhere.code == 2
    assert "Traceback" not in nowhere.err
    none = {**env, "DATABASE_URL": f"sqlite:///{tmp_path / 'typo.db'}"}
    assert (await casier(none, "audit", "export", str(tmp_path / "b.csv"))).code == 2
    assert not [entry.name for entry in os.scandir(tmp_path) if "b.csv" in entry.name]


async def test_a_file_of_an_answer_is_saved_over_nothing_that_is_there(
    desk_env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "audit.csv").write_text("mine", encoding="ascii")
    first = await casier(desk_env, "ask", "--save", str(tmp_path), "/audit_file")
    assert (first.code, first.err) == (0, "")
    assert f"Saved as {tmp_path / 'audit-2.csv'}" in first.out
    assert (tmp_path / "audit.csv").read_text(encoding="ascii") == "mine"
    assert (tmp_path / "audit-2.csv").read_bytes().startswith(b"number,moment,")
    assert (tmp_path / "audit-2.csv").stat().st_mode & 0o777 == 0o600
    chatted = await casier(desk_env, "chat", "--save", str(tmp_path), typed="/audit_file\n")
    assert f"Saved as {tmp_path / 'audit-3.csv'}" in chatted.out
    told = json.loads((await casier(desk_env, "ask", "--json", "--save", str(tmp_path), "/audit_file")).out)
    assert told["saved"] == [str(tmp_path / "audit-4.csv")]
    assert told["files"][0]["content"] == {"bytes": (tmp_path / "audit-4.csv").stat().st_size}


async def test_a_file_that_cannot_be_saved_is_told_in_a_line(desk_env: dict[str, str], tmp_path: Path) -> None:
    elsewhere = await casier(desk_env, "ask", "--save", str(tmp_path / "none"), "/audit_file")
    assert elsewhere.code == 2
    told = await casier(desk_env, "ask", "--save", "/proc", "/audit_file")
    assert told.code == 1
    assert "The file could not be saved in /proc: " in told.out
    assert "Traceback" not in told.out + told.err
