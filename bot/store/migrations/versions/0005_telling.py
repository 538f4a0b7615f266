"""What is still to be told is found without looking through all that ever was."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the payment orders by when they were told."""
    op.create_index("payment_orders_by_telling", "payment_orders", ["told_at", "settled_at"])
