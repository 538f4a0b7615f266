"""When to look again: soon, but never so often that reading the list is what billing does."""

import random
from dataclasses import dataclass

_JITTER = 0.1
# Of the time, a tenth at most is spent on reading; and of the line, a megabyte a second.
_TIMES = 9
_BYTES_PER_SECOND = 1_000_000
_LONGEST = 600.0
_LONGEST_AFTER_FAILURE = 300.0
_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between looks at a list that is short and can be read."""

    poll_seconds: float = 15

    def after_look(self, seconds: float, size: int) -> float:
        """The pause after a look that took so many seconds, for so many bytes: longer as the list grows."""
        wanted = max(self.poll_seconds, seconds * _TIMES, size / _BYTES_PER_SECOND)
        return _about(max(self.poll_seconds, min(wanted, _LONGEST)))

    def after_failure(self, failures: int, asked: float | None) -> float:
        """The pause after so many looks in a row that failed; never shorter than what billing asked for."""
        wanted = self.poll_seconds * 2.0 ** min(failures, _MOST_DOUBLINGS)
        pause = max(self.poll_seconds, min(wanted, _LONGEST_AFTER_FAILURE))
        return _about(pause) if asked is None else max(_about(pause), min(asked, _LONGEST))


def _about(seconds: float) -> float:
    """A little more or less, so that not all watchers come at once."""
    return seconds * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
