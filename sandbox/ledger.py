"""The contract's questions, asked of the books in SQL."""

import sqlite3
from collections.abc import Generator
from datetime import date, datetime

from sandbox.books import Books
from sandbox.orders import PaymentOrder
from sandbox.refusals import Refused, unknown_customer, unknown_invoice

Record = dict[str, object]

CONTACT = "id, name, email, phone, billing_address"
AMOUNT = "printf('%d.%02d', amount_bani / 100, amount_bani % 100) AS amount"
BALANCE = "printf('%d.%02d', balance_bani / 100, balance_bani % 100) AS balance"
INVOICE = f"number AS id, customer_id, number, issued_at, due_at, {AMOUNT}, {BALANCE}, status"
SUMMARY = f"id, number, issued_at, {AMOUNT}, status"
SUMMARY_WITH_BALANCE = f"id, number, issued_at, due_at, {AMOUNT}, {BALANCE}, status"
PAYMENT = f"id, invoice_id, {AMOUNT}, status, paid_at, invoice_id AS invoice_number"

# The contract promises no order. Ids taken by their remainder come in one that nobody could lean on, and still
# straight from the table, without sorting a million rows first.
REMAINDERS = (2, 0, 1)


def edition(books: Books, name: str) -> int:
    """Tell how often the list called `name` has changed."""
    with books.reading() as db:
        row = db.execute("SELECT number FROM editions WHERE list = ?", (name,)).fetchone()
        return int(row["number"])


def customers(books: Books) -> Generator[Record]:
    """Give every customer, as the list has them."""
    return _scattered(books, f"SELECT {CONTACT}, created_at FROM customers")  # noqa: S608


def payments(books: Books, order: str | None = None) -> Generator[Record]:
    """Give every payment, one at a time, as they were at one moment; in an order, or scattered."""
    select = f"SELECT {PAYMENT} FROM payments"  # noqa: S608
    return _ordered(books, select, order) if order else _scattered(books, select)


def customer(books: Books, customer_id: str) -> Record:
    """Give one customer, without its invoices."""
    with books.reading() as db:
        row = db.execute(f"SELECT {CONTACT} FROM customers WHERE id = ?", (customer_id,)).fetchone()  # noqa: S608
    if row is None:
        raise unknown_customer(customer_id)
    return dict(row)


def invoices_of(books: Books, customer_id: str, *, with_balance: bool) -> list[Record]:
    """Give the invoices of one customer, in short."""
    columns = SUMMARY_WITH_BALANCE if with_balance else SUMMARY
    with books.reading() as db:
        rows = db.execute(f"SELECT {columns} FROM invoices WHERE customer_id = ?", (customer_id,))  # noqa: S608
        return [dict(row) for row in rows]


def invoice(books: Books, number: str) -> Record:
    """Give one invoice; its number is its only name here."""
    with books.reading() as db:
        row = db.execute(f"SELECT {INVOICE} FROM invoices WHERE number = ?", (number,)).fetchone()  # noqa: S608
    if row is None:
        raise unknown_invoice(number)
    return dict(row)


def record(books: Books, order: PaymentOrder, paid_at: datetime, *, reject_overpayment: bool) -> int:
    """Write a confirmed payment and what it does to its invoice, together; give the payment's id."""
    with books.writing() as db:
        _check_invoice(db, order, reject_overpayment=reject_overpayment)
        payment_id = insert_payment(db, order, "confirmed", paid_at)
        settle(db, order.invoice, order.bani)
        return payment_id


def insert_payment(db: sqlite3.Connection, order: PaymentOrder, status: str, paid_at: datetime) -> int:
    """Write a payment, leaving its invoice alone; give its id."""
    cursor = db.execute(
        "INSERT INTO payments (invoice_id, amount_bani, status, paid_at, method, reference)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (order.invoice, order.bani, status, f"{paid_at:%Y-%m-%d %H:%M:%S}", order.method, order.reference),
    )
    return int(cursor.fetchone()["id"])


def settle(db: sqlite3.Connection, number: str, bani: int) -> None:
    """Take received money off an invoice; a balance stops at zero."""
    db.execute(
        "UPDATE invoices SET balance_bani = max(balance_bani - :bani, 0),"
        " status = CASE WHEN balance_bani <= :bani THEN 'paid' ELSE 'partial' END WHERE number = :number",
        {"bani": bani, "number": number},
    )


def mark_overdue(books: Books, today: date) -> None:
    """Let the invoices fall due that nobody paid in time."""
    with books.writing() as db:
        db.execute(
            "UPDATE invoices SET status = 'overdue' WHERE status = 'unpaid' AND due_at < ?", (today.isoformat(),)
        )


def _scattered(books: Books, select: str) -> Generator[Record]:
    with books.snapshot() as db:
        for remainder in REMAINDERS:
            for row in db.execute(f"{select} WHERE rowid % 3 = ? ORDER BY rowid DESC", (remainder,)):
                yield dict(row)


def _ordered(books: Books, select: str, order: str) -> Generator[Record]:
    with books.snapshot() as db:
        for row in db.execute(f"{select} ORDER BY {order}"):
            yield dict(row)


def _check_invoice(db: sqlite3.Connection, order: PaymentOrder, *, reject_overpayment: bool) -> None:
    columns = f"balance_bani, status, {BALANCE}"
    row = db.execute(f"SELECT {columns} FROM invoices WHERE number = ?", (order.invoice,)).fetchone()  # noqa: S608
    if row is None:
        raise unknown_invoice(order.invoice)
    if row["status"] == "cancelled":
        raise Refused(422, f"Factura {order.invoice} este anulată.")
    if reject_overpayment and order.bani > row["balance_bani"]:
        raise Refused(422, f"Suma depășește soldul facturii {order.invoice} ({row['balance']}).")
