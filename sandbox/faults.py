"""What can go wrong between the bot and its billing API, on demand."""

from collections.abc import Iterator
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypedDict, Unpack

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """The ways to go wrong: before anything is written, or after, when the answer is what gets lost."""

    DELAY = "delay"
    ERROR_BEFORE_COMMIT = "error-before-commit"
    DROP_BEFORE_COMMIT = "drop-before-commit"
    HANG = "hang"
    UNAUTHORIZED = "unauthorized"
    TOO_MANY = "too-many"
    REDIRECT = "redirect"

    ERROR_AFTER_COMMIT = "error-after-commit"
    DROP_AFTER_COMMIT = "drop-after-commit"
    HANG_AFTER_COMMIT = "hang-after-commit"
    HALF_BODY = "half-body"
    WRONG_JSON = "wrong-json"
    WRONG_SHAPE = "wrong-shape"
    SLOW_BODY = "slow-body"


class FaultParameters(TypedDict, total=False):
    """The settings that a fault may have, all with defaults."""

    times: int
    status: int
    seconds: float
    retry_after: int | str
    location: str
    body: str
    reset: bool


class Fault(BaseModel):
    """One thing that goes wrong, for the next requests that it fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = Field("*", description="`GET`, `POST`, or a pattern")
    path: str = Field("*", description="an address such as `/payments`, or a pattern: `*` stands for anything, `/` too")
    kind: FaultKind
    times: int = Field(1, ge=1, description="how many requests it strikes")
    status: int | None = Field(None, ge=200, le=599, description="of the errors (503) and the redirect (302)")
    seconds: float | None = Field(
        None, ge=0, description="how long a `delay` or a `slow-body` takes (1), when a `hang` ends in hanging up (60)"
    )
    retry_after: int | str | None = Field(None, description="`Retry-After` on the errors; 1 for `too-many`")
    location: str = Field("/", description="where the redirect points")
    body: str | None = Field(None, description="sent instead of the usual words by errors and the two `wrong-…`")
    reset: bool = Field(default=False, description="drop with a TCP reset instead of a plain close")

    def lasts(self, usual: float) -> float:
        """Tell the seconds it takes, or the usual ones of its kind."""
        return usual if self.seconds is None else self.seconds

    def fits(self, method: str, path: str) -> bool:
        """Tell whether a request is one that this strikes."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)


class Faults:
    """The faults that wait for their requests, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._waiting))

    def add(self, method: str, path: str, kind: str, **parameters: Unpack[FaultParameters]) -> Fault:
        """Let the next `times` requests that fit go wrong: `faults.add("POST", "/payments", "drop-after-commit")`."""
        fault = Fault.model_validate({"method": method, "path": path, "kind": kind, **parameters})
        self.put(fault)
        return fault

    def put(self, fault: Fault) -> None:
        """Line up a fault that is already made."""
        self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Give the fault that strikes this request, if any, and count it down."""
        for place, fault in enumerate(self._waiting):
            if fault.fits(method, path):
                left = fault.model_copy(update={"times": fault.times - 1})
                self._waiting[place : place + 1] = [left] if left.times else []
                return fault
        return None

    def clear(self) -> int:
        """Forget them all; tell how many there were."""
        forgotten = len(self._waiting)
        self._waiting.clear()
        return forgotten
