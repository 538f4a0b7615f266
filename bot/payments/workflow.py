"""One payment as a durable workflow. Loaded late: it imports dbos.

A workflow may be run again from its beginning at any moment; what its steps returned is kept and not done again.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID, StepOptions

from bot.payments.posting import Arming, Posting
from bot.payments.telling import Telling
from bot.runs import Runs
from bot.store import OrderState, StoreError

log = structlog.get_logger(__name__)

_AGAIN: StepOptions = {
    "retries_allowed": True,
    "max_attempts": 8,
    "interval_seconds": 0.2,
    "backoff_rate": 2.0,
    "should_retry": lambda error: isinstance(error, StoreError),
}


@DBOS.dbos_class("payments")
class PaymentWorkflow(DBOSConfiguredInstance):
    """Sends a payment that was confirmed, and tells what became of it. One a process: dbos finds it by its name."""

    posting: Posting
    telling: Telling

    def __init__(self) -> None:
        super().__init__("casier")
        self._runs = Runs()

    @DBOS.workflow(name="pay", max_recovery_attempts=None)
    async def pay(self, order_id: str) -> str:
        """Hold it, send it once, find out what became of it; the order's state at the end."""
        # On purpose no step: a run that repeats an earlier one makes another token, and so knows that it may not send.
        token = secrets.token_hex(16)
        with self._runs.listed():
            try:
                return await self._paid(order_id, token)
            except Exception:
                log.exception("payment.failed", order=order_id)
                state: str = await _step("give up", self.posting.give_up, order_id)
                await _step("tell", self._tell, order_id)
                return state

    async def _paid(self, order_id: str, token: str) -> str:
        await self._rest(await _step("held", self.posting.seconds_held, order_id))
        if not await _step("begin", self.posting.begin, order_id):
            return await self._told(order_id)
        await _step("tell beginning", self._tell, order_id)
        arming = msgspec.convert(await _step("arm", self._arm, order_id, token), Arming)
        state: str = await _once("send", self.posting.send, order_id, arming, token, time.monotonic())
        if state == OrderState.LOOKING:
            await self._found_out(order_id, arming)
        return await self._told(order_id)

    async def _found_out(self, order_id: str, arming: Arming) -> None:
        """Look whether it arrived, for longer than it could be on its way."""
        await _step("tell looking", self._tell, order_id)
        for pause in self.posting.looks:
            await self._rest(pause)
            if await _step("look", self.posting.look, order_id, arming) != OrderState.LOOKING:
                return
        await _step("give up", self.posting.give_up, order_id)

    async def halt(self, patience: float) -> None:
        """Stop: let what is being sent get its verdict, then end what waits. All that goes on after the next start."""
        await self._runs.halt(patience)

    async def _rest(self, seconds: float) -> None:
        """Wait, durably: a run that was halted meanwhile goes on at the same moment."""
        with self._runs.waiting():
            await DBOS.sleep_async(seconds)

    async def _arm(self, order_id: str, token: str) -> dict[str, Any]:
        built: dict[str, Any] = msgspec.to_builtins(await self.posting.arm(order_id, token))
        return built

    async def _told(self, order_id: str) -> str:
        return str(await _step("tell", self._tell, order_id))

    async def _tell(self, order_id: str) -> str:
        """Telling must not lose a verdict: what fails here is told later by the desk's watch."""
        try:
            return await self.telling.finish(order_id)
        except Exception:
            log.exception("payment.untold", order=order_id)
            return ""


_workflow = PaymentWorkflow()


def carry(posting: Posting, telling: Telling) -> None:
    """Give the process's workflow its means. They last as long as dbos runs."""
    _workflow.posting, _workflow.telling = posting, telling


async def halt(patience: float) -> None:
    """Stop what is under way, in good order, before dbos ends."""
    await _workflow.halt(patience)


async def start(order_id: str) -> None:
    """Start the payment's workflow, if it hasn't been."""
    with SetWorkflowID(workflow_id(order_id)):
        await DBOS.start_workflow_async(_workflow.pay, order_id)


def workflow_id(order_id: str) -> str:
    """The id under which dbos knows a payment: one workflow for each, ever."""
    return f"pay-{order_id}"


async def _step(name: str, work: Callable[..., Awaitable[Any]], *values: object) -> Any:  # noqa: ANN401 - whatever the step returns
    """A step that may be done again, and is where it fails: for half a minute, if the database is locked or away."""
    return await DBOS.run_step_async({"name": name, **_AGAIN}, work, *values)


async def _once(name: str, work: Callable[..., Awaitable[Any]], *values: object) -> Any:  # noqa: ANN401 - as above
    """The step that is done once a run, whatever happens."""
    return await DBOS.run_step_async({"name": name}, work, *values)
