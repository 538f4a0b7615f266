"""Where a process can be killed on a payment's way, and what does it."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from enum import StrEnum

_PATIENCE_SECONDS = 45.0
_ON_ITS_WAY_SECONDS = 0.15


class KillPoint(StrEnum):
    """The steps of a payment's way, in their order."""

    DRAFTED = "after the draft"
    CLAIMED = "after the claim, before the workflow"
    HELD = "when the hold is over"
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
    """Stops every payment at a point of its own, and kills the process once none goes on any more.

    A payment whose verdict is told without its having come to its point goes on no more either. `caught`: hears just
    before the kill which ones were stopped.
    """

    def __init__(self, payments: int, caught: Callable[[Mapping[str, KillPoint]], None]) -> None:
        self._payments = payments
        self._report = caught
        self._points: dict[str, KillPoint] = {}
        self._caught: dict[str, KillPoint] = {}
        self._over: set[str] = set()
        self._others_are_still = asyncio.Event()

    def expect(self, order_id: str, point: KillPoint | None) -> None:
        """Say where a payment is to be stopped."""
        if point:
            self._points[order_id] = point

    def is_for(self, point: KillPoint, order_id: str) -> bool:
        """Whether this payment is to be stopped there."""
        return self._points.get(order_id) is point

    async def at(self, point: KillPoint, order_id: str) -> None:
        """A payment is at a point: it goes no further, if that is its own."""
        if self.caught(point, order_id):
            await asyncio.Event().wait()

    def caught(self, point: KillPoint, order_id: str) -> bool:
        """Whether a payment that is at a point must go no further."""
        if not self.is_for(point, order_id):
            return False
        if not self._caught:
            asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._kill)
        self._caught[order_id] = point
        self._spring()
        return True

    async def others_still(self, order_id: str) -> None:
        """Keep what is to be killed under way until nobody else moves any more: it does not last."""
        if self.is_for(KillPoint.UNDER_WAY, order_id):
            await self._others_are_still.wait()

    async def on_its_way(self, order_id: str) -> None:
        """A request has just left."""
        if self.is_for(KillPoint.UNDER_WAY, order_id):
            await asyncio.sleep(_ON_ITS_WAY_SECONDS)
            await self.at(KillPoint.UNDER_WAY, order_id)

    def over(self, order_id: str) -> None:
        """A payment has got its verdict, and that is told."""
        self._over.add(order_id)
        self._spring()

    def _spring(self) -> None:
        if not self._points:
            return
        still = self._caught.keys() | self._over
        last = {each for each, point in self._points.items() if point is KillPoint.UNDER_WAY}
        if len(still | last) >= self._payments:
            self._others_are_still.set()
        if len(still) >= self._payments:
            self._kill()

    def _kill(self) -> None:
        self._report(self._caught)
        os.kill(os.getpid(), signal.SIGKILL)
