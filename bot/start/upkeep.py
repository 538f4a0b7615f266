"""Looking after the database: migrating it, and copying it."""

from pathlib import Path

from bot.logs import set_up_logs
from bot.settings import read_store_settings
from bot.store import Backup, Migrated, back_up, migrate_store


async def migrated(role: str | None) -> Migrated:
    """Bring the database up to date, and let a role use it."""
    return await migrate_store(_database_url(), role)


async def backed_up(target: Path, *, force: bool) -> Backup:
    """Copy the database."""
    return await back_up(_database_url(), target, force=force)


def _database_url() -> str:
    settings = read_store_settings()
    set_up_logs("WARNING", "console", settings.secrets)
    return settings.database_url
