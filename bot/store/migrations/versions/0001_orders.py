"""Payment orders, the cards that show them, and open questions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    _payment_orders()
    op.create_table(
        "cards",
        sa.Column("subject", sa.String(16), primary_key=True),
        sa.Column("platform", sa.String(16), primary_key=True),
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column("message", sa.String(64), primary_key=True),
        sa.Column("thread", sa.String(64)),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("shown", sa.String(16), nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("sender", sa.String(128), primary_key=True),
        sa.Column("chat", sa.String(160), primary_key=True),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )


def _payment_orders() -> None:
    op.create_table(
        "payment_orders",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("invoice", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(64)),
        sa.Column("customer_name", sa.String()),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("balance", sa.String(40)),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("oddities", sa.String(), nullable=False),
        sa.Column("sender", sa.String(128), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime()),
        sa.Column("settled_at", sa.DateTime()),
        sa.Column("told_at", sa.DateTime()),
        sa.Column("payment", sa.String(64)),
        sa.Column("words", sa.String()),
        sa.Column("left", sa.String(40)),
    )
    op.create_index("payment_orders_by_state", "payment_orders", ["state", "expires_at"])
    op.create_index("payment_orders_by_invoice", "payment_orders", ["invoice", "state"])
