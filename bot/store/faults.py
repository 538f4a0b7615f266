"""What can be wrong with the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.settings import SettingsError


class StoreError(SettingsError):
    """The database can't be used; the message says in one line why, and what to do."""


@contextmanager
def told_apart() -> Iterator[None]:
    """A database that is locked or away is `StoreError`: worth another try, and no bug."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(type(error).__name__) from error
