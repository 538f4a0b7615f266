"""Until when a start lasts."""

import asyncio
import signal


async def told_to_stop() -> None:
    """Return at Ctrl-C or SIGTERM, so that everything can end in its order."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await stopped.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def ended(task: asyncio.Task[None]) -> None:
    """End what runs beside, and wait for it: a database that is closed under somebody's hands never lets go."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
