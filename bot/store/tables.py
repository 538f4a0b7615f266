"""The tables. A change here needs a migration; a test compares the two."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
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


_DECIMALS = 4
_LARGEST = 2**63 - 1


class Units(TypeDecorator[Decimal]):
    """An amount in ten-thousandths, exact and as a whole number: so the database itself can add up and compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - its interface
        """Write it as ten-thousandths; `ValueError` for what `fits` says no to."""
        if value is None:
            return None
        if not self.fits(value):
            raise ValueError("finer than ten-thousandths, or too large")
        return int(value.scaleb(_DECIMALS))

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read it back, with two decimals at least; a sum of PostgreSQL's comes as `Decimal`."""
        if value is None:
            return None
        amount = Decimal(value).scaleb(-_DECIMALS)
        cents = amount.quantize(Decimal("0.01"))
        return cents if cents == amount else amount.normalize()

    @staticmethod
    def fits(amount: Decimal) -> bool:
        """Whether this can be written without losing anything."""
        scaled = amount.scaleb(_DECIMALS)
        return scaled == scaled.to_integral_value() and abs(scaled) <= _LARGEST


# What is searched by its beginning: PostgreSQL's own order of letters would not let an index find that.
Spelled = String().with_variant(String(collation="C"), "postgresql")

metadata = MetaData()

# On PostgreSQL, too (unbounded.py): to say it here would load SQLAlchemy's side of PostgreSQL, megabytes for nothing.
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

indexed_customers = Table(
    "indexed_customers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String),
    Column("email", String),
    Column("phone", String),
    Column("address", String),
    Column("created_at", String),
    Column("listed", String(32), nullable=False),
    Column("etag", String),
    Column("seen_at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("wanted_at", Moment),
    Column("taken_at", Moment),
    Index("indexed_customers_by_want", "wanted_at"),
    Index("indexed_customers_by_reading", "read_at"),
)

indexed_invoices = Table(
    "indexed_invoices",
    metadata,
    Column("number", String, primary_key=True),
    Column("customer", String, nullable=False),
    Column("own_id", String),
    Column("issued_at", String),
    Column("due_at", String),
    Column("amount", Units, nullable=False),
    Column("balance", Units),
    Column("status", String),
    Column("is_open", Boolean, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("folded", Spelled, nullable=False),
    Column("backwards", Spelled, nullable=False),
    Column("groups", Spelled, nullable=False),
    Column("own_folded", Spelled),
    Index("indexed_invoices_by_customer", "customer", "issued_at"),
    Index("indexed_invoices_by_day", "issued_at"),
    Index("indexed_invoices_by_amount", "amount"),
    Index("indexed_invoices_by_status", "status", "issued_at"),
    Index(
        "indexed_invoices_open",
        "due_at",
        "customer",
        "amount",
        "balance",
        sqlite_where=text("is_open = 1"),
    ),
    Index(
        "indexed_invoices_untold",
        "read_at",
        sqlite_where=text("is_open = 1 AND told_at IS NULL"),
    ),
    Index("indexed_invoices_folded", "folded"),
    Index("indexed_invoices_backwards", "backwards"),
    Index("indexed_invoices_groups", "groups"),
    Index("indexed_invoices_own", "own_folded"),
)

customer_words = Table(
    "customer_words",
    metadata,
    Column("word", Spelled, primary_key=True),
    Column("customer", String, primary_key=True),
    Index("customer_words_by_customer", "customer"),
    sqlite_with_rowid=False,
)

word_pieces = Table(
    "word_pieces",
    metadata,
    Column("piece", Spelled, primary_key=True),
    Column("word", Spelled, primary_key=True),
    sqlite_with_rowid=False,
)

directory_watch = Table(
    "directory_watch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("etag", String),
    Column("listed_at", Moment),
)

people = Table(
    "people",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("role", String(16)),
    Column("granter", String(128)),
    Column("granter_name", String),
    Column("granted_at", Moment),
)

identities = Table(
    "identities",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("person", String(16), nullable=False),
    Column("name", String, nullable=False),
    Column("joined_at", Moment, nullable=False),
    Index("identities_by_person", "person"),
)

group_roles = Table(
    "group_roles",
    metadata,
    Column("place", String(160), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("granter", String(128), nullable=False),
    Column("granter_name", String, nullable=False),
    Column("granted_at", Moment, nullable=False),
)

access_watch = Table(
    "access_watch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("edition", Integer, nullable=False),
)

_OPEN = text("state = 'open'")

access_requests = Table(
    "access_requests",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("key", String(128), nullable=False),
    Column("name", String, nullable=False),
    Column("chat", String(160), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("role", String(16)),
    Column("decider", String(128)),
    Column("decider_name", String),
    Column("decided_at", Moment),
    Index("access_requests_one_open", "key", unique=True, sqlite_where=_OPEN),
    Index("access_requests_by_moment", "key", "asked_at"),
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("key", String(128), nullable=False),
    Column("name", String, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("inviter", String(128), nullable=False),
    Column("inviter_name", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("guest", String(128)),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)
