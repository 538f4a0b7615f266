"""What is owed: the overdue invoices, the open ones, and the customers who owe."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.arguments import said
from bot.cards.ageing import OURS, how_many, is_ours, lateness, our_readings, short_name
from bot.cards.reading import Reading
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.narrowing import Sort
from bot.pages import Page
from bot.reckoning import Standing
from bot.refusals import Ambiguous
from bot.reply import Button, Column, Fact, Reply, Row
from bot.store import Called, Debtor, Owed
from bot.sums import Sum
from bot.words import _, ngettext

_LONGEST = 64
# So many customers are offered where several may be meant.
MOST_CALLED = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: overdue for `least` days or more, or everything open (None); whose, and in which order."""

    least: int | None = None
    customer: str | None = None
    name: str | None = None
    sort: Sort = Sort.AMOUNT

    def command(self, behind: str = "") -> str:
        """The command that asks for it; with `_file` behind its name, for the same as a file."""
        sort = {} if self.sort is Sort.AMOUNT else {"sort": self.sort.value}
        if self.least is None:
            return said(f"open{behind}", self.customer, **sort)
        days = f"days>{self.least - 1}" if self.least > 1 or self.customer else None
        return said(f"overdue{behind}", self.customer, days, **sort)

    @property
    def title(self) -> str:
        """What the list is called."""
        kind = _("Open invoices") if self.least is None else _("Overdue invoices")
        whose = f"{self.name} ({self.customer})" if self.name else self.customer
        return f"{kind}: {whose}" if whose else kind


@dataclass(frozen=True, slots=True)
class WhatIsOwed:
    """The sums over a whole list, of how many customers, and how what they stand on was read."""

    standing: Standing
    customers: int
    reading: Reading

    @property
    def is_empty(self) -> bool:
        """Whether nothing is owed, as far as is known."""
        return not self.standing.owed

    def totals(self, conventions: Conventions, *, late_alone: bool) -> tuple[Fact, ...]:
        """How many of how many customers, how much, and how much of it is late."""
        owed, late = self.standing.owed, self.standing.late
        whole = Fact(_("Outstanding"), self.reading.amount(owed.amount, conventions))
        overdue = Fact(_("Overdue"), self.reading.amount(late.amount, conventions))
        in_all = Fact(_("In all"), how_many(owed, self.customers, conventions))
        return (in_all, overdue) if late_alone else (in_all, whole, overdue)

    def notes(self, conventions: Conventions) -> tuple[str, ...]:
        """What was read in our own way, and how old it is."""
        return (*our_readings(self.standing, conventions), self.reading.as_of(conventions))

    def nothing(self, words: str) -> str:
        """That there is nothing: which can't be said before everything was read."""
        return words if self.reading.is_whole else _("Nothing, in what was read so far.")


def owed_page(page: Page[Owed], found: WhatIsOwed, asked: Asked, conventions: Conventions) -> Reply:
    """A page of invoices on which something is owed, with what all of them come to."""
    whose = () if asked.customer else (Column(_("Customer")),)
    columns = (Column(_("Invoice")), *whose, Column(_("Days")), Column(_("Left"), figures=True))
    return Reply(
        title=asked.title,
        text=found.nothing(_nothing(asked, conventions)) if found.is_empty else _narrowed(asked, conventions),
        facts=() if found.is_empty else found.totals(conventions, late_alone=asked.least is not None),
        table=table(page, columns, lambda each: _owed_row(each, asked, found, conventions), asked.command()),
        warnings=found.reading.gaps(conventions),
        notes=found.notes(conventions),
        buttons=() if found.is_empty else _buttons(asked),
    )


def several_called(text: str, found: Sequence[Called], asked: Asked) -> Ambiguous:
    """The question which of several customers is meant; each button asks for the same list."""
    words = _("Several customers are called “{text}”. Which one do you mean?")
    if len(found) > MOST_CALLED:
        words = _("More than {count} customers are called “{text}”. Say more of the name, or choose one of these.")
    return Ambiguous(
        words.format(text=text[:_LONGEST], count=MOST_CALLED),
        buttons=tuple(
            Button(f"{each.name} ({each.id})", replace(asked, customer=each.id).command())
            for each in found[:MOST_CALLED]
        ),
    )


def debtors_page(page: Page[Debtor], found: WhatIsOwed, conventions: Conventions) -> Reply:
    """A page of the customers who owe, the largest debt first, each with its share of the whole."""
    return Reply(
        title=_("Debtors"),
        text=found.nothing(_("Nobody owes anything.")) if found.is_empty else "",
        facts=() if found.is_empty else found.totals(conventions, late_alone=False),
        table=table(page, debtor_columns(), lambda each: debtor_row(each, found, conventions), "/debtors"),
        warnings=found.reading.gaps(conventions),
        notes=found.notes(conventions),
        buttons=() if found.is_empty else (Button(_("CSV"), "/debtors_file"),),
    )


def debtor_columns() -> tuple[Column, ...]:
    """The headings over debtors."""
    figures = (_("Owes"), _("Share"), _("Invoices"), _("Oldest"))
    return (Column(_("Customer")), *(Column(label, figures=True) for label in figures))


def debtor_row(debtor: Debtor, found: WhatIsOwed, conventions: Conventions) -> Row:
    """Who, how much, which share of the whole, on how many invoices, since when."""
    cells = (
        short_name(debtor.name, debtor.customer),
        conventions.money(debtor.owed.amount),
        conventions.share(debtor.owed.amount, found.standing.owed.amount),
        invoices_counted(debtor.owed, conventions),
        lateness(debtor.since, found.reading.today, conventions),
    )
    return Row(cells, said("open", debtor.customer))


def invoices_counted(owed: Sum, conventions: Conventions) -> str:
    """`3 invoices`."""
    return ngettext("{count} invoice", "{count} invoices", owed.count).format(count=conventions.count(owed.count))


def _owed_row(owed: Owed, asked: Asked, found: WhatIsOwed, conventions: Conventions) -> Row:
    today = found.reading.today
    days = lateness(owed.due_at, today, conventions)
    whose = () if asked.customer else (short_name(owed.name, owed.customer),)
    cells = (
        owed.number,
        *whose,
        f"{days}{OURS}" if is_ours(owed.status, owed.due_at, today) else days,
        conventions.money(owed.balance),
    )
    return Row(cells, said("invoice", owed.number))


def _narrowed(asked: Asked, conventions: Conventions) -> str:
    if asked.least is None or asked.least <= 1:
        return ""
    words = ngettext("Overdue for {days} day or more.", "Overdue for {days} days or more.", asked.least)
    return words.format(days=conventions.count(asked.least))


def _nothing(asked: Asked, conventions: Conventions) -> str:
    if asked.least is None:
        return _("Nothing is open.")
    if asked.least <= 1:
        return _("Nothing is overdue.")
    return _("Nothing is overdue for {days} days or more.").format(days=conventions.count(asked.least))


def _buttons(asked: Asked) -> tuple[Button, ...]:
    """The other orders, the same as a file, and whose it is."""
    labels = {Sort.AMOUNT: _("Largest first"), Sort.DAYS: _("Oldest first"), Sort.CUSTOMER: _("By customer")}
    others = [sort for sort in Sort if sort is not asked.sort and not (asked.customer and sort is Sort.CUSTOMER)]
    orders = [Button(labels[sort], replace(asked, sort=sort).command()) for sort in others]
    whose = [Button(_("Customer"), said("customer", asked.customer))] if asked.customer else []
    return (*orders, Button(_("CSV"), asked.command("_file")), *whose)
