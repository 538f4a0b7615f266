"""Slack on loopback, and the whole bot in a workspace there."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from sandbox import SandboxOptions, SandboxServer
from tests.slack_app.standin import StandInSlack
from tests.slack_app.workspace import Talk, talk_over


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Through the standard library, and no picture book for every traceback; afterwards as it was."""
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    yield
    structlog.configure(**before)


@pytest.fixture
async def sandbox(lively: SandboxOptions) -> AsyncIterator[SandboxServer]:
    """A billing API with lively data."""
    async with SandboxServer(lively) as server:
        yield server


@pytest.fixture
async def slack() -> AsyncIterator[StandInSlack]:
    """Slack, as its documentation says."""
    async with StandInSlack().running() as running:
        yield running
        assert not [each for each in running.refused if each[1].startswith("invalid_blocks")], running.refused


@pytest.fixture
async def talk(slack: StandInSlack, sandbox: SandboxServer, folder: Path) -> Talk:
    """A bot over Socket Mode; not running yet."""
    return talk_over(slack, sandbox, folder)


@pytest.fixture(params=["socket", "http"])
async def desk(request: pytest.FixtureRequest, talk: Talk) -> AsyncIterator[Talk]:
    """A running bot, in both modes."""
    if request.param == "http":
        talk.listen()
    async with talk.running():
        yield talk


@pytest.fixture
async def here(talk: Talk) -> AsyncIterator[Talk]:
    """A running bot over Socket Mode."""
    async with talk.running():
        yield talk
