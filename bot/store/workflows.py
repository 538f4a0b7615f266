"""The engine on which dbos keeps its workflows: in the same database, and as careful about a power cut."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

# A server whose machine is gone answers nothing, not even "no".
# https://www.postgresql.org/docs/current/libpq-connect.html
_CONNECTING = {
    "application_name": "casier-workflows",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_POOL = 8


def workflow_engine(url: str) -> Engine:
    """A synchronous engine of dbos's own for `sqlite:///path` or `postgresql://…`; whoever takes it disposes of it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        return engine
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args=_CONNECTING,
        pool_pre_ping=True,
        pool_size=_POOL,
        max_overflow=0,
    )


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
    # Writers take turns from their first word on, instead of finding out at their last that somebody was faster.
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
