"""Invoices, one or many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.arguments import said
from bot.billing import Invoice, InvoiceSummary
from bot.cards.statuses import OPEN, status_of, status_word
from bot.cards.tables import table
from bot.conventions import SETTLED, Conventions
from bot.dates import read_day
from bot.pages import Page
from bot.refusals import Unknown
from bot.reply import Button, Column, Fact, Reply, Row, Style
from bot.words import _, ngettext

_MOST_STATUSES = 6


@dataclass
class InvoiceTotals:
    """Sums over a list of invoices. `open`: what is still to be paid; `unsaid`: invoices that don't say it."""

    count: int = 0
    amount: Decimal = Decimal(0)
    open: Decimal = Decimal(0)
    unsaid: int = 0

    def add(self, invoice: InvoiceSummary) -> None:
        """Count one more."""
        self.count += 1
        self.amount += invoice.amount
        if (invoice.status or "").lower() in SETTLED:
            return
        if invoice.balance is None:
            self.unsaid += 1
        else:
            self.open += invoice.balance


def invoices_page(
    page: Page[InvoiceSummary],
    totals: InvoiceTotals,
    asked: str,
    whose: str,
    conventions: Conventions,
) -> Reply:
    """A page of one customer's invoices, the newest first. `asked`: the command without its page."""
    columns = (Column(_("Invoice")), Column(_("Issued")), Column(_("Amount"), figures=True), Column(_("Status")))
    return Reply(
        title=_("Invoices of {customer}").format(customer=whose),
        text="" if page.count else _("There are none."),
        facts=_totals(totals, conventions) if page.count else (),
        table=table(page, columns, lambda each: _row(each, conventions), asked),
        notes=_unsaid(totals),
    )


def invoice_card(
    invoice: Invoice,
    customer_name: str | None,
    today: date,
    conventions: Conventions,
    *,
    may_pay: bool,
) -> Reply:
    """One invoice: whose, how much, what is left, until when."""
    return Reply(
        title=_("Invoice {number}").format(number=invoice.number),
        status=status_of(invoice.status),
        facts=tuple(fact for fact in _facts(invoice, customer_name, today, conventions) if fact.value),
        buttons=_buttons(invoice, conventions, may_pay=may_pay),
    )


def _row(invoice: InvoiceSummary, conventions: Conventions) -> Row:
    issued, amount = conventions.day(invoice.issued_at), conventions.money(invoice.amount)
    cells = (invoice.number, issued, amount, status_word(invoice.status))
    return Row(cells, said("invoice", invoice.number))


def _totals(totals: InvoiceTotals, conventions: Conventions) -> tuple[Fact, ...]:
    counted = ngettext("{count} invoice", "{count} invoices", totals.count)
    at_least = _("at least {amount}") if totals.unsaid else "{amount}"
    return (
        Fact(_("In all"), counted.format(count=conventions.count(totals.count))),
        Fact(_("Sum"), conventions.money(totals.amount)),
        Fact(_("Outstanding"), at_least.format(amount=conventions.money(totals.open))),
    )


def _unsaid(totals: InvoiceTotals) -> tuple[str, ...]:
    if not totals.unsaid:
        return ()
    note = ngettext(
        "The list doesn't say what is left on {count} invoice: open it to see.",
        "The list doesn't say what is left on {count} invoices: open them to see.",
        totals.unsaid,
    )
    return (note.format(count=totals.unsaid),)


def _facts(invoice: Invoice, customer_name: str | None, today: date, conventions: Conventions) -> tuple[Fact, ...]:
    whose = invoice.customer_id
    named = f"{customer_name} ({whose})" if customer_name else whose
    left = "" if invoice.balance is None else conventions.money(invoice.balance)
    return (
        Fact(_("Customer"), named or "", said("customer", whose) if whose else None),
        Fact(_("Amount"), conventions.money(invoice.amount)),
        Fact(_("Left to pay"), left),
        Fact(_("Issued"), conventions.day(invoice.issued_at) if invoice.issued_at else ""),
        Fact(_("Due"), _due(invoice, today, conventions)),
    )


def _due(invoice: Invoice, today: date, conventions: Conventions) -> str:
    if not invoice.due_at:
        return ""
    shown, day = conventions.day(invoice.due_at), read_day(invoice.due_at)
    late = (today - day).days if day else 0
    if late <= 0 or not invoice.is_open:
        return shown
    overdue = ngettext("{days} day overdue", "{days} days overdue", late).format(days=conventions.count(late))
    return f"{shown} ({overdue})"


def is_called(invoice: InvoiceSummary, status: str) -> bool:
    """Whether an invoice has this status, in billing's words or in ours; "unpaid" is all that is open."""
    words = {(invoice.status or "").lower(), status_word(invoice.status).lower()}
    return status in words or (status in {*OPEN, status_word("unpaid").lower()} and invoice.is_open)


def no_such_status(status: str, customer: str, statuses: Collection[str]) -> Unknown:
    """The refusal of a status that no invoice of this customer's has, with those that they have."""
    if not any(statuses):
        return Unknown(_("{customer} has no invoices with a status.").format(customer=customer))
    there = sorted(filter(None, statuses))
    words = _("No invoice of {customer} is “{status}”. What there is: {statuses}.")
    return Unknown(
        words.format(customer=customer, status=status[:32], statuses=", ".join(map(status_word, there))),
        buttons=tuple(Button(status_word(each), said("invoices", customer, each)) for each in there[:_MOST_STATUSES]),
    )


def _buttons(invoice: Invoice, conventions: Conventions, *, may_pay: bool) -> tuple[Button, ...]:
    pay = _("Pay") if invoice.balance is None else _("Pay {amount}").format(amount=conventions.money(invoice.balance))
    buttons = [Button(_("Payments"), said("payments", invoice.number))]
    if may_pay and invoice.is_open:
        buttons.insert(0, Button(pay, said("pay", invoice.number), Style.PRIMARY))
    if invoice.customer_id:
        buttons.append(Button(_("Customer"), said("customer", invoice.customer_id)))
    return tuple(buttons)
