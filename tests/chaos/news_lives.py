"""What one process that tells payments is to do between its start and its end."""

from enum import StrEnum

import msgspec


class Flaw(StrEnum):
    """What is wrong with it, so that the judge has something to find."""

    FORGETS = "one event in ten is not heard"
    FORGETS_ITS_WORD = "that something was told is written down nine times in ten"
    TELLS_EVERYBODY = "one message in ten goes to a chat that never asked"


class NewsLife(msgspec.Struct, frozen=True, kw_only=True):
    """Where it finds everything. `moody`: the platform fails now and then. `ends`: when nothing is left to be told."""

    database: str
    api: str
    key: str
    folder: str
    moody: bool = True
    ends: bool = False
    flaw: Flaw | None = None
    patience_seconds: float = 1e6
