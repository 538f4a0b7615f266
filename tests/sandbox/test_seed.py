import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sandbox import SandboxOptions, ledger
from sandbox.app import open_sandbox
from sandbox.books import Books
from sandbox.shapes import list_in_pieces

TODAY = date(2026, 3, 10)
TABLES = ("customers", "invoices", "payments")
SIZES = [(0, 0), (1, 1), (1, 30), (2, 500), (12, 40), (300, 20), (300, 900)]

RECEIVED = "SELECT coalesce(sum(amount_bani), 0) FROM payments WHERE invoice_id = number AND status = 'confirmed'"
SHOULD_BE = """
    CASE WHEN status = 'cancelled' THEN 'cancelled' WHEN balance_bani = 0 THEN 'paid'
    WHEN balance_bani < amount_bani THEN 'partial' WHEN due_at < '2026-03-10' THEN 'overdue' ELSE 'unpaid' END
"""


@contextmanager
def books_of(options: SandboxOptions) -> Iterator[Books]:
    with closing(open_sandbox(options).books) as books:
        yield books


def everything(options: SandboxOptions) -> list[list[tuple[object, ...]]]:
    with books_of(options) as books:
        return [books.query(f"SELECT * FROM {table}") for table in TABLES]  # noqa: S608


def counts(books: Books) -> tuple[int, ...]:
    return tuple(len(books.query(f"SELECT 1 FROM {table}")) for table in TABLES)  # noqa: S608


@pytest.mark.parametrize(("customers", "payments"), SIZES)
@pytest.mark.parametrize("demo", [False, True])
def test_the_books_add_up(customers: int, payments: int, demo: bool) -> None:  # noqa: FBT001
    with books_of(SandboxOptions(customers=customers, payments=payments, demo=demo, today=TODAY)) as books:
        assert books.query(f"SELECT * FROM invoices WHERE balance_bani + ({RECEIVED}) <> amount_bani") == []  # noqa: S608
        assert books.query(f"SELECT number, status FROM invoices WHERE status <> {SHOULD_BE}") == []  # noqa: S608
        assert books.query("SELECT * FROM invoices WHERE issued_at > due_at OR amount_bani <= 0") == []
        early = "SELECT 1 FROM payments p JOIN invoices i ON i.number = p.invoice_id WHERE p.paid_at < i.issued_at"
        assert books.query(early) == []
        assert books.query("SELECT * FROM payments WHERE paid_at >= '2026-03-10'") == []
        assert (
            books.query(
                "SELECT 1 FROM invoices i JOIN customers c ON c.id = customer_id AND issued_at < date(c.created_at)"
            )
            == []
        )
        assert books.query("PRAGMA foreign_key_check") == []


@pytest.mark.parametrize(("customers", "payments"), SIZES)
def test_there_are_as_many_as_asked_for(customers: int, payments: int) -> None:
    with books_of(SandboxOptions(customers=customers, payments=payments, today=TODAY)) as books:
        made = counts(books)
    assert (made[0], made[2]) == (max(1, customers), max(1, payments))


def test_invoices_are_numbered_within_their_year_without_a_gap() -> None:
    with books_of(SandboxOptions(customers=300, payments=5000, today=TODAY)) as books:
        for year in (2024, 2025, 2026):
            rows = books.query("SELECT number FROM invoices WHERE issued_at LIKE ?", f"{year}-%")
            assert {number for (number,) in rows} == {f"{year}-{place:03}" for place in range(1, len(rows) + 1)}
        assert books.query("SELECT id FROM invoices GROUP BY id HAVING count(*) > 1") == []


def test_the_same_seed_gives_the_same_books_and_another_one_others() -> None:
    options = SandboxOptions(customers=50, payments=200, today=TODAY)
    assert everything(options) == everything(options)
    assert everything(options) != everything(replace(options, seed=7))


def test_customers_are_believable() -> None:
    with books_of(SandboxOptions(customers=500, today=TODAY)) as books:
        rows = books.query("SELECT name, email, phone, billing_address FROM customers WHERE id <> 'CL-001'")
    names, emails, phones, _ = zip(*rows, strict=True)
    text = json.dumps(rows, ensure_ascii=False)
    assert all(letter in text for letter in "ăâîșțȘȚ")
    assert not any(cedilla in text for cedilla in "şţŞŢ")
    assert len(set(names)) > 400
    assert all(email.isascii() and email.endswith(".example.com") for email in map(str, filter(None, emails)))
    assert all(phone.startswith("+40 7") for phone in map(str, filter(None, phones)))
    assert 0 < emails.count(None) < 50


