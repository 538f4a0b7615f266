"""Who may do what, as it was decided in the chat. Every change counts, so that other programs notice it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.message import Sender
from bot.store.dialects import upsert
from bot.store.faults import told_apart
from bot.store.tables import access_watch, group_roles, identities, people

_ROW = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """An account on a platform, and whose it is."""

    key: str
    name: str
    person: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, who gave it, and when. `whose`: a person's id, or a group's place."""

    whose: str
    role: str
    granter: str
    granter_name: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Register:
    """Everybody who was let in from the chat. `edition` counts the changes."""

    edition: int = 0
    identities: tuple[Identity, ...] = ()
    grants: tuple[Grant, ...] = ()
    groups: tuple[Grant, ...] = ()


class PeopleRows:
    """People and their accounts; each account is one person's."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def edition(self) -> int:
        """How many changes there were."""
        with told_apart():
            async with self._engine.connect() as connection:
                return await connection.scalar(select(access_watch.c.edition)) or 0

    async def register(self) -> Register:
        """Everybody, as they are at one moment."""
        with told_apart():
            async with self._engine.connect() as connection:
                edition = await connection.scalar(select(access_watch.c.edition)) or 0
                accounts = await connection.execute(select(identities).order_by(identities.c.joined_at))
                granted = await connection.execute(select(people).where(people.c.role.is_not(None)))
                groups = await connection.execute(select(group_roles))
                return Register(
                    edition,
                    tuple(Identity(row.key, row.name, row.person) for row in accounts),
                    tuple(Grant(row.id, row.role, row.granter, row.granter_name, row.granted_at) for row in granted),
                    tuple(Grant(row.place, row.role, row.granter, row.granter_name, row.granted_at) for row in groups),
                )

    async def grant(self, whom: Identity, role: str | None, by: Sender, at: datetime) -> None:
        """Give somebody a role, or none; an account that is not known belongs to the person that is named."""
        async with self._changing() as connection:
            joined = {"key": whom.key, "person": whom.person, "name": whom.name, "joined_at": at}
            await connection.execute(upsert(self._engine, identities, joined, ["name"]))
            person = await _person(connection, whom.key)
            given = {"role": role, "granter": by.key, "granter_name": by.name, "granted_at": at}
            await connection.execute(upsert(self._engine, people, {"id": person, **given}, list(given)))

    async def grant_group(self, place: str, role: str | None, by: Sender, at: datetime) -> None:
        """Give everybody in a group a role, or none."""
        async with self._changing() as connection:
            if role is None:
                await connection.execute(delete(group_roles).where(group_roles.c.place == place))
                return
            given = {"role": role, "granter": by.key, "granter_name": by.name, "granted_at": at}
            await connection.execute(upsert(self._engine, group_roles, {"place": place, **given}, list(given)))

    async def join(self, one: Identity, other: Identity, at: datetime) -> None:
        """From now on these two accounts are the first one's person's, and so are all others of the second one's."""
        async with self._changing() as connection:
            for each in (one, other):
                joined = {"key": each.key, "person": each.person, "name": each.name, "joined_at": at}
                await connection.execute(upsert(self._engine, identities, joined, ["name"]))
            kept, lost = [await _person(connection, each.key) for each in (one, other)]
            if kept != lost:
                await connection.execute(
                    update(identities).where(identities.c.person == lost).values(person=kept, joined_at=at)
                )
                await _inherit(connection, kept, lost)

    async def part(self, key: str, person: str) -> None:
        """From now on this account is another person's, who has no role yet."""
        async with self._changing() as connection:
            await connection.execute(update(identities).where(identities.c.key == key).values(person=person))

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[AsyncConnection]:
        with told_apart():
            async with self._engine.begin() as connection:
                counted = await connection.execute(update(access_watch).values(edition=access_watch.c.edition + 1))
                if not counted.rowcount:
                    await connection.execute(insert(access_watch).values(id=_ROW, edition=1))
                yield connection


async def _person(connection: AsyncConnection, key: str) -> str:
    return str(await connection.scalar(select(identities.c.person).where(identities.c.key == key)))


async def _inherit(connection: AsyncConnection, kept: str, lost: str) -> None:
    """Roles stay what they are, each with who gave it: the higher one counts as long as both are there."""
    rows = {row.id: row for row in await connection.execute(select(people).where(people.c.id.in_([kept, lost])))}
    old, new = rows.get(lost), rows.get(kept)
    if old and old.role and not (new and new.role):
        await connection.execute(delete(people).where(people.c.id == kept))
        await connection.execute(update(people).where(people.c.id == lost).values(id=kept))
