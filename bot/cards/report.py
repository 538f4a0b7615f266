"""A report over a period: what came in, what was issued, what is owed and how old that is; as text and as a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.arguments import said
from bot.cards.ageing import age_word, how_many
from bot.cards.owed import WhatIsOwed, debtor_columns, debtor_row, invoices_counted
from bot.conventions import Conventions
from bot.periods import Period
from bot.reckoning import Age, Received
from bot.reply import Button, Fact, Reply, Table
from bot.store import Debtor
from bot.sums import Sum
from bot.words import _, ngettext


@dataclass(frozen=True, slots=True)
class Report:
    """The figures. `issued` and `received` are of the period, what is owed is of now."""

    period: Period
    received: Received
    issued: Sum
    owed: WhatIsOwed
    debtors: Sequence[Debtor]


def report_card(report: Report, conventions: Conventions) -> Reply:
    """The report as text that fits a phone."""
    rows = tuple(debtor_row(each, report.owed, conventions) for each in report.debtors)
    return Reply(
        title=report_title(report.period, conventions),
        text="" if rows else report.owed.nothing(_("Nobody owes anything.")),
        facts=tuple(_facts(report, conventions)),
        table=Table(debtor_columns(), rows) if rows else None,
        warnings=report.owed.reading.gaps(conventions),
        notes=(*_notes(report, conventions), *report.owed.notes(conventions)),
        buttons=_buttons(report),
    )


def report_title(period: Period, conventions: Conventions) -> str:
    """What it is called, here and on the picture."""
    return _("Report: {period}").format(period=period.shown(conventions.language))


def _facts(report: Report, conventions: Conventions) -> Iterator[Fact]:
    received, standing, reading = report.received, report.owed.standing, report.owed.reading
    payments = ngettext("{amount} ({count} payment)", "{amount} ({count} payments)", received.total.count)
    total = conventions.money(received.total.amount)
    yield Fact(_("Received"), payments.format(amount=total, count=conventions.count(received.total.count)))
    yield from _methods(received, conventions)
    issued = reading.amount(report.issued.amount, conventions)
    yield Fact(_("Issued"), f"{issued} ({invoices_counted(report.issued, conventions)})")
    yield Fact(_("Outstanding now"), reading.amount(standing.owed.amount, conventions))
    yield Fact(_("On"), how_many(standing.owed, report.owed.customers, conventions))
    for age, owed in standing.ages.items():
        if owed or age is not Age.UNDATED:
            yield Fact(age_word(age), conventions.money(owed.amount))


def _methods(received: Received, conventions: Conventions) -> Iterator[Fact]:
    """Only of what was recorded here: billing doesn't tell a payment's method."""
    if not received.by_method:
        return
    for method, each in sorted(received.by_method.items(), key=lambda found: -found[1].amount):
        yield Fact(_("Recorded here, {method}").format(method=method), conventions.money(each.amount))
    yield Fact(_("Recorded elsewhere"), conventions.money(received.elsewhere.amount))


def _notes(report: Report, conventions: Conventions) -> Iterator[str]:
    yield _("What is outstanding is as of now, whatever the period: billing keeps no history.")
    undated = report.received.undated
    if undated:
        words = ngettext(
            "Not counted: {count} payment ({amount}) without a readable day.",
            "Not counted: {count} payments ({amount}) without a readable day.",
            undated.count,
        )
        yield words.format(count=conventions.count(undated.count), amount=conventions.money(undated.amount))


def _buttons(report: Report) -> tuple[Button, ...]:
    before = report.period.before
    by_day = [Button(_("Received by day"), said("received", report.period.spelled))] if report.received.total else []
    earlier = [Button(_("Period before"), said("report", before.spelled))] if before else []
    overdue = [Button(_("Overdue"), "/overdue")] if report.owed.standing.late else []
    return (*by_day, *earlier, *overdue, Button(_("Debtors"), "/debtors"))
