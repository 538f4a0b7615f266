"""Who hears of payments, what there is to tell, and what was told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of subscriptions and of what is told."""
    _listeners()
    op.create_table(
        "payment_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("payment", sa.String(64), nullable=False),
        sa.Column("invoice", sa.String(64), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("status", sa.String()),
        sa.Column("before", sa.String()),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("paid_at", sa.String()),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )
    op.create_index("payment_events_by_payment", "payment_events", ["payment"])
    op.create_index("payment_events_by_moment", "payment_events", ["seen_at"])
    op.create_table(
        "deliveries",
        sa.Column("event", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("place", sa.String(160), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("held", sa.String(16)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime()),
        sa.Column("message", sa.String(64)),
    )
    op.create_index("deliveries_by_state", "deliveries", ["state", "place", "event"])
    op.create_index("deliveries_by_place", "deliveries", ["place", "event"])


def _listeners() -> None:
    op.create_table(
        "audiences",
        sa.Column("place", sa.String(160), primary_key=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("thread", sa.String(64)),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("muted_until", sa.DateTime()),
        sa.Column("paused_at", sa.DateTime()),
        sa.Column("told_at", sa.DateTime()),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("least", sa.String(40)),
        sa.Column("most", sa.String(40)),
        sa.Column("customer", sa.String(64)),
        sa.Column("invoice", sa.String(64)),
        sa.Column("status", sa.String()),
        sa.Column("quiet", sa.String(16)),
        sa.Column("style", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(160)),
        sa.Column("setter", sa.String(128)),
        sa.Column("setter_name", sa.String()),
        sa.Column("set_at", sa.DateTime(), nullable=False),
    )
    op.create_index("subscriptions_by_place", "subscriptions", ["place"])
