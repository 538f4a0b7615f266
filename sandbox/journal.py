"""Writing many customers, invoices and payments into new books, with their numbers."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from sandbox.people import Contact

# The contract's own payment, kept free in books that don't start with it.
CONTRACT_PAYMENT = 15

BATCH = 10_000


class Issue(NamedTuple):
    """An invoice to be written: to whom, when and how much."""

    customer_id: str
    issued: date
    due: date
    bani: int
    cancelled: bool = False


class Receipt(NamedTuple):
    """A payment to be written under its invoice."""

    bani: int
    paid_at: str
    status: str = "confirmed"
    method: str = "card"
    reference: str | None = None
    id: int | None = None
    """None is the next free one."""


@dataclass
class Journal:
    """New books being written: it numbers, adds up and keeps statuses consistent."""

    db: sqlite3.Connection
    today: date
    customers: list[tuple[object, ...]] = field(default_factory=list)
    invoices: list[tuple[object, ...]] = field(default_factory=list)
    payments: list[tuple[object, ...]] = field(default_factory=list)
    numbers: Counter[int] = field(default_factory=Counter)
    invoice_ids: Iterator[int] = field(default_factory=lambda: count(1))
    payment_ids: Iterator[int] = field(
        default_factory=lambda: (number for number in count(1) if number != CONTRACT_PAYMENT)
    )

    def add_customer(self, customer_id: str, contact: Contact, created_at: str) -> None:
        """Write a customer."""
        self.customers.append((customer_id, *contact, created_at))

    def add_invoice(self, issue: Issue, receipts: Sequence[Receipt] = ()) -> str:
        """Write an invoice and its payments; give the number, the next of its year."""
        number = self._next_number(issue.issued.year)
        balance = issue.bani - sum([receipt.bani for receipt in receipts if receipt.status == "confirmed"])
        self.invoices.append((
            f"INV{next(self.invoice_ids)}", number, issue.customer_id, issue.issued.isoformat(), issue.due.isoformat(),
            issue.bani, balance, status_of(issue, balance, self.today),
        ))  # fmt: skip
        self.payments += [self._payment(number, receipt) for receipt in receipts]
        if len(self.invoices) >= BATCH:
            self.flush()
        return number

    def flush(self) -> None:
        """Put what has gathered into the database."""
        self.db.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", self.customers)
        self.db.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.invoices)
        self.db.executemany("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)", self.payments)
        for rows in (self.customers, self.invoices, self.payments):
            rows.clear()

    def day(self, days_ago: int) -> date:
        """Count back from the day that the books are written on."""
        return self.today - timedelta(days_ago)

    def _next_number(self, year: int) -> str:
        self.numbers[year] += 1
        return f"{year}-{self.numbers[year]:03}"

    def _payment(self, number: str, receipt: Receipt) -> tuple[object, ...]:
        payment_id = receipt.id or next(self.payment_ids)
        return payment_id, number, receipt.bani, receipt.status, receipt.paid_at, receipt.method, receipt.reference


def status_of(issue: Issue, balance: int, today: date) -> str:
    """Say in the contract's words how an invoice stands."""
    if issue.cancelled:
        return "cancelled"
    if balance <= 0:
        return "paid"
    if balance < issue.bani:
        return "partial"
    return "overdue" if issue.due < today else "unpaid"
