"""Killed at every step of the way, with the API failing before, during and after the commit."""

import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.judge import Account
from tests.chaos.lives import Cell, Strike
from tests.chaos.nursery import Nursery
from tests.chaos.points import KillPoint
from tests.chaos.scenes import Scene, scene, seed
from tests.databases import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What the API does to a payment, before, while and after it writes it down.
STRIKES = (
    None,
    Strike("error-before-commit"),
    Strike("error-before-commit", status=422),
    Strike("drop-before-commit"),
    Strike("drop-after-commit"),
    Strike("error-after-commit"),
    Strike("half-body"),
    Strike("hang-after-commit", seconds=5),
)
# A kill finds a request under way only if its answer takes a while.
SLOW = Strike("delay", seconds=1)
PATIENCE = 150
# Where a second kill may hit what goes on after the first.
AGAIN = (KillPoint.BEGUN, KillPoint.READ, KillPoint.ARMED, KillPoint.LEAVING, KillPoint.COMMITTED)

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
    first = tmp_path_factory.mktemp("chaos") / "first"
    await _begin(nursery, books, first, f"sqlite:///{first / 'casier.db'}")

    def make(made: Path) -> str:
        shutil.copy(first / "casier.db", made / "casier.db")
        return f"sqlite:///{made / 'casier.db'}"

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgresql(
    nursery: Nursery, books: Path, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> MakeDatabase:
    """Makes databases of a PostgreSQL server that have every table."""
    first = postgres.create()
    await _begin(nursery, books, tmp_path_factory.mktemp("chaos") / "first", first)
    return lambda _made: postgres.create(like=first)


async def _begin(nursery: Nursery, books: Path, folder: Path, database: str) -> None:
    async with scene(folder, books, lambda _made: database) as first:
        assert await nursery.live(first.life(), PATIENCE) == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> MakeDatabase:
    """Makes databases, once on SQLite and once on PostgreSQL."""
    make: MakeDatabase = request.getfixturevalue(request.param)
    return make


def cells(place: Scene, shift: int) -> tuple[Cell, ...]:
    """Two payments for every step of the way; over four shifts every step meets every strike."""
    strikes = [(point, STRIKES[(n + shift + more) % 8]) for n, point in enumerate(KillPoint) for more in (0, 4)]
    return tuple(
        Cell(invoice, point, SLOW if point is KillPoint.UNDER_WAY and strike is None else strike)
        for invoice, (point, strike) in zip(place.invoices, strikes, strict=False)
    )


async def killed_and_restarted(
    nursery: Nursery, place: Scene, paid: tuple[Cell, ...], *, armed: bool = True
) -> Account:
    """Pay, be killed with each payment at its step, and live on to the end."""
    assert await nursery.live(place.life(cells=paid, armed=armed), PATIENCE) == -signal.SIGKILL
    assert await nursery.live(place.life(cells=paid, armed=armed, fresh=False), PATIENCE) == 0
    return await place.account()


@pytest.mark.parametrize(
    "shift", [0, pytest.param(1, marks=pytest.mark.chaos), *(pytest.param(n, marks=pytest.mark.chaos) for n in (2, 3))]
)
async def test_killed_at_any_step_no_payment_is_doubled_or_left_without_a_verdict_or_told_falsely(
    nursery: Nursery, books: Path, database: MakeDatabase, tmp_path: Path, shift: int
) -> None:
    async with scene(tmp_path / "scene", books, database) as place:
        paid = cells(place, shift)
        account = await killed_and_restarted(nursery, place, paid)
        caught = place.caught()
    assert not account.wrongs
    assert len(account.asked) == len(account.confirmed) == len(paid) == 2 * len(KillPoint)
    assert set(caught.values()) == set(KillPoint)
    assert len(account.recorded) > len(paid) / 3


async def test_without_the_token_that_lets_one_run_send_payments_are_doubled(
    nursery: Nursery, books: Path, database: MakeDatabase, tmp_path: Path
) -> None:
    """The control: what the test above can find, where there is something to find."""
    async with scene(tmp_path / "scene", books, database) as place:
        paid = tuple(
            Cell(invoice, point, strike)
            for invoice, point, strike in zip(
                place.invoices,
                (KillPoint.UNDER_WAY, KillPoint.COMMITTED, KillPoint.ANSWERED) * 2,
                (SLOW, None, None, *STRIKES[4:7]),
                strict=False,
            )
        )
        account = await killed_and_restarted(nursery, place, paid, armed=False)
    assert len(account.doubled) == len(paid)
