"""How much one person, and everybody in one chat, may ask at once and a minute: room for bursts, not for floods."""

from collections import OrderedDict

from aiolimiter import AsyncLimiter

from bot.message import Message

_MINUTE = 60
_MOST = 10_000
_STRANGERS = 10


class Bursts:
    """Buckets that fill with what is asked and drip out within a minute. 0 means: no limit."""

    def __init__(self, person: int, chat: int) -> None:
        self._person = _Buckets(person)
        self._chat = _Buckets(chat)
        self._strangers = _Buckets(_STRANGERS if person else 0)

    async def admit(self, message: Message, *, is_stranger: bool) -> bool:
        """Whether this may be answered now; what may not doesn't count."""
        theirs = self._strangers if is_stranger else self._person
        asked = ((theirs, message.sender.key), (self._chat, message.chat.key))
        if not all(buckets.has_room(key) for buckets, key in asked):
            return False
        for buckets, key in asked:
            await buckets.fill(key)
        return True


class _Buckets:
    """One for each key; those that were not asked for longest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str, AsyncLimiter] = OrderedDict()

    def has_room(self, key: str) -> bool:
        return not self._most or self._bucket(key).has_capacity()

    async def fill(self, key: str) -> None:
        if self._most:
            await self._bucket(key).acquire()

    def _bucket(self, key: str) -> AsyncLimiter:
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= _MOST:
                self._buckets.popitem(last=False)
            found = self._buckets[key] = AsyncLimiter(self._most, _MINUTE)
        self._buckets.move_to_end(key)
        return found
