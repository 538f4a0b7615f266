"""What shows that somebody is at work: "typing…", and the end of a pressed button's spinning."""

import asyncio

import structlog
from telegram.error import TelegramError

from bot.message import Chat
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.faults import TOO_OLD, says

log = structlog.get_logger(__name__)

# Telegram shows it for five seconds.
_AGAIN_SECONDS = 4.5
_CALL_SECONDS = 3
_LONGEST_ALERT = 200


class Typing:
    """Says "typing…" from `after` seconds on until the answer comes; never after it."""

    def __init__(self, api: Api, chat: Chat, after: float) -> None:
        self._api = api
        self._chat = chat
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(after, self._begin)

    async def end(self) -> None:
        """The answer is there. Waits for what has been said to arrive, so that nothing is said behind the answer."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._task:
            self._over.set()
            await self._task
            self._task = None

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._say())

    async def _say(self) -> None:
        thread = {"message_thread_id": int(self._chat.thread)} if self._chat.thread else {}
        while not self._over.is_set():
            try:
                async with asyncio.timeout(_CALL_SECONDS):
                    await self._api.once("sendChatAction", chat_id=int(self._chat.id), action="typing", **thread)
                async with asyncio.timeout(_AGAIN_SECONDS):
                    await self._over.wait()
            except TimeoutError:
                continue
            except TelegramError as error:
                log.info("telegram.typing", chat=self._chat.id, reason=type(error).__name__)
                return


class Press:
    """A pressed button spins until it is acknowledged: at the first answer, or after `patience` seconds.

    Waiting so briefly is not seen, and lets a refusal appear as an alert that only the presser reads.
    """

    def __init__(self, api: Api, press: str, patience: float) -> None:
        self._api = api
        self._press = press
        self._task: asyncio.Task[bool] | None = None
        self._timer = asyncio.get_running_loop().call_later(patience, self.acknowledge)

    def acknowledge(self) -> None:
        """Let it stop spinning, in the background; once."""
        self._timer.cancel()
        if self._task is None:
            self._task = asyncio.create_task(self._answer())

    async def alert(self, text: str) -> bool:
        """Show the presser, and nobody else, a few words. Whether that was possible."""
        if self._task or len(text) > _LONGEST_ALERT:
            return False
        self._timer.cancel()
        self._task = asyncio.create_task(self._answer(text=text, show_alert=True))
        return await self._task

    async def end(self) -> None:
        """Nothing is left under way."""
        self.acknowledge()
        if self._task:
            await self._task

    async def _answer(self, **shown: object) -> bool:
        try:
            await self._api.call("answerCallbackQuery", callback_query_id=self._press, **shown)
        except TelegramError as error:
            if not says(error, *TOO_OLD):
                log.warning("telegram.press", reason=type(error).__name__)
            return False
        return True
