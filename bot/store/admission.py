"""Who asks to be let in, and who is invited. Every decision is one conditional update: the first one counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.message import Sender
from bot.store.faults import told_apart
from bot.store.tables import access_requests, invitations

OPEN, LET_IN, TURNED_AWAY = "open", "let in", "turned away"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody who wants to be let in: `key` is theirs, `chat` where they asked. `role`: what they got."""

    id: str
    key: str
    name: str
    chat: str
    asked_at: datetime
    state: str = OPEN
    role: str | None = None
    decider: str | None = None
    decider_name: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role for whoever comes first with the code, of which only a hash is kept."""

    id: str
    secret: str
    role: str
    inviter: str
    inviter_name: str
    made_at: datetime
    expires_at: datetime
    guest: str | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Admissions:
    """Requests and invitations."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ask(self, wanted: AccessRequest) -> AccessRequest:
        """Ask to be let in; what this account has asked before, where that is still open."""
        with told_apart():
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(insert(access_requests).values(_row(wanted)))
            except IntegrityError:
                found = await self._request(access_requests.c.key == wanted.key, access_requests.c.state == OPEN)
                return found or wanted
        return wanted

    async def request(self, name: str) -> AccessRequest | None:
        """A request by its id."""
        with told_apart():
            return await self._request(access_requests.c.id == name)

    async def asked_since(self, key: str, moment: datetime) -> int:
        """How often this account has asked since then."""
        theirs = and_(access_requests.c.key == key, access_requests.c.asked_at >= moment)
        with told_apart():
            async with self._engine.connect() as connection:
                return await connection.scalar(select(func.count()).where(theirs)) or 0

    async def decide(self, name: str, role: str | None, by: Sender, at: datetime) -> AccessRequest | None:
        """Let somebody in with a role, or not; None where that is decided already."""
        decided = {
            "state": LET_IN if role else TURNED_AWAY,
            "role": role,
            "decider": by.key,
            "decider_name": by.name,
            "decided_at": at,
        }
        theirs = and_(access_requests.c.id == name, access_requests.c.state == OPEN)
        with told_apart():
            async with self._engine.begin() as connection:
                done = await connection.execute(update(access_requests).where(theirs).values(decided))
            return await self._request(access_requests.c.id == name) if done.rowcount else None

    async def invite(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        with told_apart():
            async with self._engine.begin() as connection:
                await connection.execute(insert(invitations).values(_row(invitation)))

    async def redeem(self, secret: str, guest: str, at: datetime) -> Invitation | None:
        """Use an invitation; None where there is no such one that is still good."""
        good = and_(invitations.c.secret == secret, _is_good(at))
        used = update(invitations).where(good).values(guest=guest, used_at=at).returning(invitations)
        with told_apart():
            async with self._engine.begin() as connection:
                row = (await connection.execute(used)).first()
        return Invitation(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    async def revoke(self, name: str, at: datetime) -> bool:
        """Nobody can use it any more; whether anybody could until now."""
        good = and_(invitations.c.id == name, _is_good(at))
        with told_apart():
            async with self._engine.begin() as connection:
                done = await connection.execute(update(invitations).where(good).values(revoked_at=at))
        return bool(done.rowcount)

    async def invited(self, at: datetime) -> list[Invitation]:
        """The invitations that are still good, the newest first."""
        wanted = select(invitations).where(_is_good(at)).order_by(invitations.c.made_at.desc())
        with told_apart():
            async with self._engine.connect() as connection:
                return [Invitation(**row._mapping) for row in await connection.execute(wanted)]  # noqa: SLF001

    async def _request(self, *which: Any) -> AccessRequest | None:  # noqa: ANN401
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(access_requests).where(*which))).first()
        return AccessRequest(**row._mapping) if row else None  # noqa: SLF001


def _is_good(at: datetime) -> Any:  # noqa: ANN401
    each = invitations.c
    return and_(each.used_at.is_(None), each.revoked_at.is_(None), each.expires_at > at)


def _row(of: AccessRequest | Invitation) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__slots__}
