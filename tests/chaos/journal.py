"""What people were told, on disk before it counts as told: no kill takes it back."""

import os
import re
import time
import uuid
from pathlib import Path

import msgspec

from bot.message import CardRef, Chat, Message
from bot.reply import Reply


class Told(msgspec.Struct, frozen=True):
    """One card as somebody saw it: of which order, in which state, with which of billing's ids; when, and by whom."""

    order: str
    state: str
    payment: str | None
    at: float
    pid: int
    card: str


class Journal:
    """An outlet whose cards are lines of a file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - its interface
        under: CardRef | None = None,  # noqa: ARG002 - its interface
    ) -> CardRef:
        """Show a new card."""
        card = CardRef(chat, uuid.uuid4().hex)
        self._note(card, reply)
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew."""
        self._note(card, reply)

    def _note(self, card: CardRef, reply: Reply) -> None:
        if reply.subject is None:
            return
        receipt = re.fullmatch(r"Receipt: payment (\d+)", reply.title or "")
        told = Told(
            order=reply.subject,
            state=reply.state,
            payment=receipt[1] if receipt else None,
            at=time.time(),
            pid=os.getpid(),
            card=card.message,
        )
        os.write(self._file, msgspec.json.encode(told) + b"\n")
        os.fsync(self._file)


def read_journal(path: Path) -> list[Told]:
    """Everything that was told, in its order."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=Told) for line in lines]
