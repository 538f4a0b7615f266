"""Killed at every step of the way, with the API failing before, during and after the commit."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox import SandboxServer
from tests.chaos.judge import NOTHING, Account
from tests.chaos.nursery import Nursery
from tests.chaos.points import KillPoint
from tests.chaos.scenes import Scene, scene, seed

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What the API does to a payment; None of them is tried again by anybody.
BEHAVIOURS: tuple[tuple[str, dict[str, int]], ...] = (
    ("error-before-commit", {}),
    ("error-before-commit", {"status": 422}),
    ("drop-before-commit", {}),
    ("drop-after-commit", {}),
    ("error-after-commit", {}),
    ("half-body", {}),
    ("hang-after-commit", {"seconds": 5}),
)
# One more payment than behaviours: that one is answered as it should be.
PAYMENTS = len(BEHAVIOURS) + 1
AT_A_TIME = 5
PATIENCE = 90

# A request has left by then, and the books may have it.
AFTER_THE_REQUEST = (KillPoint.UNDER_WAY, KillPoint.COMMITTED, KillPoint.ANSWERED)

MakeDatabase = Callable[[Path], str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    """The loaded bot."""
    async with Nursery() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books to copy."""
    path = tmp_path_factory.mktemp("chaos") / "books.sqlite"
    await seed(path)
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sqlite(nursery: Nursery, books: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeDatabase:
    """Makes SQLite files that have every table."""
    folder = tmp_path_factory.mktemp("chaos")
    async with scene(folder / "first", books, lambda made: f"sqlite:///{made / 'casier.db'}") as first:
        assert await nursery.live(first.life()) == 0

    def make(made: Path) -> str:
        shutil.copy(folder / "first" / "casier.db", made / "casier.db")
        return f"sqlite:///{made / 'casier.db'}"

    return make


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> MakeDatabase:
    """Makes databases, once on SQLite and once on PostgreSQL."""
    make: MakeDatabase = request.getfixturevalue(request.param)
    return make


def _line_up(server: SandboxServer, point: KillPoint) -> None:
    if point is KillPoint.UNDER_WAY:
        server.faults.add("POST", "/payments", "delay", seconds=0.8)
    for kind, more in BEHAVIOURS:
        server.faults.add("POST", "/payments", kind, **more)  # type: ignore[arg-type]


async def _killed_and_restarted(nursery: Nursery, place: Scene, *points: KillPoint, armed: bool = True) -> Account:
    """Pay, die at each of these points in turn, and live on to the end."""
    _line_up(place.server, points[0])
    invoices = place.invoices[:PAYMENTS]
    for point in points:
        code = await nursery.live(place.life(point=point, invoices=invoices, armed=armed), PATIENCE)
        assert code == -signal.SIGKILL, f"{point}: ended with {code}"
        invoices = ()
    assert await nursery.live(place.life(armed=armed), PATIENCE) == 0, points
    return await place.account()


async def test_killed_at_any_step_no_payment_is_doubled_or_left_without_a_verdict_or_told_falsely(
    nursery: Nursery, books: Path, database: MakeDatabase, tmp_path: Path
) -> None:
    """All behaviours of the API at every step: each step's payments are struck by one behaviour each."""
    turns = asyncio.Semaphore(AT_A_TIME)

    async def killed_at(point: KillPoint) -> Account:
        async with turns, scene(tmp_path / point.name, books, database) as place:
            account = await _killed_and_restarted(nursery, place, point)
        assert not account.wrongs, f"{point}: {account.wrongs}"
        assert len(account.asked) == len(account.confirmed) == PAYMENTS
        return account

    async with asyncio.TaskGroup() as group:
        accounts = [group.create_task(killed_at(point)) for point in KillPoint]
    whole = sum((each.result() for each in accounts), NOTHING)
    assert len(whole.asked) == PAYMENTS * len(KillPoint)
    assert len(whole.recorded) > PAYMENTS


async def test_without_the_token_that_lets_one_run_send_payments_are_doubled(
    nursery: Nursery, books: Path, database: MakeDatabase, tmp_path: Path
) -> None:
    """The control: what the test above can find, where there is something to find."""
    for point in AFTER_THE_REQUEST:
        async with scene(tmp_path / point.name, books, database) as place:
            account = await _killed_and_restarted(nursery, place, point, armed=False)
        assert account.doubled, point
