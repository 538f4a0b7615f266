"""How invoices are reckoned whose status, balance and due day don't fit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reckoning import Age, Oddness, Standing, age_of_days
from bot.store import Standings
from bot.sums import Sum

TODAY = date(2026, 11, 25)
LATE, DUE_TODAY, LATER = "2026-10-01", "2026-11-25", "2026-12-24"


def _one(status: str, due_at: str | None, balance: str | None, least: int | None = None) -> Standing:
    amount = Decimal(balance or 0)
    sign = None if balance is None else (amount > 0) - (amount < 0)
    return Standing.of([Standings(status, due_at, sign, Sum(1, amount))], TODAY, least)


@pytest.mark.parametrize(
    ("status", "due_at", "balance", "owed", "late", "odd"),
    [
        ("unpaid", LATER, "10.00", 1, 0, None),
        ("unpaid", LATE, "10.00", 1, 1, Oddness.OURS),
        ("partial", LATE, "10.00", 1, 1, Oddness.OURS),
        ("", LATE, "10.00", 1, 1, Oddness.OURS),
        ("ratat", LATE, "10.00", 1, 1, Oddness.OURS),
        ("overdue", LATE, "10.00", 1, 1, None),
        ("overdue", DUE_TODAY, "10.00", 1, 0, Oddness.NOT_LATE),
        ("overdue", None, "10.00", 1, 0, Oddness.NOT_LATE),
        ("overdue", LATE, "0.00", 0, 0, Oddness.NOTHING_LEFT),
        ("unpaid", "soon", "10.00", 1, 0, None),
        ("unpaid", LATE, "0.00", 0, 0, None),
        ("unpaid", LATE, "-5.00", 0, 0, Oddness.CREDIT),
        ("paid", LATE, "10.00", 0, 0, Oddness.PAID_LEFT),
        ("paid", LATE, "0.00", 0, 0, None),
        ("paid", LATE, None, 0, 0, None),
        ("cancelled", LATE, "10.00", 0, 0, Oddness.CANCELLED_LEFT),
        ("cancelled", LATE, None, 0, 0, None),
    ],
)
def test_an_invoice_is_reckoned_by_balance_and_due_day(
    status: str, due_at: str | None, balance: str | None, owed: int, late: int, odd: Oddness | None
) -> None:
    standing = _one(status, due_at, balance)
    assert (standing.owed.count, standing.late.count) == (owed, late)
    assert set(standing.odd) == ({odd} if odd else set())
    assert standing.unsaid == 0


def test_a_balance_that_is_not_known_is_in_no_sum_and_counted() -> None:
    standing = _one("unpaid", LATE, None)
    assert (standing.owed.count, standing.unsaid) == (0, 1)


def test_what_is_not_late_for_so_long_is_left_out() -> None:
    assert _one("unpaid", LATE, "1", least=56).owed == Sum()
    assert not _one("unpaid", LATE, "1", least=56).odd
    assert _one("unpaid", LATE, "1", least=55).owed == Sum(1, Decimal(1))
    assert set(_one("overdue", LATER, "1", least=1).odd) == {Oddness.NOT_LATE}


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (None, Age.UNDATED),
        (-400, Age.CURRENT),
        (0, Age.CURRENT),
        (1, Age.MONTH),
        (30, Age.MONTH),
        (31, Age.TWO_MONTHS),
        (60, Age.TWO_MONTHS),
        (61, Age.THREE_MONTHS),
        (90, Age.THREE_MONTHS),
        (91, Age.OLDER),
    ],
)
def test_ages_end_where_the_next_begins(days: int | None, age: Age) -> None:
    assert age_of_days(days) is age


@given(st.lists(st.tuples(st.none() | st.integers(-100, 400), st.decimals("0.01", "1e9", places=2))))
def test_ages_add_up_to_what_is_owed(invoices: list[tuple[int | None, Decimal]]) -> None:
    groups = [
        Standings("unpaid", None if days is None else str(TODAY - timedelta(days=days)), 1, Sum(1, amount))
        for days, amount in invoices
    ]
    standing = Standing.of(groups, TODAY)
    assert (
        sum(standing.ages.values(), Sum())
        == standing.owed
        == sum((Sum(1, amount) for _days, amount in invoices), Sum())
    )
    late = [age for age in Age if age not in (Age.CURRENT, Age.UNDATED)]
    assert sum((standing.ages[age] for age in late), Sum()) == standing.late
