"""People who ask for invoices, so many at a time; every answer is looked at."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

import msgspec

from benchmarks.billing import amount_of, number_of
from benchmarks.telegram import Fields, Telegram

# Telegram, and so the bot, lets nobody have more than ten answers in ten seconds.
EACH = 10
_STALLED_SECONDS = 20


class WrongAnswerError(Exception):
    """The bot said something else than what was asked, or nothing: its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody waits for."""

    number: str
    since: float


@dataclass(slots=True)
class Crowd:
    """People who ask in turn, each in a private chat, about `EACH` times at most, and never twice at once."""

    idle: deque[int] = field(default_factory=deque)
    waiting: dict[int, Asked] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    wrong: str = ""


class Load:
    """Asks in a closed loop: whoever is answered makes room for the next."""

    def __init__(self) -> None:
        self.telegram = Telegram(self._answered)
        self._crowd = Crowd()
        self._left = 0
        self._update = 0
        self._moved = asyncio.Event()

    async def ask(self, commands: int, at_once: int, first: int) -> list[float]:
        """The seconds that each answer took. The people's ids count from `first` on."""
        crowd = self.begin(commands, at_once, first)
        while self._left or crowd.waiting:
            self._moved.clear()
            try:
                async with asyncio.timeout(_STALLED_SECONDS):
                    await self._moved.wait()
            except TimeoutError:
                raise WrongAnswerError(f"{len(crowd.waiting)} are not answered") from None
            if crowd.wrong:
                raise WrongAnswerError(crowd.wrong)
        return crowd.latencies

    def begin(self, commands: int, at_once: int, first: int) -> Crowd:
        """Let the first ones ask."""
        self._crowd = Crowd(deque(range(first, first + people(commands, at_once))))
        self._left = commands
        for _each in range(min(at_once, commands)):
            self._next()
        return self._crowd

    def _next(self) -> None:
        self._left -= 1
        self._update += 1
        person = self._crowd.idle.popleft()
        number = number_of(self._update * 31)
        self._crowd.waiting[person] = Asked(number, time.perf_counter())
        self.telegram.give(self._update, _update(self._update, person, f"/invoice {number}"))

    def _answered(self, sent: Fields) -> None:
        now = time.perf_counter()
        person = int(sent["chat_id"])
        asked = self._crowd.waiting.pop(person, None)
        self._crowd.idle.append(person)
        if asked is None or not _is_right(sent, asked.number):
            self._crowd.wrong = f"asked: {asked}, answered: {sent}"
        else:
            self._crowd.latencies.append(now - asked.since)
        if self._left:
            self._next()
        if not self._crowd.waiting or self._crowd.wrong or len(self._crowd.latencies) % 100 == 0:
            self._moved.set()


def people(commands: int, at_once: int) -> int:
    """How many people it takes to ask so often, so many at a time; some are faster than others."""
    return max(-(-commands // EACH), at_once * 4)


def _is_right(sent: Fields, number: str) -> bool:
    """Names the invoice and what it comes to, and has buttons."""
    return number in sent["text"] and amount_of(number) in sent["text"] and bool(sent.get("reply_markup"))


def _update(update: int, person: int, text: str) -> bytes:
    """As Telegram sends it."""
    named = {"id": person, "first_name": "Ioana", "last_name": "Popescu", "username": f"ioana{person}"}
    return msgspec.json.encode(
        {
            "update_id": update,
            "message": {
                "message_id": update,
                "from": {**named, "is_bot": False, "language_code": "en"},
                "chat": {**named, "type": "private"},
                "date": int(time.time()),
                "text": text,
                "entities": [{"offset": 0, "length": len("/invoice"), "type": "bot_command"}],
            },
        }
    )
