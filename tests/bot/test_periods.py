"""Spans of days, as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period, read_period

TODAY = date(2026, 11, 25)

SAID = {
    "month": "2026-11-01..2026-11-30",
    "this month": "2026-11-01..2026-11-30",
    "luna aceasta": "2026-11-01..2026-11-30",
    "last month": "2026-10-01..2026-10-31",
    "Luna trecută": "2026-10-01..2026-10-31",
    "quarter": "2026-10-01..2026-12-31",
    "trimestrul trecut": "2026-07-01..2026-09-30",
    "year": "2026-01-01..2026-12-31",
    "anul": "2026-01-01..2026-12-31",
    "last year": "2025-01-01..2025-12-31",
    "today": "2026-11-25..2026-11-25",
    "ieri": "2026-11-24..2026-11-24",
    "2024": "2024-01-01..2024-12-31",
    "2024-02": "2024-02-01..2024-02-29",
    "03.2024": "2024-03-01..2024-03-31",
    "2/2023": "2023-02-01..2023-02-28",
    "march": "2026-03-01..2026-03-31",
    "Martie": "2026-03-01..2026-03-31",
    "noi 2023": "2023-11-01..2023-11-30",
    "december": "2025-12-01..2025-12-31",
    "2024 march": "2024-03-01..2024-03-31",
    "ian. 2024": "2024-01-01..2024-01-31",
    "Q1 2024": "2024-01-01..2024-03-31",
    "2024-Q2": "2024-04-01..2024-06-30",
    "q4": "2026-10-01..2026-12-31",
    "T3": "2026-07-01..2026-09-30",
    "trimestrul IV 2023": "2023-10-01..2023-12-31",
    "2024-01-01..2024-03-31": "2024-01-01..2024-03-31",
    "01.01.2024..31.03.2024": "2024-01-01..2024-03-31",
    "01.01.2024…31.03.2024": "2024-01-01..2024-03-31",
    "2024-01-01 ... 2024-03": "2024-01-01..2024-03-31",
    "2024-01-15 - 2024-02-15": "2024-01-15..2024-02-15",
    "ianuarie 2024 până la martie 2024": "2024-01-01..2024-03-31",
    "2023..2024": "2023-01-01..2024-12-31",
    "2026-11-01..": "2026-11-01..2026-11-25",
    "2024-02-29": "2024-02-29..2024-02-29",
}


@pytest.mark.parametrize("said", SAID)
def test_people_say_a_period_in_many_ways(said: str) -> None:
    assert read_period(said, TODAY).spelled == SAID[said]


@pytest.mark.parametrize(
    "said",
    ["", "soon", "ma", "Q5", "2024-13", "2024-02-30", "1/2/2024", "31.04.2024", "last", "month year", "march april"],
)
def test_what_is_no_period_is_asked_back_with_examples(said: str) -> None:
    with pytest.raises(ValueError, match=r"is no period: write month, last month, 2024-03, Q1 2024"):
        read_period(said, TODAY)


@pytest.mark.parametrize("said", ["2024-03-31..2024-01-01", "2024..2023", "2024-01-01..2024-02-01..2024-03-01"])
def test_a_period_does_not_end_before_it_begins(said: str) -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        read_period(said, TODAY)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 4000))
def test_a_period_reads_back_as_itself(first: date, days: int) -> None:
    period = Period(first, min(first + timedelta(days=days), date(2099, 12, 31)))
    assert read_period(period.spelled, TODAY) == period


@given(st.text(max_size=30))
def test_any_words_are_a_period_or_a_refusal(words: str) -> None:
    try:
        period = read_period(words, TODAY)
    except ValueError:
        return
    assert period.first <= period.last


def test_a_period_is_called_by_its_usual_name_in_the_readers_language() -> None:
    names = {"2024-03": ("March 2024", "martie 2024"), "Q1 2024": ("Q1 2024", "trim. I 2024"), "2024": ("2024", "2024")}
    for said, (english, romanian) in names.items():
        period = read_period(said, TODAY)
        assert (period.shown("en"), period.shown("ro")) == (english, romanian)
    assert read_period("2024-01-01..2024-02-15", TODAY).shown("en") == "Jan 1, 2024 – Feb 15, 2024"
    assert read_period("2024-02-29", TODAY).shown("en") == "Feb 29, 2024"
