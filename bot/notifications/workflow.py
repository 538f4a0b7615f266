"""Telling a chat what waits for it, as a durable workflow. Loaded late: it imports dbos.

A run that is cut goes on after the next start; what was being sent then may be told twice, and is never lost.
"""

import asyncio

import structlog
from dbos import DBOS, DBOSConfiguredInstance

from bot.notifications.rounds import Rounds
from bot.runs import Runs

log = structlog.get_logger(__name__)

# A run that is taken up again goes through all of its steps.
_MOST = 20


@DBOS.dbos_class("notices")
class NoticeWorkflow(DBOSConfiguredInstance):
    """Tells, until nothing waits. One a process: dbos finds it by its name."""

    rounds: Rounds

    def __init__(self) -> None:
        super().__init__("casier")
        self.runs = Runs()

    @DBOS.workflow(name="tell", max_recovery_attempts=None)
    async def tell(self, place: str) -> None:
        """One message after the other, with the pauses that each asks for."""
        with self.runs.listed():
            try:
                await self._told(place)
            except Exception:
                log.exception("notice.failed", chat=place)
            finally:
                self.rounds.ended(place)

    async def _told(self, place: str) -> None:
        for _message in range(_MOST):
            self.rounds.begins(place)
            again = await DBOS.run_step_async({"name": "tell"}, self.rounds.delivery.tell, place)
            if again is None or not self.rounds.goes_on(place, again):
                return
            with self.runs.waiting():
                await asyncio.sleep(again or self.rounds.breath)
        self.rounds.wake([place])


_workflow = NoticeWorkflow()


def carry(rounds: Rounds) -> None:
    """Give the process's workflow its means. They last as long as dbos runs."""
    _workflow.rounds = rounds


async def start(place: str) -> None:
    """Start telling a chat."""
    handle = await DBOS.start_workflow_async(_workflow.tell, place)
    # Its outcome is written after our code has ended; only the handle's own future knows when that is done.
    written = getattr(handle, "task", None)
    if isinstance(written, asyncio.Future):
        _workflow.runs.follow(written)


async def halt(patience: float) -> None:
    """Stop what is under way, in good order, before dbos ends."""
    await _workflow.runs.halt(patience)
