"""What every test may ask for: a sandbox billing API, the whole bot in front of it, and a way to say something."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr

from bot.outlets import Outlet
from bot.settings import Settings
from bot.start.joining import joined
from sandbox import SandboxOptions, SandboxServer
from tests.databases import database_url, postgres, postgres_url, sqlite_url
from tests.stage import Desk, OpenDesk, Say, Wall

__all__ = ["database_url", "desk", "open_desk", "postgres", "postgres_url", "say", "sqlite_url"]


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Open a desk with settings of the test's own; `sandbox` stands for the options of the sandbox."""
    async with AsyncExitStack() as stack:

        async def open_one(sandbox: SandboxOptions | SandboxServer | None = None, **settings: Any) -> Desk:  # noqa: ANN401
            if isinstance(sandbox, SandboxServer):
                server = sandbox
            else:
                server = await stack.enter_async_context(SandboxServer(sandbox or SandboxOptions(demo=True)))
            chosen = _settings(server, tmp_path, settings)
            wall = Wall()
            outlets: dict[str, Outlet] = {"web": wall}
            app = await stack.enter_async_context(joined(chosen, outlets))
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


def _settings(server: SandboxServer, folder: Path, chosen: dict[str, Any]) -> Settings:
    usual: dict[str, Any] = {
        "billing_api_url": HttpUrl(server.url),
        "billing_api_key": SecretStr(server.options.key),
        "billing_connect_seconds": 1,
        "billing_read_seconds": 1,
        "billing_deadline_seconds": 3,
        "database_url": f"sqlite:///{folder / 'casier.db'}",
        "admins": ("web:admin",),
        "approvers": ("web:approver",),
        "cashiers": ("web:cashier", "web:colleague"),
        "viewers": ("web:viewer",),
        "language": "en",
    }
    return Settings(_env_file=None, **{**usual, **chosen})
