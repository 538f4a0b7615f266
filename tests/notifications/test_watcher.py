"""The watcher looks again and again, more slowly where it has to, and says once that it can't."""

import asyncio
from collections.abc import Callable

import pytest

from bot.billing import Billing
from bot.notifications.pace import Pace
from bot.notifications.watcher import Watcher
from bot.store import Store
from tests.billing.wire import Wire, within
from tests.notifications.lists import Bell, Ear, PaymentsList

MakeWatcher = Callable[..., Watcher]


@pytest.fixture
def make(billing: Billing, store: Store, ear: Ear, bell: Bell) -> MakeWatcher:
    """Make a watcher on the same database, as a start does."""

    def make_one(seconds: float = 15) -> Watcher:
        return Watcher(billing, store.known, ear, bell, Pace(seconds))

    return make_one


async def test_it_looks_again_and_at_once_where_it_is_told_to(make: MakeWatcher, ear: Ear, books: PaymentsList) -> None:
    watcher = make(3600)
    watching = asyncio.create_task(watcher.watch())
    async with asyncio.timeout(20):
        while not watcher.report().get("entries"):
            await asyncio.sleep(0.01)
        books.payments["4"] = "confirmed"
        watcher.look_now()
        while not await ear.heard():
            await asyncio.sleep(0.01)
    watching.cancel()
    assert await ear.heard() == [("4", "confirmed", True, None)]


async def test_it_looks_again_by_itself(make: MakeWatcher, wire: Wire) -> None:
    watching = asyncio.create_task(make(0.01).watch())
    assert await within(20, lambda: len(wire.heard) > 3)
    watching.cancel()


async def test_admins_are_told_once_that_it_fails_and_once_that_it_is_back(
    make: MakeWatcher, bell: Bell, books: PaymentsList
) -> None:
    books.status = 503
    watcher = make()
    for told in ([], [], ["failing"], ["failing"]):
        await watcher.look()
        assert bell.rung == told
    assert "503" in bell.reasons[0]
    assert not watcher.report()["ok"]
    restarted = make()
    for _look in range(4):
        await restarted.look()
    assert bell.rung == ["failing"]
    books.status = 200
    for again in (restarted, restarted, make()):
        await again.look()
        assert bell.rung == ["failing", "back"]
        assert again.report()["ok"]
    assert bell.since[0] == bell.since[1]


async def test_admins_learn_nothing_of_a_failure_or_two(make: MakeWatcher, bell: Bell, books: PaymentsList) -> None:
    watcher = make()
    for status in (503, 401, 200, 500, 503, 200):
        books.status = status
        await watcher.look()
    assert bell.rung == []


async def test_an_alarm_that_fails_is_rung_again(make: MakeWatcher, bell: Bell, books: PaymentsList) -> None:
    books.status, bell.broken = 503, True
    watcher = make()
    for _look in range(4):
        await watcher.look()
    assert bell.rung == []
    bell.broken = False
    await watcher.look()
    assert bell.rung == ["failing"]


async def test_a_mistake_of_our_own_does_not_end_the_watch(
    make: MakeWatcher, ear: Ear, bell: Bell, books: PaymentsList
) -> None:
    watcher = make()
    await watcher.look()
    books.payments["4"] = "confirmed"
    ear.dies_after = 0
    for _look in range(3):
        await watcher.look()
        ear.dies_after = 0
    assert bell.reasons == ["something went wrong inside: KilledError"]
    ear.dies_after = None
    await watcher.look()
    assert await ear.heard() == [("4", "confirmed", True, None)]
    assert bell.rung == ["failing", "back"]


async def test_it_says_how_it_is(make: MakeWatcher, books: PaymentsList) -> None:
    watcher = make()
    assert watcher.report() == {"ok": True, "failures": 0}
    await watcher.look()
    books.status = 503
    await watcher.look()
    report = dict(watcher.report())
    assert report.pop("read_seconds_ago") < 60
    assert report == {"ok": True, "entries": 3, "unreadable": 0, "failures": 1}


async def test_a_body_is_read_now_and_then_though_the_etag_is_the_same(
    make: MakeWatcher, books: PaymentsList, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.etag = True
    watcher = make()
    for _look in range(2):
        await watcher.look()
    monkeypatch.setattr("bot.notifications.watcher._TRUST_SECONDS", -1)
    await watcher.look()
    assert [b"if-none-match" in asked.lower() for asked in wire.heard] == [False, True, False]


def test_the_pause_is_about_what_was_chosen() -> None:
    pauses = [Pace(20).after_look(0.1, 1000) for _ in range(200)]
    assert 18 <= min(pauses) < max(pauses) <= 22


@pytest.mark.parametrize(
    ("seconds", "size", "least", "most"),
    [
        (0, 165_000_000, 148, 182),
        (10, 1000, 81, 99),
        (1000, 10**12, 540, 660),
    ],
)
def test_the_pause_grows_with_the_list(seconds: float, size: int, least: float, most: float) -> None:
    assert least <= Pace(15).after_look(seconds, size) <= most


def test_the_pause_grows_with_failures_to_an_end() -> None:
    pauses = [Pace(15).after_failure(failures, None) for failures in range(1, 2000)]
    assert 27 <= pauses[0] <= 33
    assert 270 <= min(pauses[10:]) <= max(pauses) <= 330
    assert Pace(1000).after_failure(5, None) >= 900


def test_the_pause_is_as_long_as_billing_asks_for_within_reason() -> None:
    assert Pace(15).after_failure(1, 120) == 120
    assert Pace(15).after_failure(1, 10**9) == 600
    assert Pace(15).after_failure(1, 0) >= 27
