"""What the billing API tells us, as frozen values.

Ids are text whatever they were on the line; money is `Decimal`; days and moments stay as written (dates.py reads
them). Fields that may be missing or null are None, fields that we don't know are passed over.
"""

from decimal import Decimal
from typing import TypeVar

import msgspec

from bot.conventions import SETTLED

T = TypeVar("T")


# More digits than any money has, before or behind the point: 1e999999 would fill the memory when it is written out.
_MOST_DIGITS = 15


class Id(str):
    """An id as text, never empty."""

    __slots__ = ()


class Number(Id):
    """An invoice's number; empty until it is known, because it may be missing where the id stands for it."""

    __slots__ = ()


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """One object of the API's."""


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Read JSON as one of these records, or as a list of them."""
    return msgspec.json.Decoder(kind, dec_hook=_id)


def _id(kind: type[Id], written: object) -> Id:
    if isinstance(written, str | int) and not isinstance(written, bool) and written != "":
        return kind(written)
    if kind is Number and not written and isinstance(written, str | None):
        return Number()
    raise ValueError("no id")


def _is_money(amount: Decimal | None) -> bool:
    return amount is None or (amount.is_finite() and -_MOST_DIGITS <= amount.adjusted() <= _MOST_DIGITS)


def _check(*amounts: Decimal | None) -> None:
    if not all(map(_is_money, amounts)):
        raise ValueError("an amount is no money")


class Customer(_Record, frozen=True):
    """A customer as the list shows it."""

    id: Id
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    billing_address: str | None = None
    created_at: str | None = None


class InvoiceSummary(_Record, frozen=True):
    """An invoice as its customer's list shows it: `id` is the customer's own (`INV1`), `number` is everybody's."""

    amount: Decimal
    number: Number = Number()
    id: Id | None = None
    issued_at: str | None = None
    due_at: str | None = None
    balance: Decimal | None = None
    status: str | None = None

    def __post_init__(self) -> None:
        _check(self.amount, self.balance)
        if not self.number:
            if not self.id:
                raise ValueError("an invoice without a number")
            msgspec.structs.force_setattr(self, "number", Number(self.id))

    @property
    def is_open(self) -> bool:
        """Whether something is left to pay, as far as billing says."""
        if (self.status or "").lower() in SETTLED:
            return False
        return self.balance is None or self.balance > 0


class CustomerDetail(Customer, frozen=True):
    """A customer with its invoices."""

    invoices: tuple[InvoiceSummary, ...] = ()


class Invoice(InvoiceSummary, frozen=True):
    """An invoice asked for by its number."""

    customer_id: Id | None = None


class Payment(_Record, frozen=True):
    """A payment in the books."""

    id: Id
    amount: Decimal
    invoice_id: Id | None = None
    invoice_number: Id | None = None
    status: str | None = None
    paid_at: str | None = None

    def __post_init__(self) -> None:
        _check(self.amount)

    @property
    def invoice(self) -> Id:
        """The number of the invoice that it pays."""
        return self.invoice_number or self.invoice_id or Number()


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """As much of a payment as it takes to tell whether it is known; read ten times faster than the whole."""

    id: int | str
    amount: Decimal
    status: str | None = None


class NewPayment(_Record, frozen=True):
    """A payment to be recorded; the amount travels as a JSON number with exactly these digits."""

    invoice_id: str
    amount: Decimal
    payment_method: str
    reference: str

    def __post_init__(self) -> None:
        _check(self.amount)


class Recorded(_Record, frozen=True):
    """The API's word that a payment is in the books."""

    payment_id: Id
    message: str | None = None
