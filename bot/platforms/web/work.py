"""The answers under way: begun in the order the questions came, and none of them lost."""

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine

logger = logging.getLogger(__name__)

Job = Coroutine[object, object, None]


class Work:
    """The tasks that answer. One that fails is logged and told of; `close` waits a little for the rest."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether too many answers are under way to begin another."""
        return len(self._tasks) >= self._most

    def start(self, job: Job, done: Callable[[bool], None]) -> None:
        """Begin an answer; `done` is told whether it went well."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._end, done))

    async def close(self, patience: float = 3.0) -> None:
        """Give the answers under way some seconds, then end them."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _end(self, done: Callable[[bool], None], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            logger.error("answering in the web chat failed", exc_info=error)
        done(error is None)
