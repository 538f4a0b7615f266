"""What one process is to do between its start and its end."""

import msgspec

from tests.chaos.points import KillPoint


class Strike(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the API does to a payment: one of the sandbox's faults."""

    kind: str
    status: int | None = None
    seconds: float | None = None


class Cell(msgspec.Struct, frozen=True):
    """One payment: its invoice, where it is when the process is killed, and what the API does to it."""

    invoice: str
    point: KillPoint | None = None
    strike: Strike | None = None


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """Where it finds everything, what it pays, and when it is killed.

    It pays 10 on the invoice of each of `cells` and ends when nothing is undecided; with a `pace` (mean seconds
    between two) it goes on paying on any of them until it is killed. Not `fresh`: it pays nothing, but goes on with
    what was paid before, and `presses` what was asked for and not confirmed. Not `armed`: without the token that lets
    only one run send.
    """

    database: str
    api: str
    key: str
    book: str
    folder: str
    cells: tuple[Cell, ...] = ()
    fresh: bool = True
    presses: bool = True
    armed: bool = True
    pace: float | None = None
    hold_seconds: float = 0.3
    armed_seconds: float = 5.0
    looks: tuple[float, ...] = (0.1, 0.3, 0.6, 1.0)
    read_seconds: float = 1.2
    deadline_seconds: float = 2.5
    patience_seconds: float = 120.0
