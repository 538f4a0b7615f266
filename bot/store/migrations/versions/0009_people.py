"""Who may do what, as it is decided in the chat; who asks to be let in, and who is invited."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of people, of what they ask for, and of invitations."""
    _people()
    op.create_table(
        "access_requests",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("chat", sa.String(160), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16)),
        sa.Column("decider", sa.String(128)),
        sa.Column("decider_name", sa.String()),
        sa.Column("decided_at", sa.DateTime()),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "access_requests_one_open",
        "access_requests",
        ["key"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("access_requests_by_moment", "access_requests", ["key", "asked_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("secret", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("inviter", sa.String(128), nullable=False),
        sa.Column("inviter_name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("guest", sa.String(128)),
        sa.Column("used_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("role", sa.String(16)),
        sa.Column("granter", sa.String(128)),
        sa.Column("granter_name", sa.String()),
        sa.Column("granted_at", sa.DateTime()),
    )
    op.create_table(
        "identities",
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("person", sa.String(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(), nullable=False),
    )
    op.create_index("identities_by_person", "identities", ["person"])
    op.create_table(
        "group_roles",
        sa.Column("place", sa.String(160), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("granter", sa.String(128), nullable=False),
        sa.Column("granter_name", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "access_watch",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("edition", sa.Integer(), nullable=False),
    )
