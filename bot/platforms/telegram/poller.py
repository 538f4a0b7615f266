"""Fetches updates from Telegram, and says in plain words what keeps it from doing so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.platforms.telegram.api import Api
from bot.platforms.telegram.faults import asked_pause
from bot.platforms.telegram.updates import KINDS
from bot.words import N_, _

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 30.0
_CONFIRMS = 3
_CONFIRM_SECONDS = 2
_CONFIRM_PAUSE = 0.15

_WORDS = {
    "webhook": N_(
        "a webhook is set for this bot, so its updates can't be fetched: "
        "set TELEGRAM_MODE=webhook, or restart here to remove the webhook"
    ),
    "conflict": N_(
        "another program fetches this bot's updates with the same token: stop the other one, or give each "
        "its own bot; updates come to only one of them"
    ),
    "token": N_(
        "Telegram refuses TELEGRAM_BOT_TOKEN since a moment ago: it was revoked; put the new one in and restart"
    ),
    "flood": N_("Telegram asks us to fetch more slowly"),
    "network": N_("Telegram can't be reached; trying again"),
}

Take = Callable[[Any], Awaitable[object]]


class Poller:
    """Long polling. `take` returns once an update is safely ours; only then is it confirmed to Telegram.

    `trouble`: what keeps us from fetching just now, in a word; empty if nothing does.
    """

    def __init__(self, api: Api, take: Take, seconds: int, pause: float) -> None:
        self._api = api
        self._take = take
        self._seconds = seconds
        self._first_pause = pause
        self._pause = pause
        self._offset: int | None = None
        self.trouble = ""

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            try:
                updates = await self._fetch(self._seconds)
            except TelegramError as error:
                await self._wait(error)
            else:
                self._is_back()
                for update in updates:
                    await self._take(update)
                    self._offset = update["update_id"] + 1

    async def confirm(self) -> None:
        """Tell Telegram what was taken, so that the next start doesn't take it again."""
        if self._offset is None:
            return
        for _try in range(_CONFIRMS):
            try:
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    await self._fetch(0, limit=1)
            except (TelegramError, TimeoutError):
                # Our own long poll may still be there for a moment.
                await asyncio.sleep(_CONFIRM_PAUSE)
            else:
                return
        log.warning("telegram.unconfirmed", offset=self._offset)

    async def _fetch(self, seconds: int, **more: int) -> list[dict[str, Any]]:
        if self._offset is not None:
            more["offset"] = self._offset
        updates: list[dict[str, Any]] = await self._api.poll(seconds, allowed_updates=KINDS, **more)
        return updates

    async def _wait(self, error: TelegramError) -> None:
        trouble = _trouble(error)
        if trouble != self.trouble:
            log.warning("telegram.polling", trouble=trouble, words=_(_WORDS[trouble]))
        self.trouble = trouble
        await asyncio.sleep(max(self._pause, asked_pause(error)))
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _is_back(self) -> None:
        if self.trouble:
            log.info("telegram.polling", trouble="none", words=_("Telegram's updates come in again"))
        self.trouble, self._pause = "", self._first_pause


def _trouble(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        return "webhook" if "webhook" in error.message.casefold() else "conflict"
    if isinstance(error, InvalidToken):
        return "token"
    return "flood" if isinstance(error, RetryAfter) else "network"
