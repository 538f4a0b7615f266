"""The database under the sandbox: one SQLite file that many threads read and write."""

import shutil
import sqlite3
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY_SECONDS = 30

TABLES = """
CREATE TABLE customers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT, phone TEXT, billing_address TEXT, created_at TEXT NOT NULL
);
CREATE TABLE invoices (
    id TEXT NOT NULL, number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id),
    issued_at TEXT NOT NULL, due_at TEXT NOT NULL,
    amount_bani INTEGER NOT NULL, balance_bani INTEGER NOT NULL CHECK (balance_bani >= 0), status TEXT NOT NULL
);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, invoice_id TEXT NOT NULL REFERENCES invoices (number),
    amount_bani INTEGER NOT NULL CHECK (amount_bani > 0), status TEXT NOT NULL, paid_at TEXT NOT NULL,
    method TEXT NOT NULL, reference TEXT
);
CREATE TABLE editions (list TEXT PRIMARY KEY, number INTEGER NOT NULL);
INSERT INTO editions VALUES ('customers', 1), ('payments', 1);
"""

# Built after the seeding, which they would slow down. An edition counts the changes of a list, whoever made them:
# a test that writes with plain SQL changes the ETag too.
INDEXES = """
CREATE UNIQUE INDEX invoice_ids ON invoices (id);
CREATE INDEX invoices_of_customer ON invoices (customer_id);
CREATE INDEX payments_of_invoice ON payments (invoice_id);
"""
EDITION_TRIGGER = """
CREATE TRIGGER {table}_{verb} AFTER {verb} ON {table}
BEGIN UPDATE editions SET number = number + 1 WHERE list = '{table}'; END
"""


class Books:
    """The sandbox's records, open for any number of threads until they are closed."""

    def __init__(self, path: Path | None = None) -> None:
        self._folder = None if path else Path(tempfile.mkdtemp(prefix="billing-sandbox-"))
        self.path = path or Path(f"{self._folder}/books.sqlite")
        self._opened: list[sqlite3.Connection] = []
        self._idle: deque[sqlite3.Connection] = deque()
        self._writer = threading.Lock()

    def prepare(self, seed: Callable[[sqlite3.Connection], None]) -> None:
        """Lay out a new file and fill it, all or nothing; a file laid out before stays as it is."""
        with self.writing() as db:
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                run_all(db, TABLES)
                seed(db)
                run_all(db, INDEXES)
                add_triggers(db)
                db.execute("PRAGMA user_version = 1")

    def query(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Run one statement of the caller's own, for looking at the truth behind the API."""
        with self.reading() as db:
            return [tuple(row) for row in db.execute(sql, params)]

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that nobody else uses meanwhile."""
        db = self._take()
        try:
            yield db
        finally:
            self._idle.append(db)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one moment's state, however long the reading takes."""
        with self.reading() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside a transaction that nobody else can write beside."""
        with self._writer, self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def close(self) -> None:
        """Close every connection, and remove the file if it was a temporary one."""
        while self._opened:
            self._opened.pop().close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._opened.append(db)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        return db


def run_all(db: sqlite3.Connection, statements: str) -> None:
    """Run statements inside the open transaction (`executescript` would commit it first)."""
    for statement in statements.split(";\n"):
        db.execute(statement)


def add_triggers(db: sqlite3.Connection) -> None:
    """Count every change of the two lists that can carry an ETag."""
    for table in ("customers", "payments"):
        for verb in ("INSERT", "UPDATE", "DELETE"):
            db.execute(EDITION_TRIGGER.format(table=table, verb=verb))
