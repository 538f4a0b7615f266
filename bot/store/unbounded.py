"""Text without bounds on PostgreSQL; loaded late, for SQLAlchemy loads its own side of PostgreSQL with it."""

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles


@compiles(String, "postgresql")
def _unbounded(text: String, _compiler: object, **_more: object) -> str:
    """SQLite bounds no text, so neither may PostgreSQL: what billing says is not lost because it is long."""
    return f'VARCHAR COLLATE "{text.collation}"' if text.collation else "VARCHAR"
