"""The trail, to which rows can only be added; and our payments by billing's id of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXTS = (
    "actor",
    "actor_name",
    "platform",
    "chat",
    "deed",
    "subject",
    "invoice",
    "amount",
    "currency",
    "outcome",
    "note",
)

# REPLACE deletes without a word to triggers, and a number left out would look like a row cut out: hence the third.
_SQLITE = (
    "CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END",
    "CREATE TRIGGER trail_no_delete BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END",
    """
    CREATE TRIGGER trail_in_order BEFORE INSERT ON trail
    WHEN NEW.number IS NOT (SELECT COALESCE(MAX(number), 0) + 1 FROM trail)
    BEGIN SELECT RAISE(ABORT, 'the trail grows at its end'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the trail only grows'; END $$
    """,
    "CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE ON trail FOR EACH ROW EXECUTE FUNCTION trail_only_grows()",
    "CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON trail FOR EACH STATEMENT EXECUTE FUNCTION trail_only_grows()",
)


def upgrade() -> None:
    """Make the table, and forbid what would change it."""
    op.create_table(
        "trail",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("moment", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(160), nullable=False) for name in _TEXTS),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("trail_by_moment", "trail", ["moment"])
    op.create_index("trail_by_actor", "trail", ["actor", "number"])
    op.create_index("trail_by_invoice", "trail", ["invoice", "number"])
    op.create_index("payment_orders_by_payment", "payment_orders", ["payment"])
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
