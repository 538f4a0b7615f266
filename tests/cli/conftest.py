"""Nothing that a test starts outlives it."""

from collections.abc import AsyncIterator

import pytest

from tests.cli.terminals import running


@pytest.fixture(autouse=True)
async def _ended() -> AsyncIterator[None]:
    """End what a failed test has left running."""
    yield
    for process in running:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    running.clear()
