"""Every list and report agrees with the sandbox's database to the last ban; its own SQL is the judge."""

import pytest

from sandbox import SandboxOptions
from tests.reports.conftest import OpenFilled
from tests.reports.figures import bani, fact, rows, today
from tests.stage import Desk, facts

OWED = "balance_bani > 0 AND lower(status) NOT IN ('paid', 'cancelled')"
DAYS = f"CAST(julianday('{today()}') - julianday(nullif(due_at, '')) AS INTEGER)"
AGES = {
    "Not due yet": f"{DAYS} <= 0",
    "1–30 days": f"{DAYS} BETWEEN 1 AND 30",
    "31–60 days": f"{DAYS} BETWEEN 31 AND 60",
    "61–90 days": f"{DAYS} BETWEEN 61 AND 90",
    "Over 90 days": f"{DAYS} > 90",
    "No due date": f"{DAYS} IS NULL",
}
SIZES = (10, 1_000, pytest.param(20_000, marks=pytest.mark.chaos))


@pytest.fixture(params=SIZES)
async def desk(request: pytest.FixtureRequest, open_filled: OpenFilled, begun_url: str) -> Desk:
    """A desk before books of some size, which contradict themselves here and there; on either database."""
    size = request.param
    return await open_filled(SandboxOptions(customers=size, payments=3 * size), odd=True, database_url=begun_url)


def _sum(desk: Desk, which: str) -> tuple[int, int, int]:
    """How many invoices, of how many customers, and what is left on them."""
    sql = f"SELECT count(*), count(DISTINCT customer_id), coalesce(sum(balance_bani), 0) FROM invoices WHERE {which}"  # noqa: S608
    return desk.sandbox.books.query(sql)[0]


async def test_every_figure_is_the_databases(desk: Desk) -> None:
    await _lists(desk)
    await _debtors(desk)
    await _report(desk)
    await _received(desk)


async def _lists(desk: Desk) -> None:
    customer = desk.sandbox.books.query(f"SELECT customer_id FROM invoices WHERE {OWED} LIMIT 1")[0][0]  # noqa: S608
    asked = {
        "overdue": f"{OWED} AND {DAYS} >= 1",
        "overdue days>30": f"{OWED} AND {DAYS} > 30",
        f"overdue {customer} days>=10": f"{OWED} AND {DAYS} >= 10 AND customer_id = '{customer}'",
        "open": OWED,
        f"open {customer}": f"{OWED} AND customer_id = '{customer}'",
    }
    for command, which in asked.items():
        name, _space, rest = command.partition(" ")
        reply, file = await desk.say(f"/{command}"), await desk.say(f"/{name}_file {rest}")
        invoices, customers, left = _sum(desk, which)
        if invoices:
            assert fact(reply, "Overdue" if name == "overdue" else "Outstanding") == left
            of = f"{invoices:,} invoice{'s' * (invoices != 1)} of {customers:,} customer{'s' * (customers != 1)}"
            assert facts(reply)["In all"] == of
        sql = f"SELECT number, balance_bani, coalesce(max(0, {DAYS}), '') FROM invoices WHERE {which}"  # noqa: S608
        truth = [(number, int(balance), str(days)) for number, balance, days in desk.sandbox.books.query(sql)]
        told = [(row["number"], bani(f"RON {row['balance']}"), row["days_late"]) for row in rows(file)]
        assert sorted(told) == sorted(truth)
        assert [each[1] for each in told] == sorted((each[1] for each in truth), reverse=True)


async def _debtors(desk: Desk) -> None:
    reply, file = await desk.say("/debtors"), await desk.say("/debtors_file")
    sql = f"SELECT customer_id, count(*), sum(balance_bani) FROM invoices WHERE {OWED} GROUP BY 1 ORDER BY 3 DESC, 1"  # noqa: S608
    truth = desk.sandbox.books.query(sql)
    told = [(row["customer"], int(row["invoices"]), bani(f"RON {row['owed']}")) for row in rows(file)]
    assert told == truth
    assert fact(reply, "Outstanding") == sum(each[2] for each in truth) == _sum(desk, OWED)[2]
    assert reply.table
    assert [bani(row.cells[1]) for row in reply.table.rows] == [each[2] for each in truth[:8]]
    whole = sum(each[2] for each in truth)
    assert [row.cells[2] for row in reply.table.rows] == [f"{100 * each[2] / whole:.1f}%" for each in truth[:8]]


async def _report(desk: Desk) -> None:
    year = today().year - 1
    reply = await desk.say(f"/report {year}")
    issued = "SELECT sum(amount_bani) FROM invoices WHERE substr(issued_at, 1, 4) = ? AND status <> 'cancelled'"
    received = "SELECT sum(amount_bani) FROM payments WHERE substr(paid_at, 1, 4) = ? AND status = 'confirmed'"
    assert fact(reply, "Issued") == (desk.sandbox.books.query(issued, str(year))[0][0] or 0)
    assert fact(reply, "Received") == (desk.sandbox.books.query(received, str(year))[0][0] or 0)
    assert fact(reply, "Outstanding now") == _sum(desk, OWED)[2]
    for label, which in AGES.items():
        left = _sum(desk, f"{OWED} AND {which}")[2]
        assert bani(facts(reply).get(label, "RON 0.00")) == left, label
    largest = f"SELECT sum(balance_bani) FROM invoices WHERE {OWED} GROUP BY customer_id ORDER BY 1 DESC LIMIT 10"  # noqa: S608
    assert reply.table
    told = [bani(row.cells[1]) for row in reply.table.rows]
    assert told == [each for (each,) in desk.sandbox.books.query(largest)]
    assert reply.picture


async def _received(desk: Desk) -> None:
    year = today().year
    sql = (
        "SELECT substr(paid_at, 1, 10), count(*), sum(amount_bani) FROM payments"
        " WHERE status = 'confirmed' AND paid_at >= ? AND paid_at < ? GROUP BY 1 ORDER BY 1"
    )
    for said, first, end in (
        (f"{year}", f"{year}-01-01", f"{year + 1}-01-01"),
        (f"{year}-02", f"{year}-02-01", f"{year}-03-01"),
        (f"15.02.{year}..20.03.{year}", f"{year}-02-15", f"{year}-03-21"),
        ("2019", "2019-01-01", "2020-01-01"),
    ):
        file = await desk.say(f"/received_file {said}")
        told = [(row["day"], int(row["payments"]), bani(f"RON {row['received']}")) for row in rows(file)]
        assert told == desk.sandbox.books.query(sql, first, end)