def test_every_word_for_a_status_occurs_and_most_money_has_come_in() -> None:
    with books_of(SandboxOptions(customers=100, payments=600, today=TODAY)) as books:
        invoices = dict(books.query("SELECT status, count(*) FROM invoices GROUP BY status"))
        payments = dict(books.query("SELECT status, count(*) FROM payments GROUP BY status"))
    assert set(invoices) == {"paid", "unpaid", "partial", "overdue", "cancelled"}
    assert set(payments) == {"confirmed", "pending", "failed", "refunded"}
    assert payments["confirmed"] > 500


def test_the_demo_has_the_cases_that_people_meet() -> None:
    with books_of(SandboxOptions(demo=True, today=TODAY)) as books:
        assert counts(books)[::2] == (40, 150)
        premium = "SELECT balance_bani, status FROM invoices WHERE number = '2024-001' AND id = 'INV1'"
        assert books.query(premium) == [(532050, "overdue")]
        assert books.query("SELECT * FROM payments WHERE id = 15 OR invoice_id = '2024-001'") == []
        assert books.query("SELECT id FROM customers WHERE name = ?", "O'Brien <b>& Sons_*[SRL]") == [("CL-002",)]
        assert books.query("SELECT 1 FROM customers WHERE length(name) > 150")
        assert books.query("SELECT 1 FROM customers WHERE coalesce(email, phone, billing_address) IS NULL")
        assert books.query("SELECT 1 FROM customers WHERE id NOT IN (SELECT customer_id FROM invoices)")
        statuses = {status for (status,) in books.query("SELECT DISTINCT status FROM invoices")}
        assert statuses == {"paid", "unpaid", "partial", "overdue", "cancelled"}
        assert books.query("SELECT 1 FROM payments WHERE status = 'pending'")


def test_before_its_due_date_the_demos_invoice_is_merely_unpaid() -> None:
    with books_of(SandboxOptions(demo=True, today=date(2024, 3, 5))) as books:
        assert books.query("SELECT status FROM invoices WHERE number = '2024-001'") == [("unpaid",)]


def test_a_large_business_opens() -> None:
    with books_of(SandboxOptions(customers=11_000, payments=15_000, today=TODAY)) as books:
        assert counts(books)[::2] == (11_000, 15_000)


def test_a_long_list_is_written_without_holding_it() -> None:
    with books_of(SandboxOptions(payments=12_000, today=TODAY)) as books:
        tracemalloc.start()
        size = sum(len(piece) for piece in list_in_pieces(ledger.payments(books), extra_fields=False))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size > 1_500_000
    assert peak < 700_000


def test_a_list_shows_one_moment_though_others_write_meanwhile() -> None:
    with books_of(SandboxOptions(payments=3000, today=TODAY)) as books:
        pieces = list_in_pieces(ledger.payments(books), extra_fields=False)
        first = next(pieces)
        books.query("DELETE FROM payments")
        assert len(json.loads(first + b"".join(pieces))["data"]) == 3000
        assert list(ledger.payments(books)) == []


def test_a_file_keeps_what_was_written_and_is_not_seeded_again(tmp_path: Path) -> None:
    options = SandboxOptions(database=tmp_path / "billing.sqlite", today=TODAY)
    with books_of(options) as books:
        books.query("DELETE FROM payments WHERE id <> 15")
    with books_of(replace(options, payments=500)) as books:
        assert books.query("SELECT id FROM payments") == [(15,)]


def test_in_an_old_file_time_has_gone_on(tmp_path: Path) -> None:
    options = SandboxOptions(database=tmp_path / "billing.sqlite", demo=True, today=TODAY)
    with books_of(options) as books:
        assert books.query("SELECT 1 FROM invoices WHERE status = 'unpaid'")
    with books_of(replace(options, today=date(2027, 1, 1))) as books:
        assert books.query("SELECT 1 FROM invoices WHERE status = 'unpaid'") == []


def test_a_temporary_file_is_gone_after_the_end() -> None:
    with books_of(SandboxOptions()) as books:
        assert books.path.exists()
    assert not books.path.parent.exists()


def test_books_that_could_not_be_opened_leave_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is no database, and it is long enough for SQLite to notice that it is not one." * 20)
    with pytest.raises(sqlite3.DatabaseError):
        open_sandbox(SandboxOptions(database=path))
    assert path.read_text().startswith("This is no database")


def test_a_seeding_that_fails_leaves_an_empty_file_to_try_again_with(tmp_path: Path) -> None:
    def stumble(_db: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    path = tmp_path / "billing.sqlite"
    with closing(Books(path)) as books, pytest.raises(ZeroDivisionError):
        books.prepare(stumble)
    with books_of(SandboxOptions(database=path)) as books:
        assert counts(books)[::2] == (12, 40)
