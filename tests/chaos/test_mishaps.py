"""What else can happen to a payment under way: to its database, its workflow, its clock."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from bot.dates import now
from bot.durable import Durable
from bot.payments import Patience, Posting, Proof, Running, Telling
from bot.start.desks import Makers
from bot.start.stopping import ended
from bot.store import OrderState, Store
from tests.databases import Postgres
from tests.stage import Desk, OpenDesk, confirm_of

_LONGER_THAN_ITS_PATIENCE = 6


class Broken(Posting):
    """Fails, and fails at giving up."""

    async def begin(self, order_id: str) -> bool:
        """A bug."""
        raise LookupError(order_id)

    async def give_up(self, order_id: str) -> str:
        """Another bug."""
        raise LookupError(order_id)


class Impatient(Running):
    """Takes for lost what takes half a second."""

    def __init__(self, durable: Durable, store: Store, posting: Posting, telling: Telling, patience: Patience) -> None:
        super().__init__(durable, store, posting, telling, replace(patience, lost=patience.lost / 200))


async def _locked(desk: Desk, seconds: float) -> None:
    path = desk.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)


async def test_a_database_that_is_locked_for_longer_than_its_patience_costs_no_verdict(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_hold_seconds=0.5)
    draft = await desk.say("/pay 2024-001 10 cash")
    await desk.app.services.desk.prepare()
    saying = asyncio.create_task(desk.say(confirm_of(draft)))
    while await desk.app.services.store.orders.in_state(OrderState.DRAFT):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    await _locked(desk, _LONGER_THAN_ITS_PATIENCE)
    assert (await saying).state == "recorded"


async def test_a_server_that_is_away_for_a_while_costs_no_verdict(
    postgres: Postgres, begun_postgres_url: str, open_desk: OpenDesk
) -> None:
    desk = await open_desk(database_url=begun_postgres_url, payment_hold_seconds=0.5)
    await desk.app.services.desk.prepare()
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    await desk.post(confirm_of(draft), card=card)
    await asyncio.to_thread(postgres.stop)
    await asyncio.sleep(2)
    await asyncio.to_thread(postgres.start)
    await desk.until(card, "recorded")


async def test_a_stop_does_not_wait_for_a_server_that_is_away(
    open_desk: OpenDesk, postgres: Postgres, begun_postgres_url: str
) -> None:
    desk = await open_desk(database_url=begun_postgres_url)
    await desk.app.services.desk.prepare()
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    desk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.5)
    await desk.post(confirm_of(draft), card=card)
    async with asyncio.timeout(20):
        while ("POST", "/payments") not in desk.sandbox.requests:
            await asyncio.sleep(0.01)
    await asyncio.to_thread(postgres.stop)
    try:
        async with asyncio.timeout(40):
            await desk.app.services.desk.close()
            await desk.app.services.desk._running._durable.close()  # noqa: SLF001 - as a stop does
    finally:
        await asyncio.to_thread(postgres.start)
    after = await open_desk(desk.sandbox, database_url=begun_postgres_url)
    after.wall.cards = desk.wall.cards
    await after.app.services.desk.recover()
    await after.until(card, "recorded")
    assert after.sandbox.requests.count(("POST", "/payments")) == 1


async def test_what_a_workflow_that_failed_has_left_is_ended_at_the_next_look(open_desk: OpenDesk) -> None:
    broken = await open_desk(makers=Makers(posting=Broken))
    await broken.post("/pay 2024-001 10 cash")
    card, draft = broken.wall.newest
    await broken.app.services.desk.prepare()
    await broken.post(confirm_of(draft), card=card)
    durable = broken.app.services.desk._running._durable  # noqa: SLF001 - what dbos says of it
    async with asyncio.timeout(20):
        while await durable.state_of(f"pay-{draft.subject}") != "ERROR":
            await asyncio.sleep(0.05)
    await durable.close()
    mended = await open_desk(broken.sandbox)
    mended.wall.cards = broken.wall.cards
    await mended.app.services.desk.recover()
    await mended.until(card, "not sent")
    assert mended.sandbox.requests.count(("POST", "/payments")) == 0


async def test_what_is_taken_up_while_it_goes_on_is_sent_once_and_comes_to_an_end(open_desk: OpenDesk) -> None:
    desk = await open_desk(makers=Makers(running=Impatient), payment_hold_seconds=0)
    desk.sandbox.faults.add("POST", "/payments", "drop-after-commit")
    desk.sandbox.faults.add("GET", "/payments", "delay", times=20, seconds=0.3)
    saying = asyncio.create_task(desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash"))))
    rounds = 0
    while not saying.done() and rounds < 100:
        await desk.app.services.desk.recover()
        await asyncio.sleep(0.1)
        rounds += 1
    assert (await saying).state == "recorded"
    assert desk.sandbox.requests.count(("POST", "/payments")) == 1


async def test_a_clock_that_jumps_back_holds_no_payment_for_longer(open_desk: OpenDesk) -> None:
    desk = await open_desk(payment_draft_minutes=120)
    await desk.post("/pay 2024-001 10 cash")
    card, draft = desk.wall.newest
    later, a_moment = now() + timedelta(hours=1), timedelta(seconds=0.2)
    orders = desk.app.services.store.orders
    assert await orders.claim(
        draft.subject or "", later, OrderState.HELD, send_at=later + a_moment, expires_at=later + a_moment
    )
    await desk.app.services.desk.recover()
    await desk.until(card, "recorded")


async def test_a_list_that_was_read_for_nothing_changes_nothing(desk: Desk) -> None:
    receipt = await desk.say(confirm_of(await desk.say("/pay 2024-001 10 cash")))
    orders = desk.app.services.store.orders
    before = await orders.get(receipt.subject or "")
    services = desk.app.services
    posting = Posting(services.billing, services.store, services.trail, Proof(frozenset()))
    arming = await posting.arm(receipt.subject or "", "late")
    assert arming.baseline == (before.payment if before else "",)
    assert await orders.get(receipt.subject or "") == before


async def test_a_watch_that_is_at_the_database_ends_before_the_database_does(desk: Desk) -> None:
    for n in range(20):
        watch = asyncio.create_task(desk.app.watch())
        await asyncio.sleep(n / 500)
        await ended(watch)
        assert watch.done()
    await desk.app.services.store.close()
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) < 5
