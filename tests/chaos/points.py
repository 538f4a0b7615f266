"""Where a process can be killed on a payment's way, and what does it."""

import asyncio
import os
import signal
from enum import StrEnum

_PATIENCE_SECONDS = 4.0


class KillPoint(StrEnum):
    """The steps of a payment's way, in their order."""

    DRAFTED = "after the draft"
    CLAIMED = "after the claim, before the workflow"
    HELD = "while it is held"
    BEGUN = "after it has begun"
    READ = "after the arming is read, before it is kept"
    ARMED = "after the arming is kept"
    LEAVING = "just before the request leaves"
    UNDER_WAY = "while the request is under way"
    COMMITTED = "after the commit, before the answer is read"
    ANSWERED = "after the answer, before the verdict is written"
    LOOKING = "while it is looked for"
    SETTLED = "after the verdict is written, before it is told"
    DRAWN = "after the card is drawn, before that is noted"
    TOLD = "after it is told"


class Trap:
    """Kills the process once every payment has come to the point, or has got its verdict without passing there."""

    def __init__(self, point: KillPoint | None, payments: int) -> None:
        self.point = point
        self._payments = payments
        self._caught: set[str] = set()
        self._over: set[str] = set()

    async def at(self, point: KillPoint, order_id: str) -> None:
        """A payment is at a point: it goes no further, if this is the one."""
        if self.caught(point, order_id):
            await asyncio.Event().wait()

    def caught(self, point: KillPoint, order_id: str) -> bool:
        """Whether a payment that is at a point must go no further."""
        if point is not self.point:
            return False
        if not self._caught:
            asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, _kill)
        self._caught.add(order_id)
        self._spring()
        return True

    def over(self, order_id: str) -> None:
        """A payment has got its verdict."""
        self._over.add(order_id)
        self._spring()

    def _spring(self) -> None:
        if self._caught and len(self._caught | self._over) >= self._payments:
            _kill()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
