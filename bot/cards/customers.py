"""Customers, one or many."""

from collections import Counter
from decimal import Decimal

from bot.arguments import said
from bot.billing import Customer, CustomerDetail
from bot.cards.contacts import Contacts, contact_facts
from bot.cards.statuses import status_word
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.pages import Page
from bot.reply import Button, Column, Fact, Reply, Row, Style
from bot.words import _, ngettext

_NEWEST = 3


def customers_page(page: Page[Customer], text: str | None, conventions: Conventions, *, in_place: bool) -> Reply:
    """A page of customers, by name."""
    counted = ngettext("{count} customer", "{count} customers", page.count).format(count=conventions.count(page.count))
    found = _("{counted} with “{text}”").format(counted=counted, text=text) if text else counted
    return Reply(
        title=_("Customers"),
        text=found if page.count else _("No customer matches."),
        table=table(page, (Column(_("Name")), Column(_("Id"))), _row, said("customers", text)),
        in_place=in_place,
    )


def customer_card(customer: CustomerDetail, conventions: Conventions, contacts: Contacts) -> Reply:
    """One customer: who it is, how to reach it, what it was invoiced."""
    return Reply(
        title=customer.name or customer.id,
        facts=tuple(fact for fact in _facts(customer, conventions, contacts) if fact.value),
        buttons=_buttons(customer),
    )


def _row(customer: Customer) -> Row:
    return Row((customer.name or "—", customer.id), said("customer", customer.id))


def _facts(customer: CustomerDetail, conventions: Conventions, contacts: Contacts) -> tuple[Fact, ...]:
    amounts = [invoice.amount for invoice in customer.invoices]
    statuses = Counter(status_word(invoice.status) for invoice in customer.invoices)
    counted = ngettext("{count} invoice", "{count} invoices", len(amounts)).format(
        count=conventions.count(len(amounts)),
    )
    return (
        Fact(_("Id"), customer.id),
        *contact_facts(customer, contacts),
        Fact(_("Invoiced"), f"{counted}, {conventions.money(sum(amounts, Decimal(0)))}"),
        Fact(_("Statuses"), ", ".join(f"{count} {word}" for word, count in statuses.most_common())),
    )


def _buttons(customer: CustomerDetail) -> tuple[Button, ...]:
    if not customer.invoices:
        return ()
    newest = sorted(customer.invoices, key=lambda each: (each.issued_at or "", each.number), reverse=True)
    return (
        Button(_("All invoices"), said("invoices", customer.id), Style.PRIMARY),
        *(Button(each.number, said("invoice", each.number)) for each in newest[:_NEWEST]),
    )
