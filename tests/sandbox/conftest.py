import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest

from sandbox import SandboxOptions, SandboxServer

KEY = "sandbox-key"
TODAY = date(2026, 3, 10)

Raw = Callable[..., Awaitable[bytes]]
Connect = Callable[..., httpx.AsyncClient]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]

# httpx reads all of certifi's for every new client, which takes longer than opening a sandbox.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    """A sandbox with its default books, on a day that never changes."""
    async with SandboxServer(SandboxOptions(today=TODAY)) as server:
        yield server


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who knows the key."""
    async with client_of(server) as client:
        yield client


@pytest.fixture
def raw(server: SandboxServer) -> Raw:
    """Ask over a plain socket and get every byte of the answer, until the connection ends."""

    async def ask(method: str, path: str, order: dict[str, Any] | None = None) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        body = b"" if order is None else json.dumps(order).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\ncontent-type: application/json\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        try:
            return await reader.read()
        finally:
            writer.close()

    return ask


def client_of(server: SandboxServer, key: str | None = KEY) -> httpx.AsyncClient:
    headers = [] if key is None else [(b"x-api-key", key.encode())]
    return httpx.AsyncClient(base_url=server.url, headers=headers, timeout=10, verify=NO_CERTIFICATES)


@pytest.fixture
def connect() -> Connect:
    """Make a client for a sandbox, with any key or none."""
    return client_of


@pytest.fixture
def eventually() -> Eventually:
    """Wait for something that happens on its own, for as long as a busy machine may need."""

    async def wait(happened: Callable[[], bool]) -> None:
        for _ in range(500):
            if happened():
                return
            await asyncio.sleep(0.01)
        pytest.fail("It has not happened within five seconds.")

    return wait
