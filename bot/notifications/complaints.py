"""Tells admins once that the list can't be read, and once that it can be again, over restarts too."""

from datetime import datetime

from bot.dates import now
from bot.notifications.news import Alarm
from bot.refusals import BillingRefusal
from bot.store import KnownPayments
from bot.words import _

# So many looks in a row may fail before anybody is told.
PATIENCE = 3


class Complaints:
    """What admins know about the watch. What they were told is written down after it was said, never before."""

    def __init__(self, known: KnownPayments, alarm: Alarm) -> None:
        self._known = known
        self._alarm = alarm
        self._since: datetime | None = None
        self._reason = ""
        self._told: datetime | None = None
        self._is_loaded = False

    def note(self, error: Exception) -> None:
        """It fails, and why."""
        self._since = self._since or now()
        if isinstance(error, BillingRefusal):
            self._reason = error.for_admins or error.text
        else:
            self._reason = _("something went wrong inside: {why}").format(why=type(error).__name__)

    async def tell(self, failures: int) -> None:
        """Tell what they don't know yet, after so many failures in a row."""
        await self._load()
        if failures >= PATIENCE and self._since and not self._told:
            await self._alarm.failing(self._since, self._reason)
            await self._write(self._since)
        if not failures:
            self._since = None
            if self._told:
                await self._alarm.back(self._told)
                await self._write(None)

    async def _write(self, since: datetime | None) -> None:
        self._told = since
        await self._known.tell_failing(since)

    async def _load(self) -> None:
        if not self._is_loaded:
            self._told = (await self._known.state()).failing_since
            self._is_loaded = True
