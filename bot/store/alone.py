"""Keeps a second bot off an SQLite file; whoever only asks, checks or copies may use it beside the bot."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from bot.store.addresses import is_file, read_address
from bot.store.faults import StoreError
from bot.words import _


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Be the only one on this file until the block ends, or the program does; `StoreError` where another one is.

    The lock is the system's, on a file of its own: a killed program leaves none behind, and closing the database's own
    file would drop SQLite's locks: https://sqlite.org/howtocorrupt.html. A PostgreSQL server is for `company.py`.
    """
    address = read_address(url)
    if not is_file(address):
        yield
        return
    beside = _beside(address)
    opened = _opened(beside)
    try:
        _lock(opened, beside)
        yield
    finally:
        os.close(opened)


def is_taken(address: URL) -> bool:
    """Whether a bot is on this file just now; where a system has no such locks, nobody knows."""
    try:
        opened = os.open(_beside(address), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(opened)
    return False


def _beside(address: URL) -> Path:
    return Path(f"{Path(address.database or '').resolve()}.lock")


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        words = _("{path} can't be written ({why})").format(path=path, why=error.strerror)
        raise StoreError(words, _("check DATABASE_URL, and that its folder lets us write")) from error


def _lock(opened: int, path: Path) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        words = _("Another casier run is using this database ({path} is locked)").format(path=path)
        raise StoreError(words, _("stop that one first, or give this one a DATABASE_URL of its own")) from None
    except OSError:
        # A file system without locks: nobody is kept off.
        return
