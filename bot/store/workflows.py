"""The engine on which dbos keeps its workflows: in the same database, and as careful about a power cut."""

from typing import Any

from sqlalchemy import Engine, create_engine, event


def workflow_engine(url: str) -> Engine:
    """A synchronous engine of dbos's own for `sqlite:///path`; whoever takes it disposes of it."""
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
    # Writers take turns from their first word on, instead of finding out at their last that somebody was faster.
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
