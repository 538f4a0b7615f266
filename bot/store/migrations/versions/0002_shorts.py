"""Short ids for commands that don't fit into a button."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "shorts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
    )
