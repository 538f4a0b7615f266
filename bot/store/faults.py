"""What can be wrong with the database."""

from bot.settings import SettingsError


class StoreError(SettingsError):
    """The database can't be used; the message says in one line why, and what to do."""
