"""What outlives the program, where it can't be started."""

from functools import partial

import pytest
from sqlalchemy.exc import OperationalError

from bot.durable import Durable
from bot.store import open_store
from bot.store.workflows import workflow_engine
from tests.stage import BRISKLY, Desk, confirm_of


def _fail() -> None:
    raise ImportError("not there")


async def test_what_could_not_be_loaded_ends_all_the_same(sqlite_url: str) -> None:
    durable = Durable(partial(workflow_engine, sqlite_url), BRISKLY)
    durable.carry(_fail)
    with pytest.raises(ImportError):
        await durable.started()
    assert not durable.is_started
    await durable.close()


async def test_what_could_not_be_started_is_started_when_it_is_needed_again(sqlite_url: str) -> None:
    await (await open_store(sqlite_url)).close()
    urls = iter(["sqlite:////nowhere/at/all.db", sqlite_url])
    durable = Durable(lambda: workflow_engine(next(urls)), BRISKLY)
    with pytest.raises(OperationalError):
        await durable.started()
    await durable.started()
    assert durable.is_started
    await durable.close()


async def test_what_has_ended_is_not_remembered(desk: Desk) -> None:
    await desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash")))
    running = desk.app.services.desk._running  # noqa: SLF001 - what it remembers is nobody else's business
    assert running._started  # noqa: SLF001
    await desk.app.services.desk.recover()
    assert not running._started  # noqa: SLF001
