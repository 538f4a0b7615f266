"""What billing tells of customers and invoices, as the index holds it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.billing import Customer, Invoice, InvoiceSummary
from bot.dates import read_day
from bot.store import IndexedCustomer, IndexedInvoice

# So long a balance is believed that no payment and no status speaks against.
_BELIEVED = timedelta(days=1)


def as_listed(customer: Customer) -> IndexedCustomer:
    """A customer of the list."""
    return IndexedCustomer(
        id=_held(customer.id) or "",
        name=_held(customer.name),
        email=_held(customer.email),
        phone=_held(customer.phone),
        address=_held(customer.billing_address),
        created_at=_held(customer.created_at),
    )


def as_read(invoice: InvoiceSummary, customer: str, known: IndexedInvoice | None, at: datetime) -> IndexedInvoice:
    """An invoice of its customer's list; where that tells no balance, with what was told before."""
    read = IndexedInvoice(
        number=_held(invoice.number) or "",
        customer=customer,
        own_id=_held(invoice.id),
        issued_at=_held(invoice.issued_at),
        due_at=_due(invoice.due_at),
        amount=invoice.amount,
        balance=invoice.balance,
        status=_held(invoice.status),
        is_open=invoice.is_open,
        read_at=at,
        told_at=None if invoice.balance is None or invoice.due_at is None else at,
    )
    return _with_what_was_told(read, known) if known and read.told_at is None else read


def as_told(invoice: Invoice, known: IndexedInvoice | None, at: datetime) -> IndexedInvoice | None:
    """An invoice that was asked for by its number; None where billing doesn't say whose it is."""
    customer = _held(invoice.customer_id) or (known.customer if known else None)
    if customer is None:
        return None
    own_id = known.own_id if known else None
    return replace(as_read(invoice, customer, None, at), own_id=own_id, told_at=at)


def _with_what_was_told(read: IndexedInvoice, known: IndexedInvoice) -> IndexedInvoice:
    """A balance that was told holds while amount and status are the same; a payment says so by itself."""
    due_at = read.due_at or known.due_at
    if (read.amount, read.status) != (known.amount, known.status):
        return replace(read, due_at=due_at)
    balance = known.balance if read.balance is None else read.balance
    is_open = read.is_open and (balance is None or balance > 0)
    is_old = known.told_at is not None and read.read_at - known.told_at > _BELIEVED
    return replace(read, due_at=due_at, balance=balance, is_open=is_open, told_at=None if is_old else known.told_at)


def _due(text: str | None) -> str | None:
    """The day; what looks like one and is none (`2024-13-45`) would be late in a list, and in no total."""
    day = read_day(text)
    return day.isoformat() if day else None


def _held(text: str | None) -> str | None:
    """PostgreSQL holds no text with a NUL in it: https://www.postgresql.org/docs/current/datatype-character.html."""
    return text and text.replace("\0", "\ufffd")
