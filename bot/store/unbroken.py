"""Work on the database that is finished though whoever asked for it is cancelled meanwhile.

A driver that is cut in the middle may keep its connection, and with it the one lock on an SQLite file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def unbroken(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let a piece of work, a short one, come to its end before a cancellation is obeyed."""

    @wraps(work)
    async def finished(*args: P.args, **more: P.kwargs) -> T:
        task: asyncio.Future[Any] = asyncio.ensure_future(work(*args, **more))
        try:
            result: T = await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
        return result

    return finished
