"""What the store is asked: the same answers from both databases."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.store import OrderState, Store, open_store
from tests.store.orders import MINUTE, NOON, claimed, drafted, sent


async def test_an_order_comes_back_as_it_was_kept(store: Store) -> None:
    draft = drafted("A", left=Decimal("-0.10"), words="a\nb", sent_at=NOON.astimezone(timezone(5 * MINUTE * 12)))
    await store.orders.add(draft)
    assert await store.orders.get("A") == draft
    assert await store.orders.get("B") is None


async def test_what_billing_says_is_kept_however_long_it_is(store: Store) -> None:
    draft = drafted("A", customer="C" * 300, sender_name="Ș" * 5000, amount=Decimal("1." + "0" * 60))
    await store.orders.add(draft)
    sending = await sent(store, "A")
    recorded = replace(sending, state=OrderState.RECORDED, settled_at=NOON, payment="p" * 300)
    assert await store.orders.settle(recorded) == recorded


async def test_one_of_fifty_claims_wins(store: Store) -> None:
    await store.orders.add(drafted("A"))
    claims = await asyncio.gather(*(claimed(store, "A", NOON + MINUTE) for _try in range(50)))
    (won,) = [claim for claim in claims if claim]
    assert won.state is OrderState.HELD
    assert (won.confirmed_at, won.send_at) == (NOON + MINUTE, NOON + MINUTE)


async def test_one_of_fifty_payments_on_an_invoice_is_sent(store: Store) -> None:
    for number in range(50):
        await store.orders.add(drafted(str(number)))
    claims = await asyncio.gather(*(claimed(store, str(number), NOON + MINUTE) for number in range(50)))
    assert len([claim for claim in claims if claim]) == 1


async def test_a_claim_comes_too_late(store: Store) -> None:
    await store.orders.add(drafted("A"))
    assert await claimed(store, "A", NOON + 10 * MINUTE) is None
    assert await claimed(store, "B", NOON) is None
    cancelled = await store.orders.cancel("A", NOON + MINUTE)
    assert cancelled
    assert (cancelled.state, cancelled.settled_at) == (OrderState.CANCELLED, NOON + MINUTE)
    assert await claimed(store, "A", NOON + MINUTE) is None
    assert await store.orders.cancel("A", NOON) is None


async def test_proof_overrules_unknown_and_nothing_overrules_proof(store: Store) -> None:
    await store.orders.add(drafted("A"))
    sending = await sent(store, "A")
    unknown = replace(sending, state=OrderState.UNKNOWN, settled_at=NOON + MINUTE, words="no answer")
    assert await store.orders.settle(unknown) == unknown
    recorded = replace(unknown, state=OrderState.RECORDED, payment="PAY-1", words=None)
    assert await store.orders.settle(recorded) == recorded
    assert await store.orders.settle(unknown) == recorded
    assert (await store.orders.add_left("A", Decimal("0.00"))).left == Decimal("0.00")


async def test_what_was_not_sent_is_kept_by_its_words(store: Store) -> None:
    await store.orders.add(drafted("A"))
    sending = await sent(store, "A")
    await store.orders.settle(replace(sending, state=OrderState.NOT_SENT, settled_at=NOON))
    assert [order.id for order in await store.orders.untold(NOON + MINUTE, NOON)] == ["A"]
    await store.orders.told("A", OrderState.RECORDED, NOON)
    assert len(await store.orders.untold(NOON + MINUTE, NOON)) == 1
    await store.orders.told("A", OrderState.NOT_SENT, NOON)
    assert await store.orders.untold(NOON + MINUTE, NOON) == []


async def test_what_is_still_to_be_told_is_found_without_looking_through_all_that_ever_was(sqlite_url: str) -> None:
    store, asked = await open_store(sqlite_url), list[tuple[str, Any]]()
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    await store.orders.untold(NOON, NOON)
    await store.close()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as books:
        plan = [row[-1] for row in books.execute(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])]
    assert [step for step in plan if "SCAN" in step] == []
    assert len([step for step in plan if "USING INDEX payment_orders_by_telling" in step]) == 2


async def test_orders_are_found_by_their_time(store: Store) -> None:
    await store.orders.add(drafted("later", asked_at=NOON + MINUTE))
    await store.orders.add(drafted("sooner", expires_at=NOON + MINUTE))
    await store.orders.add(drafted("sent", invoice="2024-002"))
    await claimed(store, "sent", NOON)
    assert [order.id for order in await store.orders.drafts_of("web:cashier", NOON)] == ["sooner", "later"]
    assert await store.orders.drafts_of("web:viewer", NOON) == []
    assert [order.id for order in await store.orders.in_state(OrderState.HELD)] == ["sent"]
    alive = await store.orders.on_invoice("2024-001", [OrderState.DRAFT], NOON + MINUTE)
    assert [order.id for order in alive] == ["later"]
    assert [order.id for order in await store.orders.expire(NOON + MINUTE)] == ["sooner"]
    assert await store.orders.expire(NOON + MINUTE) == []


async def test_one_of_undo_and_sending_wins(store: Store) -> None:
    for number in range(10):
        name = f"A{number}"
        await store.orders.add(drafted(name, invoice=name))
        assert await claimed(store, name)
        ends = await asyncio.gather(store.orders.undo(name, NOON), store.orders.begin(name, NOON))
        assert len([end for end in ends if end]) == 1


async def test_one_of_approval_and_rejection_wins_and_never_the_asker_s(store: Store) -> None:
    orders = store.orders
    await orders.add(drafted("A"))
    assert await orders.claim("A", NOON, OrderState.AWAITING, send_at=None, expires_at=NOON + 10 * MINUTE)
    assert await orders.approve("A", "web:cashier", "Ioana", NOON, NOON) is None
    assert await orders.approve("A", "web:boss", "Ana", NOON + 10 * MINUTE, NOON) is None
    ends = await asyncio.gather(
        orders.approve("A", "web:boss", "Ana", NOON, NOON), orders.reject("A", "web:other", "Dan", NOON, "no")
    )
    assert len([end for end in ends if end]) == 1


async def test_an_unknown_one_blocks_its_invoice_until_it_is_settled(store: Store) -> None:
    orders = store.orders
    for name in ("A", "B", "C"):
        await orders.add(drafted(name))
    sending = await sent(store, "A")
    await orders.settle(replace(sending, state=OrderState.UNKNOWN, settled_at=NOON))
    assert await claimed(store, "B") is None
    never = replace(sending, state=OrderState.ABSENT, settler="web:ana", settler_name="Ana", settled_at=NOON)
    assert await orders.resolve(replace(never, id="B")) is None
    absent = await orders.resolve(never)
    assert absent
    assert (absent.state, absent.settler_name) == (OrderState.ABSENT, "Ana")
    assert (await sent(store, "B")).state is OrderState.SENDING


async def test_a_payment_of_billing_s_is_known_as_one_order_only(store: Store) -> None:
    orders = store.orders
    await orders.add(drafted("A"))
    await orders.settle(replace(await sent(store, "A"), state=OrderState.RECORDED, payment="56", settled_at=NOON))
    await orders.add(drafted("B", asked_at=NOON + MINUTE))
    unknown = await orders.settle(replace(await sent(store, "B"), state=OrderState.UNKNOWN, settled_at=NOON))
    assert await orders.claimed("2024-001", but="B") == {"56"}
    assert await orders.resolve(replace(unknown, state=OrderState.RECORDED, payment="56")) is None
    settled = await orders.resolve(replace(unknown, state=OrderState.RECORDED, payment="57"))
    assert settled
    assert settled.payment == "57"


TEAM = Chat("telegram", "-1001", ChatKind.GROUP, "7")


async def test_cards_are_found_by_what_they_show(store: Store) -> None:
    first, second = CardRef(TEAM, "1"), CardRef(Chat("web", "ana"), "2")
    await store.cards.put("A", first, OrderState.DRAFT)
    await store.cards.put("A", second, OrderState.DRAFT)
    await store.cards.put("A", first, OrderState.NOT_SENT)
    assert set(await store.cards.of("A")) == {first, second}
    assert await store.cards.of("A", unlike=OrderState.NOT_SENT) == [second]
    await store.cards.remove(second)
    await store.cards.move(TEAM, Chat("telegram", "-1002", ChatKind.GROUP))
    assert [card.chat.id for card in await store.cards.of("A")] == ["-1002"]


@pytest.fixture
def message() -> Message:
    """What somebody said."""
    return Message(Sender("web", "ana", "Ana"), Chat("web", "ana"), "5320.50")


async def test_the_newest_question_waits_for_its_answer(store: Store, message: Message) -> None:
    assert await store.questions.open(message, NOON) is None
    await store.questions.ask(message, "/pay 2024-001", NOON + MINUTE)
    await store.questions.ask(message, "/pay 2024-002", NOON + 2 * MINUTE)
    assert await store.questions.open(message, NOON + MINUTE) == "/pay 2024-002"
    assert await store.questions.open(message, NOON + 2 * MINUTE) is None
    await store.questions.load()
    await store.questions.drop(message)
    await store.questions.drop(message)
    await store.questions.load()
    assert await store.questions.open(message, NOON) is None


async def test_a_short_id_stays_for_half_a_year(store: Store) -> None:
    command = "/customers " + "ș" * 300
    short = await store.shorts.put(command)
    assert await store.shorts.put(command) == short
    assert await store.shorts.get(short) == command
    store.shorts._written.clear()  # noqa: SLF001 - as after a restart
    assert await store.shorts.put(command) == short
    await store.shorts.forget(datetime.now(UTC) + timedelta(days=200))
    assert await store.shorts.get(short) is None


async def test_a_store_that_is_well_says_so(store: Store) -> None:
    await store.check()
