"""The database itself lets the trail only grow. A new one is told so here, an older one was by its migration."""

from sqlalchemy import DDL, event

from bot.store.tables import trail

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

for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        _said = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(trail, "after_create", _said.execute_if(dialect=_dialect))
