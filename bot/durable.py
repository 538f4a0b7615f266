"""Work that outlives the program: dbos, loaded when it is first needed.

Loading takes a second, which no lookup shall wait for; so nothing here imports it until somebody asks. dbos knows one
instance a process, and so does this.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

log = structlog.get_logger(__name__)

# Constant, so that a new release takes up the work of the old one; workflow code may change compatibly only.
_VERSION = "1"
_ROUND = 1000


@dataclass(frozen=True, slots=True)
class DurableOptions:
    """Who we are among the programs that share a database, and how often dbos looks around, in seconds."""

    executor: str = "casier"
    look_seconds: float = 1.0


class Durable:
    """dbos, from its first need to the end. `engine`: makes the engine of its tables."""

    def __init__(self, engine: Callable[[], Any], options: DurableOptions) -> None:
        self._make_engine = engine
        self._options = options
        self._loads: list[Callable[[], object]] = []
        self._engine: Any = None
        self._dbos: Any = None
        self._starting: asyncio.Task[None] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it has been needed, and is there."""
        return bool(self._starting and self._starting.done() and not self._starting.exception())

    def carry(self, load: Callable[[], object]) -> None:
        """Have workflows loaded before it runs: `load` imports them, which takes a while."""
        self._loads.append(load)

    async def started(self) -> None:
        """Return once it runs; start it if it doesn't. What was left undone is taken up again then."""
        if self._starting is None or (self._starting.done() and self._starting.exception()):
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)

    async def state_of(self, workflow: str) -> str | None:
        """Dbos's word for how a workflow is (`PENDING`, `SUCCESS`, `ERROR`, …); None where there is none."""
        from dbos import DBOS  # noqa: PLC0415 - loaded by now

        found = await DBOS.list_workflows_async(workflow_ids=[workflow], load_input=False, load_output=False)
        return found[0].status if found else None

    async def resume(self, workflow: str) -> None:
        """Take up a workflow whose program is gone."""
        from dbos import DBOS  # noqa: PLC0415 - loaded by now

        await DBOS.resume_workflow_async(workflow)

    async def forget(self, older_than: timedelta) -> int:
        """Delete what was finished so long ago; how many. What ended in an error is logged, each time."""
        from dbos import DBOS  # noqa: PLC0415 - loaded by now

        failed = await DBOS.list_workflows_async(status="ERROR", limit=_ROUND, load_input=False, load_output=False)
        for workflow in failed:
            log.error("workflow.failed", workflow=workflow.workflow_id)
        before = (datetime.now(UTC) - older_than).isoformat()
        old = await DBOS.list_workflows_async(
            status=["SUCCESS", "CANCELLED"],
            completed_before=before,
            limit=_ROUND,
            load_input=False,
            load_output=False,
        )
        if old:
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in old])
        return len(old)

    async def close(self) -> None:
        """Stop; what is unfinished goes on after the next start."""
        if self._starting is None:
            return
        await asyncio.gather(self._starting, return_exceptions=True)
        self._starting = None
        if self._engine is None:
            return
        from dbos import DBOS  # noqa: PLC0415 - loaded by now

        # Else its threads would try again for as long as the database is away, and no process ends before its threads.
        # What they don't finish is pending, and goes on after the next start.
        if books := self._dbos._sys_db_field:  # noqa: SLF001 - it has no other name
            books._retry_connection_errors = False  # noqa: SLF001
        # It joins threads, some of which wait for the event loop.
        with ThreadPoolExecutor(1) as own:
            await asyncio.get_running_loop().run_in_executor(own, DBOS.destroy)
        # dbos has made its threads the loop's own, and they are gone.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        self._engine.dispose()

    async def _start(self) -> None:
        # Its own handler would print an advert.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        for load in self._loads:
            await asyncio.to_thread(load)
        from dbos import DBOS, DBOSPortableJSONSerializer  # noqa: PLC0415 - loaded by now

        if self._engine:
            self._engine.dispose()
        self._engine = self._make_engine()
        self._dbos = DBOS(
            config={
                "name": "casier",
                "system_database_engine": self._engine,
                "system_database_url": self._engine.url.render_as_string(hide_password=False),
                "application_version": _VERSION,
                "executor_id": self._options.executor,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
                "enable_otlp": False,
                "notification_listener_polling_interval_sec": self._options.look_seconds,
            }
        )
        logging.getLogger("dbos").propagate = True
        # In a thread, for it waits for the database, which this loop may be writing to; but dbos runs what it takes up
        # again in the loop that it was launched from, or, there being none, in the one that was set before.
        self._dbos._background_event_loop.set_main_loop()  # noqa: SLF001
        await asyncio.to_thread(DBOS.launch)
        log.debug("durable.started", executor=self._options.executor)
