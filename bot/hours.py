"""The hours in which a chat wants to be left alone, on the clock of the deployment."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?-(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day until another, over midnight where the second comes first."""

    begin: time
    end: time

    @classmethod
    def read(cls, text: str) -> "QuietHours":
        """`22:00-07:00` or `22-7`; `ValueError` for anything else, and for hours of no length."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(text)
        begin, end = time(int(found[1]) % 24, int(found[2] or 0)), time(int(found[3]) % 24, int(found[4] or 0))
        if begin == end or int(found[1]) > 24 or int(found[3]) > 24:  # noqa: PLR2004 - a day's hours
            raise ValueError(text)
        return cls(begin, end)

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def hold(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether it is quiet at this moment."""
        clock = moment.astimezone(zone).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def over(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When the quiet that there is at this moment will be over; never too early, also where clocks are changed."""
        today = moment.astimezone(zone).date()
        ends = (
            datetime.combine(today + timedelta(days=days), self.end, zone).replace(fold=fold).astimezone(moment.tzinfo)
            for days in range(3)
            for fold in range(2)
        )
        return min(end for end in ends if end > moment and not self.hold(end, zone))
