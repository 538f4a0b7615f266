"""The sandbox on a real port, beside whatever else runs in the event loop."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Self

from fastapi import FastAPI
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sandbox.app import create_app
from sandbox.books import Books
from sandbox.faults import Faults
from sandbox.options import SandboxOptions
from sandbox.state import Sandbox
from sandbox.whims import Whims

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 65
PATIENCE_SECONDS = 0.25


class OpenProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which lets the app reach the connection so as to break it, and logs as the sandbox."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.app_state = {**app_state, "protocol": self}
        self.logger = logging.getLogger("sandbox")
        self.access_log = False


def configure(app: FastAPI) -> Config:
    """Set uvicorn's protocol up, loading nothing and touching no logger that others may use."""
    config = Config(
        app,
        http=OpenProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    return config


def bind(port: int) -> socket.socket:
    """Take a port; OSError, with the address in it, when somebody else has it."""
    # asyncio turns Nagle's algorithm off (40 ms on every answer) for sockets that say that they are TCP's only.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"The sandbox can't listen on {HOST}:{port}: {error.strerror}") from error
    return listener


class SandboxServer:
    """A sandbox that answers at `url` for as long as the `async with` block lasts.

    It uses uvicorn's protocol, not its Server: that one takes over the process's signals, polls to notice its end,
    and leaves by `sys.exit` when the port is taken.
    """

    def __init__(self, options: SandboxOptions | None = None, *, port: int = 0) -> None:
        self.options = options or SandboxOptions()
        self.port = port
        self._state = ServerState()
        self._state.default_headers = [(b"server", b"billing-sandbox")]
        self._stack = AsyncExitStack()
        self._sandbox: Sandbox | None = None

    async def __aenter__(self) -> Self:
        """Seed and listen; OSError when the port is taken."""
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(bind(self.port))
            app = await asyncio.to_thread(create_app, self.options)
            self._sandbox = app.state.sandbox
            await stack.enter_async_context(app.router.lifespan_context(app))
            await stack.enter_async_context(self._listening(app, listener))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once, whoever is still waiting for an answer."""
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """The API's root, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self._opened.faults

    @property
    def books(self) -> Books:
        """The database behind the API, for looking at the truth."""
        return self._opened.books

    @property
    def whims(self) -> Whims:
        """What the list of payments may do from one moment to the next."""
        return Whims(self.books)

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far (the last 10,000), oldest first; may be cleared."""
        return self._opened.requests

    @property
    def _opened(self) -> Sandbox:
        if self._sandbox is None:
            raise RuntimeError("The sandbox is not open yet: use `async with SandboxServer(…) as server`.")
        return self._sandbox

    @asynccontextmanager
    async def _listening(self, app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
        config = configure(app)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: OpenProtocol(config, self._state, {}), sock=listener)
        self.port = listener.getsockname()[1]
        try:
            yield
        finally:
            await self._stop(server)

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        self._opened.closing.set()
        await self._let_finish()
        for connection in list(self._state.connections):
            connection.transport.abort()
        await self._let_finish()
        for task in self._state.tasks:
            task.cancel()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)

    async def _let_finish(self) -> None:
        # One turn of the loop, so that closed connections are noticed.
        await asyncio.sleep(0)
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=PATIENCE_SECONDS)
