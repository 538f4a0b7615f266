"""Subscriptions on disk, chat by chat."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.hours import QuietHours
from bot.message import Chat, ChatKind
from bot.store.dialects import upsert
from bot.store.faults import told_apart
from bot.store.subscription import Audience, CardStyle, Filter, Subscription
from bot.store.tables import audiences, deliveries, subscriptions
from bot.store.transaction import Transaction


class Subscriptions:
    """Which chats hear of payments, and of which. A chat is known by its key, its `place`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def audiences(self) -> list[Audience]:
        """Every chat that hears of payments."""
        with told_apart():
            async with self._engine.connect() as connection:
                return await connection.run_sync(self.hearing)

    @staticmethod
    def hearing(transaction: Transaction) -> list[Audience]:
        """The same as a transaction sees it."""
        return _audiences(transaction, true())

    async def audience(self, place: str) -> Audience | None:
        """One of them; None where nobody has subscribed anything."""
        with told_apart():
            async with self._engine.connect() as connection:
                found = await connection.run_sync(_audiences, audiences.c.place == place)
        return found[0] if found else None

    async def subscribe(self, chat: Chat, wanted: Subscription, instead: str | None = None) -> Subscription:
        """Let a chat hear of something; also in the place of another subscription of its own.

        What it subscribed before gets the new manners only. We can write there, as far as we know.
        """
        with told_apart():
            async with self._engine.begin() as connection:
                await _enter(self._engine, connection, chat)
                for each in await _of(connection, [chat.key]):
                    if instead and each.id == instead and not each.origin:
                        await connection.execute(delete(subscriptions).where(subscriptions.c.id == each.id))
                    elif each.wanted == wanted.wanted:
                        return await _restyle(connection, each, wanted)
                await connection.execute(insert(subscriptions).values(_row(chat.key, wanted)))
        return wanted

    async def remove(self, place: str, names: Collection[str]) -> None:
        """Take subscriptions of a chat away, but for those of the settings."""
        ours = and_(subscriptions.c.place == place, subscriptions.c.id.in_(names), subscriptions.c.origin.is_(None))
        with told_apart():
            async with self._engine.begin() as connection:
                await connection.execute(delete(subscriptions).where(ours))
                await connection.execute(delete(audiences).where(_is_deserted()))

    async def mute(self, place: str, until: datetime | None) -> None:
        """Leave a chat alone until then; None: no longer."""
        await self._change(audiences.c.place == place, muted_until=until)

    async def resume(self, place: str) -> None:
        """Write to a chat again."""
        await self._change(audiences.c.place == place, paused_at=None)

    async def pause(self, chat: Chat, at: datetime) -> list[Audience]:
        """We can't write to a chat, nor to its threads; those of them where we could until now."""
        there = and_(audiences.c.platform == chat.platform, audiences.c.chat == chat.id)
        writable = and_(there, audiences.c.paused_at.is_(None))
        with told_apart():
            async with self._engine.begin() as connection:
                paused = update(audiences).where(writable).values(paused_at=at).returning(audiences.c.place)
                places = (await connection.execute(paused)).scalars().all()
                return await connection.run_sync(_audiences, audiences.c.place.in_(places))

    async def move(self, old: Chat, new: Chat) -> bool:
        """A chat has got another id: what it subscribed, and what waits for it, goes there; whether anything did."""
        with told_apart():
            async with self._engine.begin() as connection:
                found = await connection.run_sync(_audiences, audiences.c.place == old.key)
                for audience in found:
                    await _enter(self._engine, connection, new)
                    await _carry_over(connection, old.key, new.key)
                    moved = {"muted_until": audience.muted_until, "told_at": audience.told_at}
                    await connection.execute(update(audiences).where(audiences.c.place == new.key).values(moved))
                return bool(found)

    async def settle(self, chats: Mapping[str, Chat], wanted: Mapping[str, Subscription]) -> None:
        """Let just these subscriptions come from the settings, by what they are called there."""
        origins = select(subscriptions.c.origin).where(subscriptions.c.origin.is_not(None))
        with told_apart():
            async with self._engine.begin() as connection:
                known = set((await connection.execute(origins)).scalars())
                if known == chats.keys():
                    return
                gone = subscriptions.c.origin.in_(known - chats.keys())
                await connection.execute(delete(subscriptions).where(gone))
                for origin in chats.keys() - known:
                    await _enter(self._engine, connection, chats[origin])
                    await connection.execute(insert(subscriptions).values(_row(chats[origin].key, wanted[origin])))
                await connection.execute(delete(audiences).where(_is_deserted()))

    async def _change(self, which: ColumnElement[bool], **values: Any) -> None:  # noqa: ANN401
        with told_apart():
            async with self._engine.begin() as connection:
                await connection.execute(update(audiences).where(which).values(values))


