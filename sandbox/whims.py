"""What a list of payments may do from one moment to the next: the contract promises nothing against it."""

from sandbox.books import Books

# Rows that are away keep every column, so that they come back as they were.
AWAY = "CREATE TABLE IF NOT EXISTS away AS SELECT * FROM payments WHERE 0"


class Whims:
    """Payments that change, vanish and come back, whatever the order that they are listed in."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def restate(self, payment: int, status: str) -> None:
        """Let a payment have another status; its invoice stays as it is."""
        with self._books.writing() as db:
            db.execute("UPDATE payments SET status = ? WHERE id = ?", (status, payment))

    def vanish(self, payment: int) -> None:
        """Let the list forget a payment for a while."""
        with self._books.writing() as db:
            db.execute(AWAY)
            db.execute("INSERT INTO away SELECT * FROM payments WHERE id = ?", (payment,))
            db.execute("DELETE FROM payments WHERE id = ?", (payment,))

    def come_back(self, payment: int) -> None:
        """Let it be listed again, as it was."""
        with self._books.writing() as db:
            db.execute(AWAY)
            db.execute("INSERT INTO payments SELECT * FROM away WHERE id = ?", (payment,))
            db.execute("DELETE FROM away WHERE id = ?", (payment,))
