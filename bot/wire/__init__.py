"""Short questions over HTTP/1.1: asked whole, answered whole, over connections that are kept.

For what is asked at every message, where a client that can do everything takes most of the time. Nothing here follows
a redirect, keeps a cookie, or looks into the environment. Long lists, files and payments go over aiohttp.
"""

from bot.wire.faults import CutError, LateError, NotConnectedError, NotHttpError, TooLargeError, WireError
from bot.wire.line import Answer
from bot.wire.lines import Limits, Lines
from bot.wire.question import head, question

__all__ = [
    "Answer",
    "CutError",
    "LateError",
    "Limits",
    "Lines",
    "NotConnectedError",
    "NotHttpError",
    "TooLargeError",
    "WireError",
    "head",
    "question",
]
