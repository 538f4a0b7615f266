"""Payments in the books, one page of many."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.arguments import said
from bot.billing import Payment
from bot.cards.statuses import status_word
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.pages import Page
from bot.reply import Button, Column, Fact, Reply, Row
from bot.words import _, ngettext


@dataclass
class PaymentTotals:
    """What was received, and what only looks like it: pending, failed and refunded money is not added up."""

    received_statuses: frozenset[str]
    count: int = 0
    received: Decimal = Decimal(0)
    others: Counter[str] = field(default_factory=Counter)

    def add(self, payment: Payment) -> None:
        """Count one more."""
        self.count += 1
        if (payment.status or "").casefold() in self.received_statuses:
            self.received += payment.amount
        else:
            self.others[payment.status or ""] += 1


def payments_page(
    page: Page[Payment],
    totals: PaymentTotals,
    invoice: str | None,
    askers: Mapping[str, str],
    conventions: Conventions,
    *,
    in_place: bool,
) -> Reply:
    """A page of payments, the newest first; of one invoice or of all. `askers`: who had which payment recorded here."""
    columns = [Column(_("Invoice")), Column(_("When")), Column(_("Amount"), figures=True), Column(_("Status"))]
    if askers:
        columns.append(Column(_("By")))
    title = _("Payments on {invoice}").format(invoice=invoice) if invoice else _("Payments")
    return Reply(
        title=title,
        text="" if page.count else _("There are none yet."),
        facts=_totals(totals, conventions) if page.count else (),
        table=table(
            page,
            tuple(columns),
            lambda each: _row(each, askers, conventions),
            said("payments", invoice),
        ),
        buttons=(Button(_("Invoice"), said("invoice", invoice)),) if invoice else (),
        in_place=in_place,
    )


def _row(payment: Payment, askers: Mapping[str, str], conventions: Conventions) -> Row:
    when, amount = conventions.day(payment.paid_at), conventions.money(payment.amount)
    cells: tuple[str, ...] = (payment.invoice or "—", when, amount, status_word(payment.status))
    if askers:
        cells = (*cells, askers.get(payment.id, "—"))
    return Row(cells, said("invoice", payment.invoice) if payment.invoice else None)


def _totals(totals: PaymentTotals, conventions: Conventions) -> tuple[Fact, ...]:
    counted = ngettext("{count} payment", "{count} payments", totals.count)
    others = ", ".join(f"{count} {status_word(word)}" for word, count in totals.others.most_common())
    facts = (
        Fact(_("In all"), counted.format(count=conventions.count(totals.count))),
        Fact(_("Received"), conventions.money(totals.received)),
        Fact(_("Not added up"), others),
    )
    return tuple(fact for fact in facts if fact.value)
