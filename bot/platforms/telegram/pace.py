"""How fast we may write: about one message a second in a chat, twenty a minute in a group, thirty a second in all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter

from bot.platforms.telegram.faults import asked_pause

Post = Callable[..., Coroutine[Any, Any, Any]]

_MOST_CHATS = 1024
_OBEYED = 5
# Telegram counts whole seconds.
_SLACK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages and the seconds in which they may be sent, at once if need be. 0 means: no limit."""

    overall: tuple[float, float] = (30, 1)
    chat: tuple[float, float] = (10, 10)
    group: tuple[float, float] = (20, 60)


UNLIMITED = Rates((0, 0), (0, 0), (0, 0))


class Pace:
    """Limits for each chat and for all: a chat that must wait (429) doesn't keep the others waiting."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._overall = _limits(rates.overall)
        self._chats: OrderedDict[int, _ChatPace] = OrderedDict()

    async def keep(self, post: Post, chat_id: int, **request: Any) -> Any:  # noqa: ANN401 - what Telegram answers
        """Send when it is time to; a 429 is waited for, and then sent again."""
        chat = self._chats.get(chat_id) or self._add(chat_id)
        self._chats.move_to_end(chat_id)
        for _time in range(_OBEYED):
            try:
                return await self._sent(chat, post, request)
            except RetryAfter as error:
                await chat.rest(asked_pause(error) + _SLACK_SECONDS)
        return await self._sent(chat, post, request)

    async def _sent(self, chat: "_ChatPace", post: Post, request: dict[str, Any]) -> Any:  # noqa: ANN401
        await chat.turn()
        for limit in self._overall:
            await limit.acquire()
        return await post(**request)

    def _add(self, chat_id: int) -> "_ChatPace":
        if len(self._chats) >= _MOST_CHATS:
            self._chats.popitem(last=False)
        # Groups have negative ids.
        own = (self._rates.group, self._rates.chat) if chat_id < 0 else (self._rates.chat,)
        return self._chats.setdefault(chat_id, _ChatPace(_limits(*own)))


class _ChatPace:
    """When the next message may go to one chat."""

    def __init__(self, limits: list[AsyncLimiter]) -> None:
        self._limits = limits
        self._open = asyncio.Event()
        self._open.set()

    async def turn(self) -> None:
        """Wait until another message may go."""
        for limit in self._limits:
            await limit.acquire()
        await self._open.wait()

    async def rest(self, seconds: float) -> None:
        """Wait, and let nobody else go meanwhile."""
        self._open.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._open.set()


def _limits(*rates: tuple[float, float]) -> list[AsyncLimiter]:
    return [AsyncLimiter(most, seconds) for most, seconds in rates if most and seconds]
