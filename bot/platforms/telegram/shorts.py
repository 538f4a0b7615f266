"""Short ids for commands that don't fit into a button: Telegram gives it 64 bytes."""

import hashlib
from base64 import b32encode
from typing import Protocol

_MARK = "~"
_LONGEST = 64
_ID_BYTES = 15


class Shorts(Protocol):
    """Keeps commands by their short id, also over a restart."""

    async def put(self, command: str) -> str:
        """Keep a command (again, which is no fault) and say its id: at most 32 of A-Z and 2-7."""
        ...

    async def get(self, short: str) -> str | None:
        """The command of this id; None where it is not kept, or not any more."""
        ...


class MemoryShorts:
    """Keeps them as long as the program runs."""

    def __init__(self) -> None:
        self._commands: dict[str, str] = {}

    async def put(self, command: str) -> str:
        """Keep a command."""
        short = short_id(command)
        self._commands[short] = command
        return short

    async def get(self, short: str) -> str | None:
        """The command of this id."""
        return self._commands.get(short)


def short_id(command: str) -> str:
    """The same for the same command, so that a list drawn a thousand times is kept once."""
    return b32encode(hashlib.blake2b(command.encode(), digest_size=_ID_BYTES).digest()).decode()


def fits(command: str) -> bool:
    """Whether a button can carry the command itself."""
    return len(command.encode()) <= _LONGEST


async def carried(command: str, shorts: Shorts) -> str:
    """What a button carries for a command that doesn't fit."""
    return _MARK + await shorts.put(command)


def short_of(said: str) -> str | None:
    """The short id that a button carried, if it wasn't the command itself."""
    return said.removeprefix(_MARK) if said.startswith(_MARK) else None
