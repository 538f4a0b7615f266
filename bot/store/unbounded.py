"""What is said to PostgreSQL alone; loaded late, for SQLAlchemy loads its own side of PostgreSQL with it."""

from sqlalchemy import String, text
from sqlalchemy.ext.compiler import compiles

from bot.store.tables import metadata


@compiles(String, "postgresql")
def _unbounded(text: String, _compiler: object, **_more: object) -> str:
    """SQLite bounds no text, so neither may PostgreSQL: what billing says is not lost because it is long."""
    return f'VARCHAR COLLATE "{text.collation}"' if text.collation else "VARCHAR"


for _index in (each for table in metadata.tables.values() for each in table.indexes):
    # An index over some rows only is one on both databases. SQLite has no truth but numbers.
    _some = _index.dialect_options["sqlite"]["where"]
    if _some is not None:
        _index.dialect_options["postgresql"]["where"] = text(str(_some).replace("is_open = 1", "is_open"))
