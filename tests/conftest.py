"""What every test may ask for: a sandbox billing API, the whole bot in front of it, and a way to say something."""

import io
import logging
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.logs import set_up_logs
from bot.outlets import Outlet
from bot.start.desks import Makers
from bot.start.joining import joined
from sandbox import SandboxOptions, SandboxServer
from sandbox.app import open_sandbox
from tests.databases import (
    begin,
    begun_postgres_url,
    begun_sqlite_url,
    begun_url,
    database_url,
    postgres,
    postgres_url,
    sqlite_url,
)
from tests.stage import BRIEFLY, BRISKLY, Desk, OpenDesk, Say, Wall, settings_for

__all__ = [
    "begun",
    "begun_postgres_url",
    "begun_sqlite_url",
    "begun_url",
    "database_url",
    "desk",
    "folder",
    "lines",
    "lively",
    "open_desk",
    "postgres",
    "postgres_url",
    "say",
    "sqlite_url",
]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of ours and lively books, both as a first start leaves them."""
    folder = tmp_path_factory.mktemp("begun")
    begin(f"sqlite:///{folder / 'casier.db'}")
    open_sandbox(SandboxOptions(demo=True, database=folder / "books.db")).books.close()
    return folder


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    """A copy of that folder: every test has its own, and none has to begin at nothing."""
    return Path(shutil.copytree(begun, tmp_path / "begun"))


@pytest.fixture
def lively(folder: Path) -> SandboxOptions:
    """A sandbox with lively books, where 2024-001 is open."""
    return SandboxOptions(demo=True, database=folder / "books.db")


@pytest.fixture
async def open_desk(folder: Path, lively: SandboxOptions) -> AsyncIterator[OpenDesk]:
    """Open a desk with settings of the test's own; `sandbox` stands for the options of the sandbox."""
    async with AsyncExitStack() as stack:

        async def open_one(
            sandbox: SandboxOptions | SandboxServer | None = None,
            makers: Makers | None = None,
            **settings: Any,  # noqa: ANN401
        ) -> Desk:
            if isinstance(sandbox, SandboxServer):
                server = sandbox
            else:
                server = await stack.enter_async_context(SandboxServer(sandbox or lively))
            chosen = settings_for(server, folder, lambda who: f"web:{who}", **settings)
            wall = Wall()
            outlets: dict[str, Outlet] = {"web": wall}
            app = await stack.enter_async_context(joined(chosen, outlets, BRISKLY, makers or BRIEFLY))
            return Desk(app, server, chosen, wall)

        yield open_one


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    """The whole bot in front of a lively sandbox, where 2024-001 is open."""
    return await open_desk()


@pytest.fixture
def say(desk: Desk) -> Say:
    """Say something to that bot."""
    return desk.say


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged as JSON, libraries included, at their most talkative."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before = logging.getLogger().handlers[:]
    set_up_logs("DEBUG", "json", ["sandbox-key"])
    yield written
    logging.getLogger().handlers = before
    logging.getLogger().setLevel(logging.WARNING)
