"""Figures that stand on what the rounds have read, however much billing's lists tell."""

import pytest

from sandbox import SandboxOptions
from tests.directory.conftest import FAST, read_all
from tests.reports.figures import fact, today
from tests.stage import PATIENT, OpenDesk, facts

OWED = "SELECT sum(balance_bani) FROM invoices WHERE balance_bani > 0 AND status NOT IN ('paid', 'cancelled')"
LATE = f"{OWED} AND due_at < '{today()}'"


@pytest.mark.parametrize("summary_balance", [True, False])
async def test_what_the_rounds_have_read_adds_up(open_desk: OpenDesk, *, summary_balance: bool) -> None:
    sandbox = SandboxOptions(customers=10, payments=30, summary_balance=summary_balance)
    desk = await open_desk(sandbox, directory_requests_per_second=FAST, **PATIENT)
    await read_all(desk)
    reply = await desk.say("/debtors")
    assert reply.warnings == ()
    assert fact(reply, "Outstanding") == desk.sandbox.books.query(OWED)[0][0]
    assert fact(reply, "Overdue") == desk.sandbox.books.query(LATE)[0][0]
    assert reply.notes[-1].startswith("as of ")
    desk.sandbox.requests.clear()
    assert "so far" not in facts(await desk.say("/open"))["Outstanding"]
    assert desk.sandbox.requests == []
