"""So many of something, and how much they are together."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Sum:
    """A count and an amount, to the last digit."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def plus(self, amount: Decimal) -> "Sum":
        """With one more."""
        return Sum(self.count + 1, self.amount + amount)

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.amount + other.amount)

    def __bool__(self) -> bool:
        return self.count > 0
