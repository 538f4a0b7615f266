"""How fast we may write: about one message a second in a channel."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiolimiter import AsyncLimiter

from bot.platforms.slack.options import Rates

T = TypeVar("T")

_MOST_CHANNELS = 1024


class Pace:
    """One message after the other in each channel: who must wait (429) keeps those behind waiting, and no others."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._channels: OrderedDict[str, tuple[asyncio.Lock, AsyncLimiter | None]] = OrderedDict()

    async def keep(self, channel: str, send: Callable[[], Awaitable[T]]) -> T:
        """Send when it is time to."""
        turn, limiter = self._channels.get(channel) or self._add(channel)
        self._channels.move_to_end(channel)
        async with turn:
            if limiter:
                await limiter.acquire()
            return await send()

    def _add(self, channel: str) -> tuple[asyncio.Lock, AsyncLimiter | None]:
        if len(self._channels) >= _MOST_CHANNELS:
            self._channels.popitem(last=False)
        # Chats with one person have ids that begin with a D.
        most, seconds = self._rates.person if channel.startswith("D") else self._rates.channel
        limiter = AsyncLimiter(most, seconds) if most and seconds else None
        return self._channels.setdefault(channel, (asyncio.Lock(), limiter))
