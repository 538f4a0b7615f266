"""Finds customers and invoices by what people call them, though the API has no search."""

from bot.directory.asked import Asked, Standing, read_search
from bot.directory.lookup import Directory, matches
from bot.directory.meant import Meant
from bot.directory.rounds import Progress, Rounds, Tempo
from bot.directory.search import Found, Hit, Search
from bot.spelling import bare as sort_name

__all__ = [
    "Asked",
    "Directory",
    "Found",
    "Hit",
    "Meant",
    "Progress",
    "Rounds",
    "Search",
    "Standing",
    "Tempo",
    "matches",
    "read_search",
    "sort_name",
]
