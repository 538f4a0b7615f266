"""The rows of the index, and what is written of customers and invoices so that they are found."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from typing import Any

from bot.spelling import folded, groups, pieces
from bot.store.indexed import IndexedCustomer, IndexedInvoice, words_of
from bot.store.tables import Units, indexed_invoices

LISTED = ("name", "email", "phone", "address", "created_at")
TOLD = ("customer", "own_id", "issued_at", "due_at", "amount", "balance", "status", "is_open", "read_at", "told_at")
FOUND_BY = ("folded", "backwards", "groups", "own_folded")
INVOICE_COLUMNS = (indexed_invoices.c.number, *(indexed_invoices.c[name] for name in TOLD))
_DIGEST_BYTES = 16


def customer_row(customer: IndexedCustomer) -> dict[str, Any]:
    """What the list told of a customer, and what stands for all that."""
    return {"id": customer.id, **_listed(customer), "listed": digest(customer)}


def invoice_row(invoice: IndexedInvoice) -> dict[str, Any]:
    """An invoice, and the spellings by which its numbers are found."""
    spelled = folded(invoice.number)
    return {
        "number": invoice.number,
        **{name: getattr(invoice, name) for name in TOLD},
        "folded": spelled,
        "backwards": spelled[::-1],
        "groups": groups(invoice.number),
        "own_folded": folded(invoice.own_id) if invoice.own_id else None,
    }


def word_rows(customers: Collection[IndexedCustomer]) -> list[dict[str, str]]:
    """By which words each of these is found."""
    return [{"word": word, "customer": each.id} for each in customers for word in sorted(words_of(each))]


def piece_rows(words: Collection[str]) -> Iterator[dict[str, str]]:
    """By which pieces each of these words is found when it is misspelt."""
    return ({"piece": piece, "word": word} for word in sorted(words) for piece in sorted(pieces(word)))


def fits(invoice: IndexedInvoice) -> bool:
    """Whether its amounts can be held."""
    return Units.fits(invoice.amount) and (invoice.balance is None or Units.fits(invoice.balance))


def digest(customer: IndexedCustomer) -> str:
    """Stands for what the list told of a customer."""
    told = repr(list(_listed(customer).values())).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=_DIGEST_BYTES).hexdigest()


def _listed(customer: IndexedCustomer) -> dict[str, str | None]:
    return {name: getattr(customer, name) for name in LISTED}
