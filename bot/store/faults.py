"""What can be wrong with the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.settings import SettingsError
from bot.words import _


class StoreError(SettingsError):
    """The database can't be used. The message says in one line why and what to do; `why` and `remedy` say each."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(_("{why}: {remedy}.").format(why=why, remedy=remedy) if remedy else why)
        self.why = why
        self.remedy = remedy


@contextmanager
def told_apart() -> Iterator[None]:
    """A database that is locked or away is `StoreError`: worth another try, and no bug."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(type(error).__name__) from error
