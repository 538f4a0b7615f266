"""The index of customers and invoices, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import dialect

from bot.store import IndexedCustomer, IndexedInvoice, Store
from bot.store.tables import Units, customer_words, indexed_invoices

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LONG_AGO = NOON - timedelta(days=1)
ACME = IndexedCustomer(id="CL-001", name="S.C. Ácme <b>_* S.R.L.", email="office@acme.ro", phone="+40 712 345 678")
ZOE = IndexedCustomer(id="CL-002", name="Zoe Țurcanu")


def invoice(number: str, customer: str = "CL-001", amount: str = "5320.50", **more: object) -> IndexedInvoice:
    """An open invoice."""
    usual = IndexedInvoice(number=number, customer=customer, amount=Decimal(amount), is_open=True, read_at=NOON)
    return replace(usual, **more)  # type: ignore[arg-type]


async def taken(store: Store, few: int = 9, at: datetime = NOON, old: datetime = LONG_AGO) -> list[str]:
    """Who is to be read now."""
    return [each.id for each in await store.turns.take(few, at, at - MINUTE, old)]


async def test_customers_that_are_new_or_differ_are_to_be_read(store: Store) -> None:
    index = store.index
    assert await index.list_customers([ACME, ZOE], NOON) == 2
    assert await index.list_customers([ACME, replace(ZOE, name="Zoe Popa")], NOON + MINUTE) == 1
    async with store.engine.connect() as connection:
        words = await connection.scalars(select(customer_words.c.word).where(customer_words.c.customer == ACME.id))
        assert set(words) == {"sc", "acme", "b", "srl", "office", "#cl001", "#cl.1", "+712345678", "-876543217"}
        count = select(func.count()).where(customer_words.c.word == "turcanu")
        assert await connection.scalar(count) == 0
    state = await index.state()
    assert (state.customers, state.read, state.listed_at, state.is_complete) == (2, 0, None, False)


async def test_wanted_ones_are_read_first_then_new_ones_then_the_oldest(store: Store) -> None:
    index = store.index
    names = [f"CL-{number}" for number in range(5)]
    await index.list_customers([IndexedCustomer(id=name) for name in names], LONG_AGO)
    for number, name in enumerate(names[:3]):
        await index.put(name, [], LONG_AGO + number * MINUTE)
    await store.turns.want(["CL-2"], NOON)
    await store.turns.want(["CL-1"], NOON, unless_since=LONG_AGO)
    assert await taken(store, old=LONG_AGO) == ["CL-2", "CL-3", "CL-4"]
    await store.turns.give_back(names)
    await index.put("CL-3", [], NOON)
    await index.put("CL-4", [], NOON)
    assert await taken(store, old=LONG_AGO + MINUTE) == ["CL-2", "CL-0"]


async def test_what_one_reads_no_other_does_until_it_is_given_up(store: Store) -> None:
    await store.index.list_customers([ACME], NOON)
    assert await taken(store) == ["CL-001"]
    assert await taken(store) == []
    assert await taken(store, at=NOON + 2 * MINUTE) == ["CL-001"]


async def test_what_is_wanted_while_it_is_read_is_read_once_more(store: Store) -> None:
    await store.index.list_customers([ACME], NOON)
    await store.turns.want([ACME.id], NOON + 2 * MINUTE)
    await store.index.put(ACME.id, [], NOON + MINUTE, etag='"1"')
    assert [each.etag for each in await store.turns.take(1, NOON, NOON, LONG_AGO)] == ['"1"']
    await store.index.unchanged(ACME.id, NOON + 3 * MINUTE)
    assert await taken(store) == []


async def test_the_invoices_of_a_customer_are_those_that_were_read_last(store: Store) -> None:
    await store.index.list_customers([ACME], NOON)
    first, second = invoice("2024-001", own_id="INV1", balance=Decimal("20.50"), told_at=NOON), invoice("2024-002")
    assert await store.index.put(ACME.id, [first, second], NOON) == []
    assert await store.index.invoices_of(ACME.id) == {"2024-001": first, "2024-002": second}
    paid = replace(second, status="paid", is_open=False)
    await store.index.put(ACME.id, [paid], NOON)
    assert await store.index.invoices_of(ACME.id) == {"2024-002": paid}
    assert (first.left, second.left, paid.left) == (Decimal("20.50"), Decimal("5320.50"), Decimal(0))
    assert await store.index.unknown(["2024-001", "2024-002"]) == ["2024-001"]


async def test_an_amount_that_no_database_can_add_up_exactly_is_left_out(store: Store) -> None:
    odd = [invoice("A", amount="0.00001"), invoice("B", amount="1e15"), invoice("C", balance=Decimal("0.12345"))]
    assert await store.index.put(ACME.id, [*odd, invoice("D", amount="-0.1234")], NOON) == ["A", "B", "C"]
    assert not await store.index.put_invoice(odd[0])
    assert await store.index.put_invoice(invoice("E", amount="0.1"))
    async with store.engine.connect() as connection:
        total = await connection.scalar(
            select(func.sum(indexed_invoices.c.amount, type_=indexed_invoices.c.amount.type))
        )
    assert total == Decimal("-0.0234")


async def test_amounts_are_read_back_with_their_digits() -> None:
    units, here = Units(), dialect()
    for written, read in (("5320.5", "5320.50"), ("7", "7.00"), ("0.1234", "0.1234"), ("100", "100.00")):
        assert str(units.process_result_value(units.process_bind_param(Decimal(written), here), here)) == read
    with pytest.raises(ValueError, match="finer"):
        units.process_bind_param(Decimal("0.00001"), here)


async def test_what_a_payment_touches_is_to_be_read(store: Store) -> None:
    await store.index.list_customers([ACME, ZOE], NOON)
    for customer in (ACME, ZOE):
        await store.index.put(customer.id, [invoice(f"of {customer.id}", customer.id, told_at=NOON)], NOON)
    async with store.engine.begin() as transaction:
        await transaction.run_sync(store.turns.want_invoices, ["of CL-001", "nobody's"], NOON + MINUTE)
    assert await taken(store) == ["CL-001"]
    assert (await store.index.invoices_of("CL-001"))["of CL-001"].told_at is None


async def test_who_is_listed_no_longer_is_gone_with_all_that_was_known(store: Store) -> None:
    await store.index.list_customers([ACME, ZOE], NOON)
    await store.index.put(ACME.id, [invoice("2024-001")], NOON)
    await store.index.list_customers([ZOE], NOON + MINUTE)
    await store.index.settle(NOON + MINUTE, None)
    assert await store.index.unlisted(NOON + MINUTE) == 1
    assert await store.index.forget(NOON + MINUTE, 500) == 1
    assert await store.index.forget(NOON + MINUTE, 500) == 0
    assert await store.index.invoices_of(ACME.id) == {}
    assert (await store.index.state()).customers == 1
    assert await store.index.edition() == (None, NOON + MINUTE)


async def test_everything_can_be_wanted_again(store: Store) -> None:
    await store.index.list_customers([ACME, ZOE], NOON)
    for customer in (ACME, ZOE):
        await store.index.put(customer.id, [], NOON)
    assert await taken(store) == []
    assert (await store.index.state()).oldest == NOON
    await store.turns.want_all(NOON + MINUTE)
    await store.turns.want([ZOE.id], NOON + 2 * MINUTE)
    assert await taken(store) == ["CL-002", "CL-001"]
    assert await store.turns.read_since(NOON) == 2
