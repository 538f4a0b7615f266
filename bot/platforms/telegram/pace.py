"""How fast we may write: about one message a second in a chat, twenty a minute in a group, thirty a second in all."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.ext import AIORateLimiter

Post = Callable[..., Coroutine[Any, Any, Any]]

_MOST_CHATS = 1024
_OBEYED = 5


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages and the seconds in which they may be sent, at once if need be. 0 means: no limit."""

    overall: tuple[float, float] = (30, 1)
    chat: tuple[float, float] = (10, 10)
    group: tuple[float, float] = (20, 60)


UNLIMITED = Rates((0, 0), (0, 0), (0, 0))


class Pace:
    """The library's limiter, one for each chat: a chat that must wait (429) doesn't keep the others waiting."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._overall = AsyncLimiter(*rates.overall) if all(rates.overall) else None
        self._chats: OrderedDict[int, AIORateLimiter] = OrderedDict()

    async def keep(self, post: Post, chat_id: int, **request: Any) -> Any:  # noqa: ANN401 - what Telegram answers
        """Send when it is time to; a 429 is waited for, and then sent again."""

        async def now() -> Any:  # noqa: ANN401
            if self._overall:
                await self._overall.acquire()
            return await post(**request)

        limiter = self._chats.get(chat_id) or self._add(chat_id)
        self._chats.move_to_end(chat_id)
        return await limiter.process_request(now, (), {}, "", {"chat_id": chat_id}, None)

    def _add(self, chat_id: int) -> AIORateLimiter:
        if len(self._chats) >= _MOST_CHATS:
            self._chats.popitem(last=False)
        limiter = AIORateLimiter(*self._rates.chat, *self._rates.group, max_retries=_OBEYED)
        return self._chats.setdefault(chat_id, limiter)
