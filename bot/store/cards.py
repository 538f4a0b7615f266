"""Where a payment's cards are and what each shows, so that every copy can be edited, also after a restart."""

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.message import CardRef, Chat, ChatKind
from bot.store.dialects import upsert
from bot.store.order import OrderState
from bot.store.tables import cards


class Cards:
    """Copies of cards by their subject: a payment order, or somebody's wish to be let in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, subject: str, card: CardRef, shown: str) -> None:
        """Remember a copy, and in which state it shows its subject."""
        place = {
            "subject": subject,
            "platform": card.chat.platform,
            "chat": card.chat.id,
            "thread": card.chat.thread,
            "kind": card.chat.kind,
            "message": card.message,
            "shown": shown,
        }
        async with self._engine.begin() as connection:
            await connection.execute(upsert(self._engine, cards, place, ["shown"]))

    async def remove(self, card: CardRef) -> None:
        """Forget a copy that is gone."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(cards).where(_at(card)))

    async def forget(self, chat: Chat) -> None:
        """Nobody can be reached in a chat any more: its copies are gone."""
        there = (cards.c.platform == chat.platform, cards.c.chat == chat.id)
        async with self._engine.begin() as connection:
            await connection.execute(delete(cards).where(*there))

    async def move(self, old: Chat, new: Chat) -> None:
        """A chat has got another id: its copies are there now."""
        there = (cards.c.platform == old.platform, cards.c.chat == old.id)
        async with self._engine.begin() as connection:
            await connection.execute(update(cards).where(*there).values(chat=new.id))

    async def of(self, subject: str, *, unlike: OrderState | None = None) -> list[CardRef]:
        """Every copy; or only those that show another state than this."""
        wanted = cards.c.subject == subject
        if unlike:
            wanted = and_(wanted, cards.c.shown != unlike)
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(cards).where(wanted))
            return [CardRef(Chat(row.platform, row.chat, ChatKind(row.kind), row.thread), row.message) for row in rows]


def _at(card: CardRef) -> ColumnElement[bool]:
    chat = and_(cards.c.platform == card.chat.platform, cards.c.chat == card.chat.id)
    return and_(chat, cards.c.message == card.message)
