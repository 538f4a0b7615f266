"""Durable runs that are under way in this process, so that a stop cuts none of them where it hurts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_HALT_SECONDS = 0.02
_WRITTEN_SECONDS = 1.0


class Runs:
    """The runs, and whether each merely waits, and can be stopped without anything being cut."""

    def __init__(self) -> None:
        self._runs: dict[asyncio.Task[Any], bool] = {}
        self._followed: set[asyncio.Future[Any]] = set()

    def follow(self, run: "asyncio.Future[Any]") -> None:
        """Also wait, at a stop, until it is written down how this run ended."""
        self._followed.add(run)
        run.add_done_callback(self._followed.discard)

    @contextmanager
    def listed(self) -> Iterator[None]:
        """While a run lasts."""
        run = asyncio.current_task()
        if run is None:  # pragma: no cover - a coroutine runs in a task
            raise RuntimeError("no task")
        self._runs[run] = False
        try:
            yield
        finally:
            del self._runs[run]

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While a run merely waits."""
        run = asyncio.current_task()
        if run in self._runs:
            self._runs[run] = True
        try:
            yield
        finally:
            if run in self._runs:
                self._runs[run] = False

    async def halt(self, patience: float) -> None:
        """Let what must not be cut come to its end, so many seconds at most; then end them all."""
        loop = asyncio.get_running_loop()
        late = loop.time() + patience
        # What was started just now is listed by then.
        await asyncio.sleep(_HALT_SECONDS)
        while not all(self._runs.values()) and loop.time() < late:  # noqa: ASYNC110 - each run is asked
            await asyncio.sleep(_HALT_SECONDS)
        runs = list(self._runs)
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        if self._followed:
            await asyncio.wait(self._followed, timeout=_WRITTEN_SECONDS)
