"""Serves an ASGI app on a socket of ours, beside whatever else runs in the event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.applications import Starlette

_TRIES = 50
_PATIENCE_SECONDS = 2


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals: the start decides when all of it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def free_socket(host: str, port: int) -> socket.socket:
    """A socket listening on this port, or on the next one that nobody has; 0 means any. `OSError` if none is free."""
    last = port + _TRIES
    for each in range(port, last):
        with suppress(OSError):
            return _listening(host, each)
    return _listening(host, last)


def free_port(host: str, port: int) -> int:
    """The same for somebody who listens without us: the number only."""
    with free_socket(host, port) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve the app while the block runs; then finish what is being answered, briefly.

    Who connects before uvicorn is up waits in the listener's queue.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _listening(host: str, port: int) -> socket.socket:
    # Named as TCP, so that asyncio turns Nagle's delay off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
