"""Watches the list of payments: looks, pauses, looks again, whatever happens on the way."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from bot.billing import Billing
from bot.notifications.complaints import PATIENCE, Complaints
from bot.notifications.look import ListRead, Looking
from bot.notifications.news import Alarm, Listener
from bot.notifications.pace import Pace
from bot.refusals import BillingRefusal
from bot.store import KnownPayments, OvertakenError

log = structlog.get_logger(__name__)

# So often a body is read though the server says by its ETag that it has not changed: not every server can tell.
_TRUST_SECONDS = 3600.0


class Watcher:
    """Looks at the list of payments until it is cancelled. Nothing that it took in is lost or told twice by that."""

    def __init__(
        self, billing: Billing, known: KnownPayments, listener: Listener, alarm: Alarm, pace: Pace | None = None
    ) -> None:
        self._looking = Looking(billing, known, listener)
        self._known = known
        self._pace = pace or Pace()
        self._complaints = Complaints(known, alarm)
        self._wanted = asyncio.Event()
        self._failures = 0
        self._seconds = 0.0
        self._read: ListRead | None = None
        self._read_at = self._body_at = 0.0

    def look_now(self) -> None:
        """Something was recorded: don't wait until it is time."""
        self._wanted.set()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await self._pause(await self.look())

    async def look(self) -> float:
        """Look once; say how many seconds to pause."""
        self._wanted.clear()
        started = time.monotonic()
        try:
            read = await self._looking.look(trust_etag=started - self._body_at < _TRUST_SECONDS)
        except OvertakenError:
            log.info("watcher.overtaken")
            pause = self._pace.after_look(0, 0)
        except Exception as error:  # noqa: BLE001 - the watch goes on
            pause = self._failed(error)
        else:
            self._seconds = time.monotonic() - started
            self._succeeded(read)
            pause = self._pace.after_look(self._seconds, read.size)
        await self._tell_admins()
        return pause

    def report(self) -> Mapping[str, Any]:
        """How the watch is, for /health: when the list was read last, how many entries, how many unreadable ones."""
        entries = {"entries": self._read.entries, "unreadable": self._read.unreadable} if self._read else {}
        ages = {"read_seconds_ago": round(time.monotonic() - self._read_at, 1)} if self._read else {}
        return {"ok": self._failures < PATIENCE, **ages, **entries, "failures": self._failures}

    async def _pause(self, seconds: float) -> None:
        """Wait; where a look is wanted sooner, only as long as the last one took, so that not all time is spent so."""
        least = min(self._seconds, seconds)
        await asyncio.sleep(least)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - least):
                await self._wanted.wait()

    def _succeeded(self, read: ListRead) -> None:
        if read.unreadable and (self._read is None or self._read.unreadable != read.unreadable):
            log.warning("watcher.unreadable", entries=read.unreadable)
        self._failures, self._read, self._read_at = 0, read, time.monotonic()
        if read.size:
            self._body_at = self._read_at

    def _failed(self, error: Exception) -> float:
        self._failures += 1
        if isinstance(error, BillingRefusal):
            log.warning("watcher.failed", reason=error.for_admins or error.text, failures=self._failures)
        else:
            log.error("watcher.broken", failures=self._failures, exc_info=error)
        self._complaints.note(error)
        return self._pace.after_failure(self._failures, error.after if isinstance(error, BillingRefusal) else None)

    async def _tell_admins(self) -> None:
        try:
            await self._complaints.tell(self._failures)
        except Exception:
            # The next look tries again.
            log.exception("watcher.admins_not_told")
