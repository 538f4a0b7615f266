"""The Bot API: one way to call every method. Answers come as they are; only what is used of them is looked at."""

from typing import Any

from bot.platforms.telegram.faults import is_passing
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.request import Fields, WireRequest
from bot.reply import File

_TRIES = 4
_LONGEST_PAUSE = 2.0
# How much later than promised an answer to a fetch may be.
_SLACK = 10.0


class Api:
    """Calls methods of the Bot API, at the pace that each chat allows.

    A fault on the way is tried again: a card that should come twice carries the same one-shot ids.
    """

    def __init__(self, url: str, token: str, request: WireRequest, pace: Pace) -> None:
        self._root = f"{url.rstrip('/')}/bot{token}"
        self._request = request
        self._pace = pace

    async def call(self, method: str, **fields: Any) -> Any:  # noqa: ANN401 - JSON, as Telegram documents it
        """Call a method that shows something in the chat `chat_id`, or none that has to keep a pace."""
        return await self._send(method, Fields(fields), fields.get("chat_id"))

    async def upload(self, method: str, part: str, file: File, **fields: Any) -> Any:  # noqa: ANN401
        """Call a method that takes a file in the field `part`."""
        return await self._send(method, Fields(fields, part, file), fields.get("chat_id"))

    async def poll(self, seconds: float, **fields: Any) -> Any:  # noqa: ANN401
        """Fetch updates; Telegram answers when there are some, and at the latest after so many seconds."""
        fields["timeout"] = int(seconds)
        return await self._request.post(f"{self._root}/getUpdates", Fields(fields), read_timeout=seconds + _SLACK)

    async def once(self, method: str, **fields: Any) -> Any:  # noqa: ANN401
        """Call a method now, and not again: who calls decides what a fault means."""
        return await self._request.post(f"{self._root}/{method}", Fields(fields))

    async def _send(self, method: str, fields: Fields, chat_id: int | None) -> Any:  # noqa: ANN401
        try:
            return await self._paced(method, fields, chat_id)
        except Exception as error:
            if not is_passing(error):
                raise
        import stamina  # noqa: PLC0415 - slow to load, and most messages go at the first try

        async for attempt in stamina.retry_context(
            is_passing, attempts=_TRIES, timeout=None, wait_initial=0.1, wait_max=_LONGEST_PAUSE, wait_jitter=0.1
        ):
            with attempt:
                return await self._paced(method, fields, chat_id)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    async def _paced(self, method: str, fields: Fields, chat_id: int | None) -> Any:  # noqa: ANN401
        url = f"{self._root}/{method}"
        if chat_id is None:
            return await self._request.post(url, fields)
        return await self._pace.keep(self._request.post, chat_id, url=url, request_data=fields)
