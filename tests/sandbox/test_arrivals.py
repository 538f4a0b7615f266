from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import date

import pytest

from sandbox import SandboxOptions, SandboxServer
from sandbox.app import open_sandbox
from sandbox.arrivals import Arrivals
from sandbox.books import Books

Eventually = Callable[[Callable[[], bool]], Awaitable[None]]

OPTIONS = SandboxOptions(demo=True, today=date(2026, 3, 10))
UNBALANCED = """
    SELECT number FROM invoices WHERE status <> 'cancelled' AND amount_bani - balance_bani <>
    (SELECT coalesce(sum(amount_bani), 0) FROM payments WHERE invoice_id = number AND status = 'confirmed')
"""


@pytest.fixture
def books() -> Iterator[Books]:
    with closing(open_sandbox(OPTIONS).books) as books:
        yield books


def count(books: Books, status: str) -> int:
    return len(books.query("SELECT 1 FROM payments WHERE status = ?", status))


def test_in_time_everybody_pays_and_the_books_still_add_up(books: Books) -> None:
    world = Arrivals(books, OPTIONS)
    for _ in range(400):
        world.happen()
    assert count(books, "confirmed") > 150
    assert books.query(UNBALANCED) == []
    assert books.query("SELECT 1 FROM invoices WHERE status IN ('unpaid', 'overdue', 'partial')") == []


def test_an_arrival_may_be_pending_and_is_confirmed_later(books: Books) -> None:
    books.query("UPDATE payments SET status = 'failed' WHERE status = 'pending'")
    world = Arrivals(books, OPTIONS)
    assert not world.confirm()
    while not count(books, "pending"):
        assert world.arrive()
    (before,) = books.query("SELECT sum(balance_bani) FROM invoices")[0]
    assert world.confirm()
    (after,) = books.query("SELECT sum(balance_bani) FROM invoices")[0]
    assert count(books, "pending") == 0
    assert after < before


def test_when_all_is_paid_nothing_arrives(books: Books) -> None:
    books.query("UPDATE invoices SET balance_bani = 0, status = 'paid'")
    assert not Arrivals(books, OPTIONS).arrive()


async def test_payments_arrive_while_the_sandbox_is_open(eventually: Eventually) -> None:
    async with SandboxServer(SandboxOptions(demo=True, arrivals=0.01)) as server:
        before = server.books.query("SELECT count(*) FROM payments")
        await eventually(lambda: server.books.query("SELECT count(*) FROM payments") > before)
