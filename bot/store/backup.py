"""Copies the database while the bot goes on writing it."""

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.store import engines
from bot.store.addresses import is_file, read_address, unusable
from bot.store.faults import StoreError
from bot.words import _


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was looked through and found whole; its size is in bytes."""

    path: Path
    size: int


async def back_up(url: str, target: Path, *, force: bool = False) -> Backup:
    """Copy the SQLite file of this address to `target`, as it is at one moment; `StoreError` where that can't be done.

    A file that is there already is replaced by `force` only, and only once the copy is complete.
    """
    address = read_address(url)
    if not is_file(address):
        words = _("casier backup copies SQLite files: back up a PostgreSQL database with pg_dump --format=custom.")
        raise StoreError(words)
    source = Path(address.database or "")
    _check(source, target, force=force)
    try:
        return await asyncio.to_thread(_copied, source, target, force=force)
    except sqlite3.Error as error:
        raise unusable(address, error) from error
    except OSError as error:
        words = _("The backup {path} can't be written ({why}).").format(path=target, why=error.strerror or error)
        raise StoreError(words) from error


def _check(source: Path, target: Path, *, force: bool) -> None:
    if not source.exists():
        raise StoreError(_("There is no database {path} yet: check DATABASE_URL.").format(path=source))
    if not target.exists():
        return
    if target.samefile(source):
        raise StoreError(_("{path} is the database itself.").format(path=target))
    if not force:
        raise StoreError(_("{path} is there already: name another file, or add --force.").format(path=target))


def _copied(source: Path, target: Path, *, force: bool) -> Backup:
    """Write it under another name, so that whatever bears the target's name is whole."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    os.close(handle)
    unfinished = Path(name)
    try:
        _copy(source, unfinished)
        _sync(unfinished)
        _check(source, target, force=force)
        _check_alone(target)
        unfinished.replace(target)
        _sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size)


def _copy(source: Path, target: Path) -> None:
    # Not read-only: such a reader would leave the files of the write-ahead log behind.
    address = f"{source.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=engines.PATIENCE_SECONDS)) as books,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        # From here on it is read as it is now; and a lock is waited for here, where waiting has an end.
        books.execute("BEGIN")
        books.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        books.backup(copy)
        # One file with nothing beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        _check_whole(copy)


def _check_whole(copy: sqlite3.Connection) -> None:
    (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        found = " ".join(found.split())
        raise StoreError(_("The copy is damaged ({why}), and so may be the database itself.").format(why=found))


def _check_alone(target: Path) -> None:
    """A write-ahead log of another database would be played into the copy: https://sqlite.org/howtocorrupt.html."""
    for end in ("-wal", "-journal"):
        if (beside := target.with_name(target.name + end)).exists():
            raise StoreError(
                _("{path} belongs to a database that is in use there: name another file.").format(path=beside)
            )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
