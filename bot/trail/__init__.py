"""The audit trail: who did what, where, when, with which outcome; each row sealed with the one before it."""

from bot.trail.checking import Fault, Verdict
from bot.trail.records import MESSAGE, By, Request
from bot.trail.spreadsheet import ROW_END
from bot.trail.whole import Trail

__all__ = ["MESSAGE", "ROW_END", "By", "Fault", "Request", "Trail", "Verdict"]
