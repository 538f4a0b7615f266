"""Somebody who reads the index, on both databases."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.directory import Progress, Rounds, Tempo
from bot.start.stopping import ended
from bot.store import Store
from tests.stage import Desk, OpenDesk

FAST = 1000.0


async def read_all(desk: Desk) -> list[Progress]:
    """Read everything there is."""
    rounds = Rounds(desk.app.services.billing, desk.app.services.store, Tempo(FAST))
    return [progress async for progress in rounds.refresh()]


@pytest.fixture
async def indexed(open_desk: OpenDesk, begun_url: str) -> Desk:
    """The bot on either database, with everything read."""
    desk = await open_desk(database_url=begun_url, directory_requests_per_second=FAST)
    await read_all(desk)
    desk.sandbox.requests.clear()
    return desk


@pytest.fixture
async def watched(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """The bot, reading by itself."""
    desk = await open_desk(directory_requests_per_second=FAST)
    watching = asyncio.create_task(desk.app.services.rounds.watch())
    yield desk
    await ended(watching)


def store_of(desk: Desk) -> Store:
    """Its store."""
    return desk.app.services.store
