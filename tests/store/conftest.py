"""An open store, on both databases; and a server that says nothing."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.store import Store, open_store


@pytest.fixture
async def store(begun_url: str) -> AsyncIterator[Store]:
    """A new store."""
    opened = await open_store(begun_url)
    yield opened
    await opened.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Where somebody takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