def _audiences(connection: Transaction, which: ColumnElement[bool]) -> list[Audience]:
    rows = connection.execute(select(audiences).where(which).order_by(audiences.c.place)).all()
    theirs = defaultdict(list)
    for place, each in _placed(connection, [row.place for row in rows]):
        theirs[place].append(each)
    return [
        Audience(
            chat=Chat(row.platform, row.chat, ChatKind(row.kind), row.thread),
            muted_until=row.muted_until,
            paused_at=row.paused_at,
            told_at=row.told_at,
            subscriptions=tuple(theirs[row.place]),
        )
        for row in rows
    ]


async def _of(connection: AsyncConnection, places: Collection[str]) -> list[Subscription]:
    return [each for _place, each in await connection.run_sync(_placed, places)]


def _placed(connection: Transaction, places: Collection[str]) -> list[tuple[str, Subscription]]:
    wanted = select(subscriptions).where(subscriptions.c.place.in_(places))
    rows = connection.execute(wanted.order_by(subscriptions.c.set_at, subscriptions.c.id))
    return [(row.place, _subscription(row)) for row in rows]


async def _enter(engine: AsyncEngine, connection: AsyncConnection, chat: Chat) -> None:
    row = {
        "place": chat.key,
        "platform": chat.platform,
        "chat": chat.id,
        "thread": chat.thread,
        "kind": chat.kind,
        "paused_at": None,
    }
    await connection.execute(upsert(engine, audiences, row, ["paused_at"]))


async def _restyle(connection: AsyncConnection, known: Subscription, wanted: Subscription) -> Subscription:
    manners = {"quiet": wanted.quiet and str(wanted.quiet), "style": wanted.style}
    await connection.execute(update(subscriptions).where(subscriptions.c.id == known.id).values(manners))
    return known


async def _carry_over(connection: AsyncConnection, old: str, new: str) -> None:
    """Both may have waited for the same: it is told once. Messages stay behind, and their numbers mean others there."""
    other = deliveries.alias()
    twice = exists().where(other.c.place == new, other.c.event == deliveries.c.event)
    await connection.execute(delete(deliveries).where(deliveries.c.place == old, twice))
    await connection.execute(delete(audiences).where(audiences.c.place == old))
    await connection.execute(update(subscriptions).where(subscriptions.c.place == old).values(place=new))
    await connection.execute(update(deliveries).where(deliveries.c.place == old).values(place=new, message=None))


def _is_deserted() -> ColumnElement[bool]:
    return ~exists().where(subscriptions.c.place == audiences.c.place)


def _row(place: str, wanted: Subscription) -> dict[str, Any]:
    return {
        "id": wanted.id,
        "place": place,
        "least": wanted.wanted.least,
        "most": wanted.wanted.most,
        "customer": wanted.wanted.customer,
        "invoice": wanted.wanted.invoice,
        "status": ",".join(wanted.wanted.statuses) or None,
        "quiet": wanted.quiet and str(wanted.quiet),
        "style": wanted.style,
        "origin": wanted.origin,
        "setter": wanted.setter,
        "setter_name": wanted.setter_name,
        "set_at": wanted.set_at,
    }


def _subscription(row: Any) -> Subscription:  # noqa: ANN401 - a row of any shape
    statuses = tuple(row.status.split(",")) if row.status else ()
    return Subscription(
        id=row.id,
        wanted=Filter(row.least, row.most, row.customer, row.invoice, statuses),
        quiet=QuietHours.read(row.quiet) if row.quiet else None,
        style=CardStyle(row.style),
        origin=row.origin,
        setter=row.setter,
        setter_name=row.setter_name,
        set_at=row.set_at,
    )
