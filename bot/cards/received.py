"""Money received in a period, day by day."""

from datetime import date

from bot.arguments import said
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.pages import Page
from bot.periods import Period
from bot.reckoning import Received
from bot.reply import Button, Column, Fact, Reply, Row
from bot.sums import Sum
from bot.words import _, ngettext


def received_page(page: Page[tuple[date, Sum]], received: Received, conventions: Conventions) -> Reply:
    """A page of the days on which money came in, the newest first."""
    period, total = received.period, received.total
    columns = (Column(_("Day")), Column(_("Received"), figures=True), Column(_("Payments"), figures=True))
    return Reply(
        title=_("Received: {period}").format(period=period.shown(conventions.language)),
        text="" if page.count else _("Nothing was received."),
        facts=_totals(total, page.count, conventions) if page.count else (),
        table=table(page, columns, lambda each: _row(*each, conventions), said("received", period.spelled)),
        buttons=_buttons(period, page.count),
    )


def _row(day: date, found: Sum, conventions: Conventions) -> Row:
    return Row((conventions.day(str(day)), conventions.money(found.amount), _payments(found, conventions)))


def _totals(total: Sum, days: int, conventions: Conventions) -> tuple[Fact, ...]:
    on = ngettext("{payments} on {count} day", "{payments} on {count} days", days)
    return (
        Fact(_("In all"), on.format(payments=_payments(total, conventions), count=conventions.count(days))),
        Fact(_("Received"), conventions.money(total.amount)),
    )


def _payments(found: Sum, conventions: Conventions) -> str:
    words = ngettext("{count} payment", "{count} payments", found.count)
    return words.format(count=conventions.count(found.count))


def _buttons(period: Period, count: int) -> tuple[Button, ...]:
    csv = [Button(_("CSV"), said("received_file", period.spelled))] if count else []
    return (*csv, Button(_("Report"), said("report", period.spelled)))
