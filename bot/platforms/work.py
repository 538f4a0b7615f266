"""The answers under way: begun in the order the updates came, and none of them lost."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial

import structlog

log = structlog.get_logger(__name__)

Job = Coroutine[object, object, None]


class Work:
    """The tasks that answer, `most` at a time. Each is somebody's (or nobody's: ""). `where` names us in the log."""

    def __init__(self, most: int, where: str) -> None:
        self._most = most
        self._where = where
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._by: Counter[str] = Counter()
        self._room = asyncio.Event()
        self._room.set()

    async def room(self) -> None:
        """Wait until another answer may begin."""
        await self._room.wait()

    def count(self, whose: str) -> int:
        """How many of this one's answers are under way."""
        return self._by[whose]

    def start(self, job: Job, whose: str, failed: Callable[[], None] | None = None) -> None:
        """Begin an answer. If it fails, that is logged, and `failed` is told."""
        task = asyncio.create_task(job)
        self._tasks[task] = whose
        self._by[whose] += 1
        if len(self._tasks) >= self._most:
            self._room.clear()
        task.add_done_callback(partial(self._end, failed))

    async def close(self, patience: float) -> None:
        """Give the answers under way some seconds, then end them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        late = list(self._tasks)
        if late:
            log.warning("answers.cut_short", platform=self._where, answers=len(late))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _end(self, failed: Callable[[], None] | None, task: asyncio.Task[None]) -> None:
        whose = self._tasks.pop(task)
        self._by[whose] -= 1
        if not self._by[whose]:
            del self._by[whose]
        if len(self._tasks) < self._most:
            self._room.set()
        error = None if task.cancelled() else task.exception()
        if error:
            log.error("answer.failed", platform=self._where, exc_info=error)
            if failed:
                failed()
