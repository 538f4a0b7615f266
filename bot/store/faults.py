"""What can be wrong with the database."""


class StoreError(Exception):
    """The database can't be used; the message says in one line why, and what to do."""
