"""The trail on disk: rows that are only ever added, each holding the hash of the one before it."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.faults import StoreError
from bot.store.tables import trail

FIRST = "0" * 64
_WINDOW = 500
_HEAD = re.compile(r"([0-9]{1,18})\s+([0-9a-f]{64})")
# The lock under which PostgreSQL lets one writer at a time add rows: any number that nothing else here uses.
_ADVISORY_LOCK = 7_268_151


class Deed(StrEnum):
    """What somebody did. The column takes any word: an older Casier can read what a newer one wrote."""

    ASKED = "asked"
    REFUSED = "refused"
    DRAFTED = "drafted"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNDONE = "undone"
    APPROVED = "approved"
    REJECTED = "rejected"
    VERDICT = "verdict"
    SETTLED = "settled"
    ACCESS = "access"
    SUBSCRIBED = "subscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Who did what, where, when, with which outcome; all of it text, empty where there is nothing to say.

    `moment` is UTC as `2026-11-25T14:02:00.123456Z`; `amount` has the digits that were said; `subject` is the id of a
    payment order.
    """

    moment: str
    actor: str
    actor_name: str
    platform: str
    chat: str
    deed: str
    subject: str = ""
    invoice: str = ""
    amount: str = ""
    currency: str = ""
    outcome: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """A record with its place in the chain. `before` is the hash of the row in front of it."""

    number: int
    before: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row's number and hash; 0 and zeros where there is none."""

    number: int = 0
    hash: str = FIRST

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"

    @classmethod
    def read(cls, words: str) -> "Head":
        """`12 3f9a…`, as it is written; `ValueError` for anything else."""
        found = _HEAD.fullmatch(words.strip())
        if found is None:
            raise ValueError(words)
        return cls(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of one person, about an invoice or by a name, from one moment until before another.

    `actors`: the keys of all the person's accounts.
    """

    actors: tuple[str, ...] = ()
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


def sealed(row: Record, number: int, before: str) -> str:
    """The hash of a row: SHA-256 over its fields as JSON, with sorted keys and without spaces, in UTF-8."""
    line = _CANONICAL({**{name: getattr(row, name) for name in _FIELDS}, "number": number, "before": before})
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


def written_moment(moment: datetime) -> str:
    """A moment as the trail writes it: text of one length, which sorts as time does."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


_FIELDS = tuple(field.name for field in fields(Record))
_COLUMNS = tuple(field.name for field in fields(Entry))
# What somebody put there by hand may be of any type: `repr` makes it something that no hash fits.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr).encode


class TrailRows:
    """Adds rows at the end, one writer at a time; reads them in either direction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def append(self, records: Sequence[Record]) -> list[Entry]:
        """Add these in their order, all or none; `StoreError` where the database doesn't take them."""
        try:
            async with self._engine.connect() as connection:
                await _alone(connection)
                entries = _chained(records, await _head(connection))
                await connection.execute(insert(trail), [_values(entry) for entry in entries])
                await connection.commit()
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from error
        return entries

    async def head(self) -> Head:
        """The newest row."""
        async with self._engine.connect() as connection:
            return await _head(connection)

    async def all(self, wanted: Wanted | None = None) -> AsyncIterator[Entry]:
        """Every row that is wanted, the oldest first, read in windows."""
        last = 0
        while rows := await self._window(and_(trail.c.number > last, _which(wanted or Wanted()))):
            for row in rows:
                yield row
            last = rows[-1].number

    async def page(self, wanted: Wanted, start: int, count: int) -> list[Entry]:
        """So many of the rows that are wanted, the newest first."""
        newest = select(trail).where(_which(wanted)).order_by(trail.c.number.desc())
        async with self._engine.connect() as connection:
            rows = await connection.execute(newest.offset(start).limit(count))
            return [_entry(row) for row in rows.mappings()]

    async def count(self, wanted: Wanted) -> int:
        """How many rows are wanted."""
        async with self._engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(trail).where(_which(wanted))) or 0

    async def _window(self, which: ColumnElement[bool]) -> list[Entry]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(trail).where(which).order_by(trail.c.number).limit(_WINDOW))
            return [_entry(row) for row in rows.mappings()]


async def _alone(connection: AsyncConnection) -> None:
    """Let nobody else add rows until this transaction ends: two would take the same number."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    else:
        await connection.execute(text("BEGIN IMMEDIATE"))


async def _head(connection: AsyncConnection) -> Head:
    newest = select(trail.c.number, trail.c.hash).order_by(trail.c.number.desc()).limit(1)
    row = (await connection.execute(newest)).first()
    return Head(row.number, row.hash) if row else Head()


def _chained(records: Sequence[Record], head: Head) -> list[Entry]:
    entries = []
    for record in records:
        number = head.number + 1
        said = {name: getattr(record, name) for name in _FIELDS}
        entry = Entry(**said, number=number, before=head.hash, hash=sealed(record, number, head.hash))
        entries.append(entry)
        head = Head(number, entry.hash)
    return entries


def _values(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS}


def _entry(row: Any) -> Entry:  # noqa: ANN401 - a row of any shape
    return Entry(**{name: row[name] for name in _COLUMNS})


def _which(wanted: Wanted) -> ColumnElement[bool]:
    which: list[ColumnElement[bool]] = [true()]
    if wanted.actors:
        which.append(trail.c.actor.in_(wanted.actors))
    if wanted.about:
        which.append(_about(wanted.about))
    if wanted.since:
        which.append(trail.c.moment >= written_moment(wanted.since))
    if wanted.until:
        which.append(trail.c.moment < written_moment(wanted.until))
    return and_(*which)


def _about(said: str) -> ColumnElement[bool]:
    """An invoice's number, or a part of somebody's name. SQLite's own `lower` knows ASCII only: hence the capital."""
    by_name = [trail.c.actor_name.icontains(word, autoescape=True) for word in {said, said.capitalize()}]
    return or_(func.lower(trail.c.invoice) == said.lower(), *by_name)
