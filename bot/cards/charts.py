"""A report as a chart: lengths to draw, and every word beside them."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal

from bot.cards.ageing import age_word
from bot.cards.report import Report, report_title
from bot.conventions import Conventions
from bot.periods import Period
from bot.pictures import Bar, Chart, Tick
from bot.reckoning import Age, Received
from bot.words import _

# Up to so many days a bar stands for each; then for a week, a month, a year.
_DAILY, _WEEKLY, _MONTHLY = 62, 190, 3700
# So many dates fit below the bars.
_MOST_DAYS, _MOST_MONTHS = 4, 3
# Tenths of a power of ten between which the scale's steps are chosen.
_STEPS = (1, 2, 5, 10, 20, 50)
_MOST_TICKS = 4


def report_chart(report: Report, conventions: Conventions) -> Chart:
    """Ages of what is owed, and what came in over time."""
    standing, reading = report.owed.standing, report.owed.reading
    total = report.received.total.amount
    starts = _starts(report.period)
    lengths = _lengths(report.received, starts)
    return Chart(
        title=report_title(report.period, conventions),
        lying_title=_("Outstanding now: {amount}").format(amount=reading.amount(standing.owed.amount, conventions)),
        lying=tuple(
            Bar(age_word(age), float(each.amount), conventions.money(each.amount))
            for age, each in standing.ages.items()
            if each or age is not Age.UNDATED
        ),
        standing_title=_("Received: {amount}").format(amount=conventions.money(total)),
        standing=tuple(map(float, lengths)),
        ticks=_ticks(max(lengths), conventions),
        dates=_dates(starts, conventions),
        nothing="" if report.received.total else _("Nothing was received."),
    )


def _starts(period: Period) -> list[date]:
    """The days on which the bars begin: each day, or each week's, month's or year's first."""
    every = [period.first + timedelta(days=ahead) for ahead in range((period.last - period.first).days + 1)]
    if len(every) <= _DAILY:
        return every
    if len(every) <= _WEEKLY:
        return every[::7]
    firsts = [day for day in every[1:] if day.day == 1 and (len(every) <= _MONTHLY or day.month == 1)]
    return [period.first, *firsts]


def _lengths(received: Received, starts: Sequence[date]) -> list[Decimal]:
    lengths = [Decimal(0)] * len(starts)
    for day, each in received.by_day.items():
        lengths[bisect_right(starts, day) - 1] += each.amount
    return lengths


def _dates(starts: Sequence[date], conventions: Conventions) -> tuple[Tick, ...]:
    """A few dates, evenly spread, the first and the last among them."""
    last = len(starts) - 1
    is_daily = _apart(starts) < timedelta(days=28)
    gaps = min(_MOST_DAYS if is_daily else _MOST_MONTHS, last + 1) - 1
    places = [round(last * step / gaps) for step in range(gaps + 1)] if gaps else [0]
    skeleton = "MMMd" if is_daily else "yMMM"
    return tuple(Tick(place, _date(starts[place], skeleton, conventions)) for place in places)


def _apart(starts: Sequence[date]) -> timedelta:
    return starts[-1] - starts[-2] if len(starts) > 1 else timedelta()


def _date(day: date, skeleton: str, conventions: Conventions) -> str:
    return format_skeleton(skeleton, datetime.combine(day, time()), locale=conventions.language)


def _ticks(most: Decimal, conventions: Conventions) -> tuple[Tick, ...]:
    """Round amounts up to the longest bar; none at zero, where the dates are."""
    if most <= 0:
        return ()
    power = Decimal(10) ** most.adjusted()
    step = next(power * each / 10 for each in _STEPS if most <= power * each / 10 * _MOST_TICKS)
    return tuple(
        Tick(float(step * times), format_compact_decimal(step * times, locale=conventions.language, fraction_digits=1))
        for times in range(1, int(most / step) + 1)
    )
