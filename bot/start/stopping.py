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
