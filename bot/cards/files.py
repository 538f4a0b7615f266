"""What is owed and what came in as files for spreadsheets: plain figures, ISO days, billing's own words."""

from collections.abc import Iterable
from datetime import date

from bot.conventions import Conventions
from bot.reckoning import days_late
from bot.reply import File, Reply
from bot.spreadsheet import csv_line
from bot.store import Debtor, Owed
from bot.sums import Sum
from bot.words import ngettext

OWED_LINE = csv_line(("number", "customer", "name", "issued_at", "due_at", "days_late", "amount", "balance", "status"))
DEBTOR_LINE = csv_line(("customer", "name", "invoices", "owed", "oldest_due_at", "days_late"))
RECEIVED_LINE = csv_line(("day", "payments", "received"))


def owed_line(owed: Owed, today: date) -> str:
    """One invoice."""
    days = days_late(owed.due_at, today)
    return csv_line((
        owed.number,
        owed.customer,
        owed.name or "",
        owed.issued_at or "",
        owed.due_at or "",
        "" if days is None else str(max(0, days)),
        f"{owed.amount:f}",
        f"{owed.balance:f}",
        owed.status or "",
    ))  # fmt: skip


def debtor_line(debtor: Debtor, today: date) -> str:
    """One customer."""
    days = days_late(debtor.since, today)
    late = "" if days is None else str(max(0, days))
    owed = debtor.owed
    return csv_line((debtor.customer, debtor.name or "", str(owed.count), f"{owed.amount:f}", debtor.since or "", late))


def received_line(day: date, found: Sum) -> str:
    """One day."""
    return csv_line((str(day), str(found.count), f"{found.amount:f}"))


def listed_file(name: str, head: str, lines: Iterable[str], gaps: tuple[str, ...], conventions: Conventions) -> Reply:
    """A list as a file, and what of it is missing."""
    rows = list(lines)
    words = ngettext("The list as a file: {count} row.", "The list as a file: {count} rows.", len(rows))
    return Reply(
        text=words.format(count=conventions.count(len(rows))),
        warnings=gaps,
        files=(File(name, "text/csv", "".join((head, *rows)).encode()),),
    )
