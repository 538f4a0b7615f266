"""A billing client for any address, closed at the end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from bot.billing import Billing, BillingOptions
from tests.billing.wire import KEY

Client = Callable[..., Billing]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Make a client with short deadlines, or with those that a test wants."""
    async with AsyncExitStack() as stack:

        def make(url: str, key: str = KEY, **options: Any) -> Billing:  # noqa: ANN401 - options of all types
            usual = {"connect_seconds": 0.5, "read_seconds": 0.4, "deadline_seconds": 2, "list_seconds": 2}
            billing = Billing(BillingOptions(url, SecretStr(key), **{**usual, **options}))
            stack.push_async_callback(billing.close)
            return billing

        yield make


@pytest.fixture
def full_port() -> Iterator[Callable[[], int]]:
    """A port whose queue of new connections is full: the system answers nobody who knocks."""
    with ExitStack() as stack:

        def fill() -> int:
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(4):
                knocking = stack.enter_context(socket.socket())
                knocking.settimeout(0)
                knocking.connect_ex(listener.getsockname())
            return int(listener.getsockname()[1])

        yield fill


@pytest.fixture
async def slow_names() -> AsyncIterator[None]:
    """A loop that takes its time to find out who a name is."""
    loop = asyncio.get_running_loop()
    quick = loop.getaddrinfo

    async def slow(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the loop has it
        await asyncio.sleep(1)
        return await quick(*args, **options)

    loop.getaddrinfo = slow  # type: ignore[method-assign]
    yield
    loop.getaddrinfo = quick  # type: ignore[method-assign]
