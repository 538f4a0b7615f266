"""The whole life of a payment: held, approved, settled by a person; one under way per invoice."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the payment orders."""
    op.drop_column("payment_orders", "oddities")
    op.add_column("payment_orders", sa.Column("doubts", sa.String(), nullable=False, server_default="[]"))
    op.add_column("payment_orders", sa.Column("baseline", sa.String(), nullable=False, server_default="[]"))
    for name in ("confirmed_at", "send_at", "decided_at"):
        op.add_column("payment_orders", sa.Column(name, sa.DateTime()))
    for name in ("decider", "settler"):
        op.add_column("payment_orders", sa.Column(name, sa.String(128)))
    for name in ("decider_name", "settler_name", "reason"):
        op.add_column("payment_orders", sa.Column(name, sa.String()))
    op.add_column("payment_orders", sa.Column("chat", sa.String(160)))
    under_way = sa.text("state IN ('awaiting', 'held', 'sending', 'looking')")
    op.create_index(
        "payment_orders_one_under_way",
        "payment_orders",
        ["invoice"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_index("payment_orders_by_reference", "payment_orders", ["reference"])
