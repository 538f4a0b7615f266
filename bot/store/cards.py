"""Where the cards of a payment are shown, so that every copy can be edited, also after a restart."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.message import CardRef, Chat, ChatKind
from bot.store.tables import cards


class Cards:
    """Copies of cards by their subject."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, subject: str, card: CardRef) -> None:
        """Remember a copy; once is enough."""
        place = {
            "subject": subject,
            "platform": card.chat.platform,
            "chat": card.chat.id,
            "thread": card.chat.thread,
            "kind": card.chat.kind,
            "message": card.message,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(cards).values(place).on_conflict_do_nothing())

    async def remove(self, subject: str, card: CardRef) -> None:
        """Forget a copy that is gone."""
        where = (cards.c.subject == subject, cards.c.platform == card.chat.platform, cards.c.chat == card.chat.id)
        async with self._engine.begin() as connection:
            await connection.execute(delete(cards).where(*where, cards.c.message == card.message))

    async def of(self, subject: str) -> list[CardRef]:
        """Every copy."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(cards).where(cards.c.subject == subject))
            return [CardRef(Chat(row.platform, row.chat, ChatKind(row.kind), row.thread), row.message) for row in rows]
