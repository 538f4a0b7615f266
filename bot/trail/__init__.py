"""The audit trail: who did what, where, when, with which outcome; each row sealed with the one before it."""

from bot.trail.checking import Fault, Verdict
from bot.trail.records import MESSAGE, By, Request
from bot.trail.whole import Trail

__all__ = ["MESSAGE", "By", "Fault", "Request", "Trail", "Verdict"]
