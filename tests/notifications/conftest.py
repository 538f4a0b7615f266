"""An open store on both databases, a list that is served, and who hears of it."""

from collections.abc import AsyncIterator

import pytest

from bot.billing import Billing
from bot.notifications.look import Looking
from bot.store import Store, open_store
from tests.billing.wire import Wire
from tests.notifications.lists import Bell, Ear, PaymentsList, billing_of
from tests.notifications.newsroom import newsroom

__all__ = ["bell", "billing", "books", "ear", "looking", "newsroom", "store", "wire", "wire_and_billing"]


@pytest.fixture
async def store(begun_url: str) -> AsyncIterator[Store]:
    """A new store."""
    opened = await open_store(begun_url)
    yield opened
    await opened.close()


@pytest.fixture
def books() -> PaymentsList:
    """A list with three payments."""
    return PaymentsList({"1": "confirmed", "2": "pending", "PAY-3": None})


@pytest.fixture
async def wire_and_billing(books: PaymentsList) -> AsyncIterator[tuple[Billing, Wire]]:
    """Where that list is."""
    async with billing_of(books) as there:
        yield there


@pytest.fixture
def billing(wire_and_billing: tuple[Billing, Wire]) -> Billing:
    """A client for that list."""
    return wire_and_billing[0]


@pytest.fixture
def wire(wire_and_billing: tuple[Billing, Wire]) -> Wire:
    """What the server sees."""
    return wire_and_billing[1]


@pytest.fixture
async def ear(store: Store) -> Ear:
    """Somebody who hears of it."""
    ear = Ear(store)
    await ear.prepare()
    return ear


@pytest.fixture
def bell() -> Bell:
    """An alarm."""
    return Bell()


@pytest.fixture
def looking(billing: Billing, store: Store, ear: Ear) -> Looking:
    """Somebody who looks at it."""
    return Looking(billing, store.known, ear)
