"""What a picture shows: lengths of bars, and the words beside them as they are to be read."""

import msgspec


class Bar(msgspec.Struct, frozen=True):
    """A length with its label; `shown` is the same as people read it. Only the drawing is approximate."""

    label: str
    length: float
    shown: str = ""


class Tick(msgspec.Struct, frozen=True):
    """A place on an axis and what is written there."""

    at: float
    label: str


class Chart(msgspec.Struct, frozen=True):
    """Two charts under one title: bars that lie (ages), and bars that stand (over time, the oldest first).

    `ticks`: the scale of the standing bars; `dates`: what is written below them, by their places from 0 on. `nothing`
    is said in their place where there are none.
    """

    title: str
    lying_title: str
    lying: tuple[Bar, ...]
    standing_title: str
    standing: tuple[float, ...]
    ticks: tuple[Tick, ...] = ()
    dates: tuple[Tick, ...] = ()
    nothing: str = ""
