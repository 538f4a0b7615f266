"""What the bot asked back and somebody may answer with a bare word: `/pay 2024-001` waits for an amount."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.message import Message
from bot.store.dialects import upsert
from bot.store.tables import questions


class Questions:
    """At most one open question a person and chat: the newest."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # Who is being waited for: a lookup must not cost a query.
        self._waiting: set[tuple[str, str]] = set()

    async def load(self) -> None:
        """Find out who is being waited for since before the start."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(questions.c.sender, questions.c.chat))
            self._waiting = {(row.sender, row.chat) for row in rows}

    async def ask(self, message: Message, command: str, expires_at: datetime) -> None:
        """Wait for a word that completes this command."""
        question = {
            "sender": message.sender.key,
            "chat": message.chat.key,
            "command": command,
            "expires_at": expires_at,
        }
        self._waiting.add((message.sender.key, message.chat.key))
        async with self._engine.begin() as connection:
            await connection.execute(upsert(self._engine, questions, question, ["command", "expires_at"]))

    async def open(self, message: Message, now: datetime) -> str | None:
        """The command that waits for this person's word in this chat."""
        if (message.sender.key, message.chat.key) not in self._waiting:
            return None
        mine = (questions.c.sender == message.sender.key, questions.c.chat == message.chat.key)
        async with self._engine.connect() as connection:
            return await connection.scalar(
                select(questions.c.command).where(*mine, questions.c.expires_at > now),
            )

    async def drop(self, message: Message) -> None:
        """The question is answered, or something else was said."""
        if (message.sender.key, message.chat.key) not in self._waiting:
            return
        self._waiting.discard((message.sender.key, message.chat.key))
        mine = (questions.c.sender == message.sender.key, questions.c.chat == message.chat.key)
        async with self._engine.begin() as connection:
            await connection.execute(delete(questions).where(*mine))
