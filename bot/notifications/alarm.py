"""Tells the admins that payments can't be watched, and that they can be again: each once."""

from datetime import datetime

import structlog

from bot.cards.trouble import back_notice, failing_notice
from bot.conventions import Conventions
from bot.notifications.pausing import Pausing
from bot.words import speaking

log = structlog.get_logger(__name__)


class AdminAlarm:
    """Who is told is told in their own chat."""

    def __init__(self, pausing: Pausing, conventions: Conventions) -> None:
        self._pausing = pausing
        self._conventions = conventions
        self._told: datetime | None = None

    async def failing(self, since: datetime, reason: str) -> None:
        """Payments can't be watched since then; said once, however often it is found out."""
        if self._told == since:
            return
        self._told = since
        with speaking(self._conventions.language):
            await self._pausing.tell_admins(failing_notice(since, reason, self._conventions))

    async def back(self, since: datetime) -> None:
        """They can be again; it had failed since then."""
        self._told = None
        with speaking(self._conventions.language):
            await self._pausing.tell_admins(back_notice(since, self._conventions))
