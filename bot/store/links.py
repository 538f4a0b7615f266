"""Codes by which a person joins accounts on two platforms: each good once, and for a short while."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.faults import told_apart
from bot.store.tables import link_codes


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """An account that wants to be joined with whoever says its code."""

    key: str
    name: str


class Links:
    """Of a code only a hash is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def offer(self, secret: str, whose: LinkOffer, at: datetime, until: datetime) -> None:
        """Keep a code; those of this account from before are not good any more, nor is anything that has expired."""
        old = delete(link_codes).where(or_(link_codes.c.key == whose.key, link_codes.c.expires_at < at))
        made = {"secret": secret, "key": whose.key, "name": whose.name, "expires_at": until}
        with told_apart():
            async with self._engine.begin() as connection:
                await connection.execute(old)
                await connection.execute(insert(link_codes).values(made))

    async def redeem(self, secret: str, at: datetime) -> LinkOffer | None:
        """Use a code; None where there is no such one that is still good."""
        good = and_(link_codes.c.secret == secret, link_codes.c.used_at.is_(None), link_codes.c.expires_at > at)
        used = update(link_codes).where(good).values(used_at=at).returning(link_codes.c.key, link_codes.c.name)
        with told_apart():
            async with self._engine.begin() as connection:
                row = (await connection.execute(used)).first()
        return LinkOffer(row.key, row.name) if row else None
