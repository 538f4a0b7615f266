"""Pictures of reports: drawn of anything, light in bytes, and kept in `build/pictures` to be looked at."""

import asyncio
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.billing import Payment
from bot.billing.models import Id
from bot.cards import Reading, Report, WhatIsOwed, report_chart
from bot.conventions import Conventions
from bot.dates import now
from bot.money import Currency
from bot.periods import Period, read_period
from bot.pictures import Bar, Chart, Painter, PaintingError, Tick
from bot.pictures.drawing import drawn
from bot.platforms import terminal
from bot.reckoning import Received, Standing
from bot.reply import File, Reply
from bot.store import IndexState, Standings
from bot.sums import Sum

PICTURES = Path("build/pictures")
ZONE = ZoneInfo("Europe/Bucharest")
TODAY = date(2026, 11, 25)
RON = Conventions(Currency("RON"), "en", ZONE)
IN_ROMANIAN = Conventions(Currency("RON"), "ro", ZONE)
IN_DOLLARS = Conventions(Currency("USD"), "en", ZONE)
LARGEST = 200_000
FIRST_BYTES = b"\x89PNG\r\n\x1a\n"


def _report(period: Period, payments: int, *ages: int | None, amount: str = "1234.50", whole: bool = True) -> Report:
    """A report over a period with so many payments, and an invoice owed for each age in days."""
    received = Received(period, frozenset({"confirmed"}), ZONE)
    span = (period.last - period.first).days + 1
    for number in range(payments):
        day = period.first + timedelta(days=number * 7919 % span)
        paid = Decimal(amount) * (1 + number * 31 % 17)
        received.add(Payment(id=Id(f"{number}"), amount=paid, status="confirmed", paid_at=f"{day} 12:00:00"))
    due = [None if days is None else str(TODAY - timedelta(days=days)) for days in ages]
    groups = [Standings("unpaid", day, 1, Sum(3, Decimal(amount) * (1 + place))) for place, day in enumerate(due)]
    standing = Standing.of(groups, TODAY)
    reading = Reading(TODAY, IndexState(3, 3 if whole else 1, now(), now()), 0)
    return Report(period, received, Sum(2, Decimal(amount)), WhatIsOwed(standing, 2, reading), ())


ALL_AGES = (-5, 3, 45, 75, 400, None)
MONTH, YEAR = read_period("month", TODAY), read_period("year", TODAY)
LONG = read_period("2024-03-01..2026-11-25", TODAY)
CHARTS: dict[str, Chart] = {
    "nothing": report_chart(_report(MONTH, 0), RON),
    "one": report_chart(_report(MONTH, 1, 12), RON),
    "one-day": report_chart(_report(read_period("today", TODAY), 1, 12), RON),
    "month": report_chart(_report(MONTH, 80, *ALL_AGES), RON),
    "month-romanian": report_chart(_report(MONTH, 80, *ALL_AGES), IN_ROMANIAN),
    "quarter": report_chart(_report(read_period("quarter", TODAY), 300, *ALL_AGES[:5]), RON),
    "year": report_chart(_report(YEAR, 500, *ALL_AGES[:5]), IN_ROMANIAN),
    "three-years": report_chart(_report(LONG, 1000, *ALL_AGES[:5]), RON),
    "thirty-years": report_chart(_report(read_period("1997..2026", TODAY), 1000, *ALL_AGES[:5]), RON),
    "dollars": report_chart(_report(MONTH, 80, *ALL_AGES), IN_DOLLARS),
    "huge": report_chart(_report(MONTH, 80, *ALL_AGES, amount="98765432109876.54"), IN_ROMANIAN),
    "tiny": report_chart(_report(MONTH, 3, *ALL_AGES, amount="0.01"), RON),
    "not-whole": report_chart(_report(MONTH, 30, *ALL_AGES, whole=False), RON),
    "a-thousand-bars": Chart(
        title="Raport: $Ștefănescu-Țurcanu_& <b>Fiii</b>$ $x^2$ – Societate cu Răspundere Limitată, Râmnicu Vâlcea",
        lying_title="Of $1 and $2, 100% \\alpha",
        lying=(Bar("Îndelung întârziate $_{a}$ <b>", 1.0, "$5 $6"),),
        standing_title="A thousand, the first below zero",
        standing=(-400.0, *(float(each * 7919 % 1000) for each in range(999))),
        ticks=(Tick(500, "500"), Tick(1000, "1K")),
        dates=(Tick(0, "Mar 2024"), Tick(999, "Nov 2026")),
    ),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_is_drawn_of_anything(name: str) -> None:
    png = drawn(CHARTS[name])
    assert png.startswith(FIRST_BYTES)
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (960, 1200)
    assert len(png) < LARGEST
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(png)


@pytest.mark.parametrize(
    ("said", "bars"),
    [("today", 1), ("month", 30), ("quarter", 14), ("year", 12), ("2020..2026", 84), ("1997..2026", 30)],
)
def test_bars_stand_for_days_weeks_months_or_years_and_lose_nothing(said: str, bars: int) -> None:
    report = _report(read_period(said, TODAY), 1000)
    chart = report_chart(report, RON)
    assert len(chart.standing) == bars
    assert sum(map(Decimal, map(str, chart.standing))) == report.received.total.amount
    assert chart.dates[0].at == 0
    assert chart.dates[-1].at == bars - 1
    assert len(chart.dates) <= 4
    assert max(chart.standing) / 4 <= max(tick.at for tick in chart.ticks) <= max(chart.standing)


def test_no_tick_is_written_where_nothing_came_in() -> None:
    chart = CHARTS["nothing"]
    assert (chart.ticks, chart.nothing) == ((), "Nothing was received.")
    assert [bar.shown.replace("\xa0", " ") for bar in chart.lying] == ["RON 0.00"] * 5


def test_the_terminal_saves_it_beside_the_files(tmp_path: Path) -> None:
    reply = Reply(picture=File("report.png", "image/png", FIRST_BYTES), files=(File("a.csv", "text/csv", b""),))
    assert terminal.save(reply, tmp_path) == [tmp_path / "report.png", tmp_path / "a.csv"]
    assert (tmp_path / "report.png").read_bytes() == FIRST_BYTES


async def test_a_process_of_its_own_draws_it() -> None:
    assert await Painter().paint(CHARTS["month"]) == drawn(CHARTS["month"])


async def test_a_picture_that_can_not_be_drawn_is_an_error_in_words() -> None:
    painter = Painter()
    broken = Chart(title="", lying_title="", lying=(), standing_title="", standing=(float("inf"),))
    with pytest.raises(PaintingError, match="float"):
        await painter.paint(broken)
    with pytest.raises(PaintingError, match="took too long"):
        await Painter(seconds=0).paint(CHARTS["month"])


async def test_who_goes_away_leaves_no_process_behind() -> None:
    painter = Painter()
    asked = asyncio.create_task(painter.paint(CHARTS["month"]))
    while not _children():
        await asyncio.sleep(0.005)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert _children() == set()


def _children() -> set[str]:
    """The processes that this one has started to draw."""
    return {
        child for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split() if _draws(child)
    }


def _draws(child: str) -> bool:
    return b"bot.pictures" in Path(f"/proc/{child}/cmdline").read_bytes()
