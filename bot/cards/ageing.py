"""How long money is overdue, and where billing's words were read in our own way."""

from datetime import date

from bot.cards.statuses import status_word
from bot.conventions import Conventions
from bot.reckoning import Age, Oddness, Standing, days_late
from bot.sums import Sum
from bot.words import _, ngettext

# Stands beside a row that billing calls something else than overdue, and before the note that says so.
OURS = "*"
_LONGEST_NAME = 32


def age_word(age: Age) -> str:
    """What an age is called."""
    return {
        Age.CURRENT: _("Not due yet"),
        Age.MONTH: _("1–30 days"),
        Age.TWO_MONTHS: _("31–60 days"),
        Age.THREE_MONTHS: _("61–90 days"),
        Age.OLDER: _("Over 90 days"),
        Age.UNDATED: _("No due date"),
    }[age]


def lateness(due_at: str | None, today: date, conventions: Conventions) -> str:
    """`45 days late`, `due in 5 days`, `due today`."""
    late = days_late(due_at, today)
    if late is None:
        return _("no due date")
    if late == 0:
        return _("due today")
    words = (
        ngettext("{days} day late", "{days} days late", late)
        if late > 0
        else ngettext("due in {days} day", "due in {days} days", -late)
    )
    return words.format(days=conventions.count(abs(late)))


def is_ours(status: str | None, due_at: str | None, today: date) -> bool:
    """Whether it is overdue by our reckoning, and billing calls it something else."""
    return (days_late(due_at, today) or 0) > 0 and (status or "").lower() != "overdue"


def short_name(name: str | None, customer: str) -> str:
    """As much of a customer's name as fits a line on a phone; the id where there is none."""
    shown = " ".join((name or "").split()) or customer
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1].rstrip()}…"


def how_many(owed: Sum, customers: int, conventions: Conventions) -> str:
    """`12 invoices of 5 customers`."""
    invoices = ngettext("{count} invoice", "{count} invoices", owed.count)
    whose = ngettext("{invoices} of {count} customer", "{invoices} of {count} customers", customers)
    counted = invoices.format(count=conventions.count(owed.count))
    return whose.format(invoices=counted, count=conventions.count(customers))


def our_readings(standing: Standing, conventions: Conventions) -> tuple[str, ...]:
    """A note for each way in which billing's words and its figures don't fit; docs/reports.md explains them."""
    words = ", ".join(f"{status_word(word)} ({conventions.count(many)})" for word, many in standing.words.most_common())
    return tuple(
        _odd_words(found.count)[oddness].format(
            count=conventions.count(found.count), amount=conventions.money(found.amount), words=words, mark=OURS
        )
        for oddness in Oddness
        if (found := standing.odd.get(oddness))
    )


def _odd_words(count: int) -> dict[Oddness, str]:
    return {
        Oddness.OURS: ngettext(
            "{mark} {count} is overdue by its due date; billing calls it {words}.",
            "{mark} {count} are overdue by their due dates; billing calls them {words}.",
            count,
        ),
        Oddness.NOT_LATE: ngettext(
            "Owed, not overdue: {count} invoice ({amount}) that billing calls overdue before its due date.",
            "Owed, not overdue: {count} invoices ({amount}) that billing calls overdue before their due dates.",
            count,
        ),
        Oddness.PAID_LEFT: ngettext(
            "Not counted: {count} invoice that billing calls paid, with a balance ({amount}).",
            "Not counted: {count} invoices that billing calls paid, with balances ({amount} in all).",
            count,
        ),
        Oddness.CANCELLED_LEFT: ngettext(
            "Not counted: {count} cancelled invoice with a balance ({amount}).",
            "Not counted: {count} cancelled invoices with balances ({amount} in all).",
            count,
        ),
        Oddness.CREDIT: ngettext(
            "Not taken off: {count} invoice with a balance below zero ({amount}).",
            "Not taken off: {count} invoices with balances below zero ({amount} in all).",
            count,
        ),
        Oddness.NOTHING_LEFT: ngettext(
            "Not counted: {count} invoice that billing calls overdue, with nothing left to pay.",
            "Not counted: {count} invoices that billing calls overdue, with nothing left to pay.",
            count,
        ),
    }
