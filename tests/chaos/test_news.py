"""Whatever the list, billing, the platform and kills do: every chat hears of what it asked for, and of nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.news_judge import Verdict
from tests.chaos.news_lives import Flaw
from tests.chaos.news_storm import opened, storm
from tests.chaos.nursery import Nursery

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECONDS = 15


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    """The loaded bot."""
    async with Nursery("tests.chaos.news_victim") as opened:
        yield opened


async def _blown(nursery: Nursery, folder: Path, database: str, flaw: Flaw | None = None) -> Verdict:
    async with opened(folder / "scene", database, flaw) as place:
        return (await storm(nursery, place, SECONDS, None)).verdict


async def test_no_storm_keeps_a_chat_from_what_it_asked_for(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    verdict = await _blown(nursery, tmp_path, database_url)
    assert not verdict.wrongs
    assert verdict.looks
    assert verdict.told


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("flaw", "wrong"),
    [(Flaw.FORGETS, "unheard"), (Flaw.FORGETS_ITS_WORD, "doubled_uncut"), (Flaw.TELLS_EVERYBODY, "misdirected")],
)
async def test_a_bot_with_a_flaw_is_found_out(
    nursery: Nursery, sqlite_url: str, tmp_path: Path, flaw: Flaw, wrong: str
) -> None:
    """The control: what the test above can find, where there is something to find."""
    verdict = await _blown(nursery, tmp_path, sqlite_url, flaw)
    assert wrong in verdict.wrongs
