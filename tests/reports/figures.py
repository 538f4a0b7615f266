"""What answers say, as figures to compare."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.reply import Reply
from tests.stage import facts


def today() -> date:
    """The day that it is for the reader."""
    return datetime.now(ZoneInfo("Europe/Bucharest")).date()


def bani(shown: str) -> int:
    """`RON 1,234.50 (3 payments)` in bani."""
    amount = shown.replace("\xa0", " ").partition("RON ")[2].split()[0].replace(",", "")
    return int(Decimal(amount) * 100)


def fact(reply: Reply, label: str) -> int:
    """An amount among a card's facts, in bani."""
    return bani(facts(reply)[label])


def rows(reply: Reply) -> list[dict[str, str]]:
    """The rows of a reply's file."""
    (file,) = reply.files
    return list(csv.DictReader(io.StringIO(file.content.decode())))
