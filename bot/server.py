"""Serves an ASGI app on a socket of ours, beside whatever else runs in the event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

_TRIES = 50
_LAST_PORT = 65535
_PATIENCE_SECONDS = 2
_TICK_SECONDS = 1


Report = Callable[[], Awaitable[tuple[bool, dict[str, Any]]]]


def web_app(report: Report, hooks: Mapping[str, ASGIApp]) -> Starlette:
    """Serve `/health` (200 when all is well, else 503; JSON) and what the platforms want to be called at, by path."""

    async def health(_request: Request) -> JSONResponse:
        well, told = await report()
        return JSONResponse(told, 200 if well else 503, {"cache-control": "no-store"})

    called = [Route(path, endpoint=hook) for path, hook in hooks.items()]
    return Starlette(routes=[Route("/health", health), *called])


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals: the start decides when all of it ends, by `end`.

    It is told so, where uvicorn looks ten times a second whether it is.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Take nothing more, finish what is being answered."""
        self.should_exit = True
        self._ended.set()

    async def main_loop(self) -> None:
        """Keep the date of the answers right, until the end."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _TICK_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def free_socket(host: str, port: int) -> socket.socket:
    """A socket listening on this port, or on the next one that nobody has; 0 means any. `OSError` if none is free."""
    last = min(port + _TRIES, _LAST_PORT)
    for each in range(port, last):
        with suppress(OSError):
            return exact_socket(host, each)
    return exact_socket(host, last)


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
        http="httptools",
        ws="none",
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.end()
        await task


async def tells_health(host: str, port: int) -> bool:
    """Whether a bot answers there."""
    import httpx  # noqa: PLC0415 - slow to load, and nobody who serves asks

    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
            told = (await client.get(f"http://{host}:{port}/health")).json()
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(told, dict) and "platforms" in told


def exact_socket(host: str, port: int) -> socket.socket:
    """A socket listening on this port; `OSError`, with the address in it, if somebody else does."""
    # Named as TCP, so that asyncio turns Nagle's delay off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno, f"Can't listen on {host}:{port}: {error.strerror}. HTTP_PORT chooses another port"
        ) from error
    return listener
