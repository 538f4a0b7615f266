"""For how long money is overdue, by the reader's own day."""

from datetime import date
from enum import IntEnum

from bot.dates import read_day


class Age(IntEnum):
    """Not due yet, or overdue for so many days at most; `OLDER` is more, `UNDATED` has no day to count from."""

    CURRENT = 0
    MONTH = 30
    TWO_MONTHS = 60
    THREE_MONTHS = 90
    OLDER = 91
    UNDATED = -1


def days_late(due_at: str | None, today: date) -> int | None:
    """Days since it was due; negative before that, None where there is no such day."""
    due = read_day(due_at)
    return (today - due).days if due else None


def age_of_days(late: int | None) -> Age:
    """Which of the ages this is; on its due day, an invoice is not late."""
    if late is None:
        return Age.UNDATED
    if late <= 0:
        return Age.CURRENT
    return next((age for age in (Age.MONTH, Age.TWO_MONTHS, Age.THREE_MONTHS) if late <= age), Age.OLDER)
