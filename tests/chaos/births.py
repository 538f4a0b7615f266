"""How processes that are to be killed begin.

Loading the bot takes seconds; so that is done once, and every life is a fork of it: a process of its own that starts
with nothing open. What is born and what has ended is said in lines of JSON.
"""

import asyncio
import gc
import os
import random
import select
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import alembic.command  # noqa: F401 - loaded before the first life
import dbos  # noqa: F401 - the same
import msgspec

import bot.notifications.workflow
import bot.payments.workflow  # noqa: F401 - the same
from bot.logs import set_up_logs


class AnyLife(Protocol):
    """What every life has: a folder for its log, and a secret that must not be in that."""

    @property
    def folder(self) -> str:
        """Where its log is."""
        ...

    @property
    def key(self) -> str:
        """Billing's key."""
        ...


L = TypeVar("L", bound=AnyLife)
Lived = Callable[[L], Coroutine[Any, Any, int]]


class Ended(msgspec.Struct, frozen=True):
    """A life is over: its process, and how it ended (negative: by which signal)."""

    pid: int
    code: int


class Born(msgspec.Struct, frozen=True):
    """A life begins."""

    pid: int
    code: int | None = None


def give_birth(kind: type[L], lived: Lived[L]) -> None:
    """Give birth to every life that the input asks for, and bury, until it ends; nobody is left behind."""
    alive: set[int] = set()
    # What is loaded stays: no life looks through it for rubbish.
    gc.collect()
    gc.freeze()
    # Without a buffer, which would hide lines from `select`.
    orders = os.fdopen(0, "rb", buffering=0)
    while True:
        _bury(alive)
        if not select.select([orders], [], [], 0.02)[0]:
            continue
        line = orders.readline()
        if not line:
            break
        pid = _be_born(msgspec.json.decode(line, type=kind), lived)
        alive.add(pid)
        _say(Born(pid))
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _be_born(life: L, lived: Lived[L]) -> int:
    """Fork; the child lives and ends here."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        log = os.open(Path(life.folder) / "log", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        random.seed()
        set_up_logs("INFO", "json", (life.key,))
        code = asyncio.run(lived(life))
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(code)


def _say(line: Born | Ended) -> None:
    os.write(1, msgspec.json.encode(line) + b"\n")


def _bury(alive: set[int]) -> None:
    for pid in list(alive):
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            alive.discard(pid)
            _say(Ended(pid, os.waitstatus_to_exitcode(status)))
