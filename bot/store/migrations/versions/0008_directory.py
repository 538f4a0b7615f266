"""The index of customers and invoices, with what it takes to search it, and how far it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SPELLED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; the first round fills them."""
    _customers()
    _invoices()
    op.create_table(
        "customer_words",
        sa.Column("word", _SPELLED, primary_key=True),
        sa.Column("customer", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("customer_words_by_customer", "customer_words", ["customer"])
    op.create_table(
        "word_pieces",
        sa.Column("piece", _SPELLED, primary_key=True),
        sa.Column("word", _SPELLED, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "directory_watch",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("etag", sa.String()),
        sa.Column("listed_at", sa.DateTime()),
    )


def _customers() -> None:
    op.create_table(
        "indexed_customers",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("phone", sa.String()),
        sa.Column("address", sa.String()),
        sa.Column("created_at", sa.String()),
        sa.Column("listed", sa.String(32), nullable=False),
        sa.Column("etag", sa.String()),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime()),
        sa.Column("wanted_at", sa.DateTime()),
        sa.Column("taken_at", sa.DateTime()),
    )
    op.create_index("indexed_customers_by_want", "indexed_customers", ["wanted_at"])
    op.create_index("indexed_customers_by_reading", "indexed_customers", ["read_at"])


def _invoices() -> None:
    op.create_table(
        "indexed_invoices",
        sa.Column("number", sa.String(), primary_key=True),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("own_id", sa.String()),
        sa.Column("issued_at", sa.String()),
        sa.Column("due_at", sa.String()),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger()),
        sa.Column("status", sa.String()),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime()),
        sa.Column("folded", _SPELLED, nullable=False),
        sa.Column("backwards", _SPELLED, nullable=False),
        sa.Column("groups", _SPELLED, nullable=False),
        sa.Column("own_folded", _SPELLED),
    )
    op.create_index(
        "indexed_invoices_open",
        "indexed_invoices",
        ["due_at", "customer", "amount", "balance"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "indexed_invoices_untold",
        "indexed_invoices",
        ["read_at"],
        sqlite_where=sa.text("is_open = 1 AND told_at IS NULL"),
        postgresql_where=sa.text("is_open AND told_at IS NULL"),
    )
    for name, columns in (
        ("by_customer", ["customer", "issued_at"]),
        ("by_day", ["issued_at"]),
        ("by_amount", ["amount"]),
        ("by_status", ["status", "issued_at"]),
        ("folded", ["folded"]),
        ("backwards", ["backwards"]),
        ("groups", ["groups"]),
        ("own", ["own_folded"]),
    ):
        op.create_index(f"indexed_invoices_{name}", "indexed_invoices", columns)
