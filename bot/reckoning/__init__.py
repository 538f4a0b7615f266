"""What came in, what is owed and for how long: arithmetic over what billing tells, without words or markup."""

from bot.reckoning.ageing import Age, age_of_days, days_late
from bot.reckoning.received import Received
from bot.reckoning.standing import Oddness, Standing

__all__ = ["Age", "Oddness", "Received", "Standing", "age_of_days", "days_late"]
