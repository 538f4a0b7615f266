"""Telegram on loopback, in three ways: a server not ours with polling and with a webhook, and a strict one of ours."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import structlog

from sandbox import SandboxOptions, SandboxServer
from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.phones import Talk, talk_over
from tests.telegram.strict import StrictTelegram


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Through the standard library, and no picture book for every traceback."""
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture
async def sandbox(lively: SandboxOptions) -> AsyncIterator[SandboxServer]:
    """A billing API with lively data."""
    async with SandboxServer(lively) as server:
        yield server


@pytest.fixture
async def strict() -> AsyncIterator[StrictTelegram]:
    """Telegram, as its documentation says."""
    async with StrictTelegram().running() as telegram:
        yield telegram


@pytest.fixture
async def emulated() -> AsyncIterator[EmulatedTelegram]:
    """Telegram, as somebody else understood it."""
    async with EmulatedTelegram().running() as telegram:
        yield telegram


@pytest.fixture
async def talk(strict: StrictTelegram, sandbox: SandboxServer, folder: Path) -> Talk[StrictTelegram]:
    """A bot that polls the strict server; not running yet."""
    return talk_over(strict, sandbox, folder)


@pytest.fixture(params=["emulated polling", "emulated webhook", "strict polling", "strict webhook"])
async def desk(
    request: pytest.FixtureRequest, sandbox: SandboxServer, folder: Path
) -> AsyncIterator[Talk[StrictTelegram] | Talk[EmulatedTelegram]]:
    """A running bot, over every server and in every mode."""
    kind, mode = request.param.split()
    async with AsyncExitStack() as stack:
        talk: Talk[StrictTelegram] | Talk[EmulatedTelegram]
        if kind == "emulated":
            talk = talk_over(await stack.enter_async_context(EmulatedTelegram().running()), sandbox, folder)
        else:
            talk = talk_over(await stack.enter_async_context(StrictTelegram().running()), sandbox, folder)
        if mode == "webhook":
            talk.listen()
        await stack.enter_async_context(talk.running())
        yield talk
