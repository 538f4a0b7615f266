"""One bot on every surface that can do what a dialogue needs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox import SandboxOptions, SandboxServer
from tests.stage import PATIENT
from tests.surfaces.desk import Desk, Surface
from tests.surfaces.everywhere import SURFACES

OpenDesk = Callable[..., Awaitable[Desk]]


def pytest_configure(config: pytest.Config) -> None:
    """`needs` says what a dialogue asks of its surface."""
    config.addinivalue_line("markers", "needs(*can): runs only where this can be done; everywhere.py says why not")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a dialogue on every surface that can do what it needs."""
    if "surface" in metafunc.fixturenames:
        needed = {each for mark in metafunc.definition.iter_markers("needs") for each in mark.args}
        able = [surface for surface in SURFACES if not needed & surface.cannot.keys()]
        metafunc.parametrize("surface", able, ids=lambda surface: surface.name)


@pytest.fixture
async def open_desk(surface: Surface, folder: Path, lively: SandboxOptions) -> AsyncIterator[OpenDesk]:
    """Open a desk with settings of the test's own; `sandbox` stands for the options of the sandbox."""
    async with AsyncExitStack() as stack:

        async def open_one(sandbox: SandboxOptions | None = None, **settings: Any) -> Desk:  # noqa: ANN401
            server = await stack.enter_async_context(SandboxServer(sandbox or lively))
            return await stack.enter_async_context(surface.opened(server, folder, {**PATIENT, **settings}))

        yield open_one


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    """The whole bot on a surface, in front of a lively sandbox where 2024-001 is open."""
    return await open_desk()
