"""What one process is to do between its start and its end."""

import msgspec

from tests.chaos.points import KillPoint


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """Where it finds everything, what it pays, and where it is killed.

    It pays 10 on each of `invoices` and ends when nothing is undecided; with a `pace` (mean seconds between two) it
    goes on paying on any of them until it is killed. Not `armed`: without the token that lets only one run send.
    """

    database: str
    api: str
    key: str
    book: str
    journal: str
    log: str
    invoices: tuple[str, ...] = ()
    point: KillPoint | None = None
    armed: bool = True
    pace: float | None = None
    hold_seconds: float = 0.3
    armed_seconds: float = 1.5
    looks: tuple[float, ...] = (0.1, 0.4, 1.0, 2.0, 1.0)
    read_seconds: float = 1.2
    deadline_seconds: float = 2.5
    patience_seconds: float = 40.0
