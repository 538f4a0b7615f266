"""Days and moments as billing writes them, and as people read them."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

_DAY_ALONE = len("2024-03-01")


def read_day(text: str | None) -> date | None:
    """`2024-03-01`, or the day of a moment; None where it is missing or not a day."""
    moment = read_moment(text)
    return moment.date() if moment else None


def read_moment(text: str | None) -> datetime | None:
    """`2024-03-02 12:41:00`, as written; None where it is missing or not a moment."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def show_day(text: str | None, zone: ZoneInfo, locale: str) -> str:
    """A day of billing's in the reader's manner; what can't be read is shown as it came."""
    moment = read_moment(text)
    if moment is None:
        return text or "—"
    local = moment.astimezone(zone) if moment.tzinfo else moment
    return _day(local.date(), locale)


def show_moment(text: str | None, zone: ZoneInfo, locale: str) -> str:
    """The same with the time of day, where billing tells one."""
    moment = read_moment(text)
    if moment is None or len(text or "") <= _DAY_ALONE:
        return show_day(text, zone, locale)
    return _shown(moment.astimezone(zone) if moment.tzinfo else moment, locale)


@lru_cache(maxsize=1024)
def _day(day: date, locale: str) -> str:
    """Kept, because most of what is asked about lies within a few months."""
    return format_date(day, "medium", locale=locale)


def show_instant(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """One of our own moments (with a zone), on the reader's clock."""
    return _shown(moment.astimezone(zone), locale)


def show_clock(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """Only the time of day of one of our own moments."""
    return format_time(moment.astimezone(zone), "short", locale=locale)


def show_second(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """The same to the second."""
    local = moment.astimezone(zone)
    return f"{format_date(local, 'medium', locale=locale)}, {format_time(local, 'medium', locale=locale)}"


def _shown(moment: datetime, locale: str) -> str:
    day, clock = format_date(moment, "medium", locale=locale), format_time(moment, "short", locale=locale)
    return f"{day}, {clock}"


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment in which a day begins there."""
    return datetime.combine(day, time(), zone)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
