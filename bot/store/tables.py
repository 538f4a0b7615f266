"""The tables. A change here needs a migration; a test compares the two."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)
from sqlalchemy.schema import Column


class Money(TypeDecorator[Decimal]):
    """An amount, digit by digit: SQLite's own numbers are floating."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - its interface
        """Write it as text."""
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read it back with the same digits."""
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Bring it to UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that it is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

_UNDER_WAY = text("state IN ('awaiting', 'held', 'sending', 'looking')")

payment_orders = Table(
    "payment_orders",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("invoice", String(64), nullable=False),
    Column("customer", String(64)),
    Column("customer_name", String),
    Column("amount", Money, nullable=False),
    Column("balance", Money),
    Column("currency", String(3), nullable=False),
    Column("method", String(64), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("doubts", String, nullable=False, server_default="[]"),
    Column("sender", String(128), nullable=False),
    Column("sender_name", String, nullable=False),
    Column("chat", String(160)),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("send_at", Moment),
    Column("sent_at", Moment),
    Column("settled_at", Moment),
    Column("told_at", Moment),
    Column("payment", String(64)),
    Column("words", String),
    Column("left", Money),
    Column("baseline", String, nullable=False, server_default="[]"),
    Column("decider", String(128)),
    Column("decider_name", String),
    Column("decided_at", Moment),
    Column("reason", String),
    Column("settler", String(128)),
    Column("settler_name", String),
    Index("payment_orders_by_state", "state", "expires_at"),
    Index("payment_orders_by_invoice", "invoice", "state"),
    Index("payment_orders_by_reference", "reference"),
    Index("payment_orders_by_payment", "payment"),
    Index("payment_orders_by_telling", "told_at", "settled_at"),
    Index(
        "payment_orders_one_under_way",
        "invoice",
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    ),
)

cards = Table(
    "cards",
    metadata,
    Column("subject", String(16), primary_key=True),
    Column("platform", String(16), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("message", String(64), primary_key=True),
    Column("thread", String(64)),
    Column("kind", String(8), nullable=False),
    Column("shown", String(16), nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("sender", String(128), primary_key=True),
    Column("chat", String(160), primary_key=True),
    Column("command", String, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

shorts = Table(
    "shorts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("command", String, nullable=False),
    Column("used_at", Moment, nullable=False),
)

trail = Table(
    "trail",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("moment", String(32), nullable=False),
    Column("actor", String(160), nullable=False),
    Column("actor_name", String(160), nullable=False),
    Column("platform", String(160), nullable=False),
    Column("chat", String(160), nullable=False),
    Column("deed", String(160), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("invoice", String(160), nullable=False),
    Column("amount", String(160), nullable=False),
    Column("currency", String(160), nullable=False),
    Column("outcome", String(160), nullable=False),
    Column("note", String(160), nullable=False),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("trail_by_moment", "moment"),
    Index("trail_by_actor", "actor", "number"),
    Index("trail_by_invoice", "invoice", "number"),
)

payment_watch = Table(
    "payment_watch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("complete_at", Moment),
    Column("mark", LargeBinary),
    Column("failing_since", Moment),
)

known_payments = Table(
    "known_payments",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("payments", LargeBinary, nullable=False),
)

known_statuses = Table(
    "known_statuses",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("word", String, nullable=False),
)

audiences = Table(
    "audiences",
    metadata,
    Column("place", String(160), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("thread", String(64)),
    Column("kind", String(8), nullable=False),
    Column("muted_until", Moment),
    Column("paused_at", Moment),
    Column("told_at", Moment),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("place", String(160), nullable=False),
    Column("least", Money),
    Column("most", Money),
    Column("customer", String(64)),
    Column("invoice", String(64)),
    Column("status", String),
    Column("quiet", String(16)),
    Column("style", String(16), nullable=False),
    Column("origin", String(160)),
    Column("setter", String(128)),
    Column("setter_name", String),
    Column("set_at", Moment, nullable=False),
    Index("subscriptions_by_place", "place"),
)

payment_events = Table(
    "payment_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("payment", String(64), nullable=False),
    Column("invoice", String(64), nullable=False),
    Column("amount", Money, nullable=False),
    Column("status", String),
    Column("before", String),
    Column("is_new", Boolean, nullable=False),
    Column("paid_at", String),
    Column("seen_at", Moment, nullable=False),
    Index("payment_events_by_payment", "payment"),
    Index("payment_events_by_moment", "seen_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("event", Integer, primary_key=True, autoincrement=False),
    Column("place", String(160), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("held", String(16)),
    Column("attempts", Integer, nullable=False),
    Column("told_at", Moment),
    Column("message", String(64)),
    Index("deliveries_by_state", "state", "place", "event"),
    Index("deliveries_by_place", "place", "event"),
)
