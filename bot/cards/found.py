"""What a search has found, as a list with a button for each hit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.arguments import said
from bot.cards.index import as_of, how_far
from bot.cards.statuses import status_word
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.pages import Page
from bot.reply import Column, Reply, Row
from bot.store import IndexedCustomer, IndexedInvoice, IndexState
from bot.words import _, ngettext


@dataclass(frozen=True, slots=True)
class FoundOne:
    """A hit: a customer, or an invoice and whose it is."""

    customer: IndexedCustomer | None
    invoice: IndexedInvoice | None


@dataclass(frozen=True, slots=True)
class Footing:
    """What an answer from the index stands on: how far that is, its oldest reading, and the reader's day."""

    state: IndexState
    oldest: datetime | None
    today: date


def found_page(
    page: Page[FoundOne], text: str, footing: Footing, conventions: Conventions, *, is_more: bool, in_place: bool
) -> Reply:
    """A page of hits, the best first."""
    columns: tuple[Column, ...]
    columns = (Column(_("Found")), Column(_("Customer")), Column(_("Amount"), figures=True), Column(_("Status")))
    if not any(each.invoice for each in page.entries):
        columns = (Column(_("Found")), Column(_("Id")))
    counted = ngettext("{count} hit", "{count} hits", page.count).format(count=conventions.count(page.count))
    shown = _("more than {counted}").format(counted=counted) if is_more else counted
    return Reply(
        title=_("Found: {text}").format(text=text),
        text=shown if page.count else _("Nothing fits."),
        table=table(
            page, columns, lambda each: _row(each, footing.today, conventions, len(columns)), said("find", text)
        ),
        notes=tuple(footing_notes(footing, conventions)),
        in_place=in_place,
    )


def footing_notes(footing: Footing, conventions: Conventions) -> Sequence[str]:
    """How old an answer is, and how much of everything it stands on."""
    age = as_of(footing.oldest, footing.today, conventions) if footing.oldest else ""
    return [note for note in (age, how_far(footing.state, conventions)) if note]


def _row(found: FoundOne, today: date, conventions: Conventions, width: int) -> Row:
    if found.invoice is None:
        customer = found.customer
        name, id_ = (customer.name or customer.id, customer.id) if customer else ("—", "")
        return Row((name, id_, *["—"] * (width - 2)), said("customer", id_))
    invoice = found.invoice
    owner = (found.customer.name if found.customer else None) or invoice.customer
    amount = conventions.money(invoice.amount)
    late = invoice.is_open and invoice.due_at is not None and invoice.due_at < today.isoformat()
    status = status_word("overdue") if late else status_word(invoice.status)
    return Row((invoice.number, owner, amount, status), said("invoice", invoice.number))
