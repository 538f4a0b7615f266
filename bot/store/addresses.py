"""DATABASE_URL as it may be written, and as it may be shown: without a password, wherever one stands."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store.faults import StoreError
from bot.words import _

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
# libpq takes passwords behind the question mark, too: https://www.postgresql.org/docs/current/libpq-connect.html
_SECRETS = ("password", "sslpassword")
# insufficient_privilege: https://www.postgresql.org/docs/current/errcodes-appendix.html
_FORBIDDEN = "42501"


def read_address(url: str) -> URL:
    """`sqlite:///path` or `postgresql://user:password@host/database`, with the driver that it is used with."""
    try:
        address = make_url(url)
        driver = _DRIVERS[address.drivername]
    except (ArgumentError, KeyError, ValueError):
        # What these errors say may hold a password.
        raise _misread() from None
    if driver == _DRIVERS["sqlite"] and (address.host or not address.database):
        raise _misread()
    return address.set(drivername=driver)


def _misread() -> StoreError:
    words = _("DATABASE_URL must be sqlite:/// and a path, or postgresql://user:password@host/database")
    return StoreError(words)


def is_file(address: URL) -> bool:
    """Whether this is an SQLite file."""
    return address.drivername == _DRIVERS["sqlite"]


def file_of(url: str) -> tuple[Path, ...]:
    """The file that DATABASE_URL means; none where it is a server's, or can't be read."""
    try:
        address = read_address(url)
    except StoreError:
        return ()
    return (Path(address.database or ""),) if is_file(address) else ()


def shown(address: URL) -> str:
    """An address as people may see it."""
    bare = address.difference_update_query(_SECRETS).set(drivername=address.get_backend_name())
    return bare.render_as_string(hide_password=True)


def shown_url(url: str) -> str:
    """The same of what DATABASE_URL says; an address that can't be read is not shown at all."""
    try:
        return shown(read_address(url))
    except StoreError:
        return "DATABASE_URL"


def unusable(address: URL, error: Exception) -> StoreError:
    """Why a database can't be used, in one line that holds no password."""
    cause = getattr(error, "orig", None) or error
    why = _without_passwords(address, _said(cause))
    place = address.database if is_file(address) else shown(address)
    if getattr(cause, "sqlstate", None) == _FORBIDDEN:
        words = _("The database {path} forbids it ({why})")
        remedy = _("run casier migrate with a DATABASE_URL that may make tables, and with --grant for this role")
    else:
        words, remedy = _("The database {path} can't be used ({why})"), _remedy(address)
    return StoreError(words.format(path=place, why=why), remedy)


def _remedy(address: URL) -> str:
    if is_file(address):
        return _("check DATABASE_URL, and that its folder is there and lets us write")
    return _("check DATABASE_URL, and that its server is there and lets us in")


def _said(cause: BaseException) -> str:
    """What a driver says, in one line; a server's own words without the statement that it shows below them."""
    words = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
    return " ".join(words.split())


def _without_passwords(address: URL, words: str) -> str:
    for secret in (address.password, *(address.query.get(name) for name in _SECRETS)):
        words = words.replace(str(secret), "***") if secret else words
    return words
