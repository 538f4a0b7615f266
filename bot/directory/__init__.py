"""Finds customers and invoices by what people call them, though the API has no search."""

from bot.directory.lookup import Directory, matches
from bot.directory.rounds import Progress, Rounds, Tempo
from bot.spelling import bare as sort_name

__all__ = ["Directory", "Progress", "Rounds", "Tempo", "matches", "sort_name"]
