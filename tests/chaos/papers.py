"""What chats were told of payments, on disk before anybody hears that it arrived: no kill takes it back."""

import asyncio
import os
import random
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bot.message import CardRef, Chat, Message
from bot.outlets import CardGoneError, ChatClosedError
from bot.reply import Reply

# How often a platform does what, of all that is sent to it.
_FAILS = 0.04
_IS_CLOSED = 0.01
_IS_SLOW = 0.3
_IS_SLOW_TO_ANSWER = 0.2
_LOSES_ITS_ANSWER = 0.02
_HAS_LOST_THE_CARD = 0.02
_SLOW_SECONDS = 0.3


class Sent(msgspec.Struct, frozen=True, tag=True):
    """A message is in a chat, and nobody was told so yet. `events`: what it stands for, if it is a notice."""

    room: str
    events: tuple[int, ...]
    title: str
    status: str | None
    card: str
    under: str | None
    at: float
    pid: int


class Drawn(msgspec.Struct, frozen=True, tag=True):
    """A card was drawn anew."""

    card: str
    status: str | None


class Gone(msgspec.Struct, frozen=True, tag=True):
    """A card is not there any more."""

    card: str


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The last message to a chat has arrived, and the word that it has did not."""

    room: str


class Kept(msgspec.Struct, frozen=True, tag=True):
    """It is written down in the database that these were told."""

    room: str
    events: tuple[int, ...]


class Looked(msgspec.Struct, frozen=True, tag=True):
    """The list was read to its end, and all that was new in it is known."""

    began: float
    ended: float


Line = Sent | Drawn | Gone | Lost | Kept | Looked


class Paper:
    """A file of lines."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def write(self, line: Line) -> None:
        """Have it on disk."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        os.fsync(self._file)


def read_paper(path: Path) -> list[Line]:
    """Everything that was written, in its order."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [msgspec.json.decode(line, type=Line) for line in lines if line.endswith(b"\n")]


class PaperOutlet:
    """A platform whose messages are lines of a file; a `moody` one fails, is slow, closes chats and loses answers.

    `sending`: the events that are being told to each chat, by its key.
    """

    def __init__(self, paper: Paper, sending: Mapping[str, tuple[int, ...]], *, moody: bool) -> None:
        self._paper = paper
        self._sending = sending
        self._is_moody = moody

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - its interface
        under: CardRef | None = None,
    ) -> CardRef:
        """Show a new card, perhaps."""
        await self._fail(_FAILS, ConnectionError())
        await self._fail(_IS_CLOSED, ChatClosedError(chat))
        await self._take_time(_IS_SLOW)
        card = CardRef(chat, uuid.uuid4().hex)
        self._paper.write(self._sent(card, reply, under))
        await self._take_time(_IS_SLOW_TO_ANSWER)
        if self._feels_like(_LOSES_ITS_ANSWER):
            self._paper.write(Lost(chat.key))
            raise ConnectionResetError
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew, perhaps."""
        await self._fail(_FAILS, ConnectionError())
        if self._feels_like(_HAS_LOST_THE_CARD):
            self._paper.write(Gone(card.message))
            raise CardGoneError
        await self._take_time(_IS_SLOW)
        self._paper.write(Drawn(card.message, _status(reply)))

    def _sent(self, card: CardRef, reply: Reply, under: CardRef | None) -> Sent:
        return Sent(
            room=card.chat.key,
            events=self._sending.get(card.chat.key, ()),
            title=reply.title or "",
            status=_status(reply),
            card=card.message,
            under=under.message if under else None,
            at=time.time(),
            pid=os.getpid(),
        )

    def _feels_like(self, often: float) -> bool:
        return self._is_moody and random.random() < often

    async def _fail(self, often: float, error: Exception) -> None:
        if self._feels_like(often):
            raise error

    async def _take_time(self, often: float) -> None:
        if self._feels_like(often):
            await asyncio.sleep(random.uniform(0, _SLOW_SECONDS))


def _status(reply: Reply) -> str | None:
    return reply.status.word if reply.status else None
