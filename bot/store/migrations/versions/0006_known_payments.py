"""Which payments are known, with which status, and how far the watch over them has come."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "payment_watch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("complete_at", sa.DateTime),
        sa.Column("mark", sa.LargeBinary),
        sa.Column("failing_since", sa.DateTime),
    )
    op.create_table(
        "known_payments",
        sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("payments", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "known_statuses",
        sa.Column("code", sa.String(8), primary_key=True),
        sa.Column("word", sa.String, nullable=False),
    )
