"""A copy of a database that is being written: whole, private, and complete before it bears its name."""

import multiprocessing
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from bot.store import StoreError, back_up, open_store

WRITTEN = "INSERT INTO shorts VALUES (?, ?, '2026-01-01')"


@pytest.fixture
async def books(tmp_path: Path) -> Path:
    """A database with something in it."""
    path = tmp_path / "live" / "a ? b#.db"
    path.parent.mkdir()
    await (await open_store(f"sqlite:///{tmp_path / 'live' / 'casier.db'}")).close()
    (tmp_path / "live" / "casier.db").rename(path)
    return path


@pytest.fixture
def url(tmp_path: Path, books: Path) -> str:
    """Its URL; a link leads to a name that URLs can't hold."""
    link = tmp_path / "casier.db"
    link.symlink_to(books)
    return f"sqlite:///{link}"


def write_pairs(path: str, begun: Event, enough: Event) -> None:
    """Write two rows a transaction, again and again."""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        for number in range(100_000):
            if enough.is_set():
                return
            database.execute("BEGIN IMMEDIATE")
            database.execute(WRITTEN, (f"{number} a", "x" * 500))
            database.execute(WRITTEN, (f"{number} b", "x" * 500))
            database.execute("COMMIT")
            if number == 100:
                begun.set()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Another program writes there, for as long as the block lasts."""
    spawned = multiprocessing.get_context("spawn")
    begun, enough = spawned.Event(), spawned.Event()
    writer = spawned.Process(target=write_pairs, args=(str(path), begun, enough))
    writer.start()
    try:
        assert begun.wait(60)
        yield
    finally:
        enough.set()
        writer.join(60)
        assert writer.exitcode == 0


def counted(path: Path) -> tuple[int, int]:
    """How many halves of pairs a copy has."""
    with closing(sqlite3.connect(path)) as copy:
        halves: tuple[int, int] = copy.execute(
            "SELECT count(*) FILTER (WHERE id LIKE '% a'), count(*) FILTER (WHERE id LIKE '% b') FROM shorts",
        ).fetchone()
        return halves


async def test_a_copy_is_of_one_moment_while_another_program_writes(books: Path, url: str, tmp_path: Path) -> None:
    before = 0
    with writing(books):
        for number in range(5):
            copy = tmp_path / f"{number}.db"
            backup = await back_up(url, copy)
            first, second = counted(copy)
            assert first == second > before
            assert backup.size == copy.stat().st_size
            before = first


async def test_a_copy_is_one_private_file_and_opens_as_a_store(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    await back_up(url, folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    store = await open_store(f"sqlite:///{folder / 'copy.db'}")
    await store.check()
    await store.close()


async def refused(url: str, target: Path, *, force: bool = False) -> str:
    """The line with which a copy is refused."""
    before = sorted(target.parent.iterdir()) if target.parent.exists() else []
    with pytest.raises(StoreError) as stopped:
        await back_up(url, target, force=force)
    assert (sorted(target.parent.iterdir()) if target.parent.exists() else []) == before
    assert "\n" not in str(stopped.value)
    return str(stopped.value)


async def test_a_file_is_replaced_only_by_force(url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious", encoding="utf-8")
    assert "is there already: name another file, or add --force" in await refused(url, target)
    assert target.read_text(encoding="utf-8") == "precious"
    await back_up(url, target, force=True)
    assert counted(target) == (0, 0)


async def test_the_database_is_never_replaced_by_its_copy(books: Path, url: str, tmp_path: Path) -> None:
    (tmp_path / "hard.db").hardlink_to(books)
    for name in ("casier.db", "hard.db"):
        assert "is the database itself" in await refused(url, tmp_path / name, force=True)


async def test_a_copy_is_not_laid_beside_the_log_of_another_database(url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db-wal").touch()
    assert "is in use there" in await refused(url, tmp_path / "copy.db")


async def test_what_cannot_be_written_is_said(url: str, tmp_path: Path) -> None:
    assert "can't be written (No such file or directory)" in await refused(url, tmp_path / "nowhere" / "copy.db")
    (tmp_path / "folder").mkdir()
    assert "can't be written (Is a directory)" in await refused(url, tmp_path / "folder", force=True)


async def test_what_is_no_database_is_not_copied(tmp_path: Path) -> None:
    assert "There is no database" in await refused(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "copy.db")
    (tmp_path / "a.db").write_text("hello, I am a letter, not a database", encoding="utf-8")
    assert "not a database" in await refused(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "copy.db")


@pytest.fixture
def damaged(books: Path) -> None:
    """Some pages of the database are lost."""
    with closing(sqlite3.connect(books, isolation_level=None)) as database:
        for number in range(500):
            database.execute(WRITTEN, (str(number), "x" * 500))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = bytearray(books.read_bytes())
    pages[-40 * 4096 :] = b"\xff" * 40 * 4096
    books.write_bytes(pages)


@pytest.mark.usefixtures("damaged")
async def test_a_damaged_database_is_told(url: str, tmp_path: Path) -> None:
    assert "damaged" in await refused(url, tmp_path / "copy.db")


async def test_a_database_on_a_server_is_left_to_pg_dump(tmp_path: Path) -> None:
    assert "pg_dump" in await refused("postgresql://casier:s3cret@127.0.0.1:1/books", tmp_path / "copy.db")
