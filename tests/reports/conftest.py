"""Desks whose index holds what is in the sandbox's books, odd invoices among them."""

from collections.abc import Awaitable, Callable

import pytest

from bot.dates import now
from sandbox import SandboxOptions
from sandbox.books import Books
from tests.reports.filled import fill
from tests.stage import PATIENT, Desk, OpenDesk

OpenFilled = Callable[..., Awaitable[Desk]]
# What a billing system may well say: late and called unpaid, paid with a balance, overdue with none, no due day.
ODD = (
    "UPDATE invoices SET status = 'unpaid' WHERE status = 'overdue' AND rowid % 5 = 0",
    "UPDATE invoices SET status = 'paid' WHERE balance_bani > 0 AND rowid % 7 = 0",
    "UPDATE invoices SET status = 'overdue' WHERE status = 'paid' AND balance_bani = 0 AND rowid % 11 = 0",
    "UPDATE invoices SET due_at = '' WHERE rowid % 13 = 0",
    "UPDATE invoices SET status = 'Overdue' WHERE balance_bani > 0 AND rowid % 17 = 0",
)


def make_odd(books: Books) -> None:
    """Let some invoices contradict themselves."""
    with books.writing() as db:
        for statement in ODD:
            db.execute(statement)


@pytest.fixture
async def open_filled(open_desk: OpenDesk) -> OpenFilled:
    """Open a desk and fill its index; `odd` books contradict themselves."""

    async def opened(sandbox: SandboxOptions | None = None, *, odd: bool = False, **settings: object) -> Desk:
        desk = await open_desk(sandbox, **{**PATIENT, **settings})
        if odd:
            make_odd(desk.sandbox.books)
        await fill(desk.app.services.store, desk.sandbox.books, now())
        return desk

    return opened


@pytest.fixture
async def filled(open_filled: OpenFilled) -> Desk:
    """The whole bot in front of lively books, all of them read."""
    return await open_filled()
