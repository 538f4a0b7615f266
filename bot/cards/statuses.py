"""Billing's statuses are open words: those we know are translated and toned, any other is shown as it is."""

from bot.reply import Status, Tone
from bot.words import pgettext

_TONES = {
    "paid": Tone.GOOD,
    "confirmed": Tone.GOOD,
    "unpaid": Tone.WAITING,
    "partial": Tone.WAITING,
    "pending": Tone.WAITING,
    "overdue": Tone.BAD,
    "failed": Tone.BAD,
    "refunded": Tone.NEUTRAL,
    "cancelled": Tone.NEUTRAL,
}
# What people call an invoice with something left to pay, whatever billing calls it.
OPEN = frozenset({"unpaid", "open"})


def status_of(word: str | None) -> Status | None:
    """A status word of billing's with its tone; None where there is none."""
    if not word:
        return None
    return Status(status_word(word), _TONES.get(word.lower(), Tone.NEUTRAL))


def is_status(word: str) -> bool:
    """Whether this is what we call one of the statuses that we know, or any that are still to be paid."""
    return word in OPEN or word in _TONES or word in {status_word(each).lower() for each in _TONES}


def status_word(word: str | None) -> str:
    """The same as text only."""
    known = {
        "paid": pgettext("status", "paid"),
        "unpaid": pgettext("status", "unpaid"),
        "partial": pgettext("status", "partial"),
        "overdue": pgettext("status", "overdue"),
        "cancelled": pgettext("status", "cancelled"),
        "confirmed": pgettext("status", "confirmed"),
        "pending": pgettext("status", "pending"),
        "failed": pgettext("status", "failed"),
        "refunded": pgettext("status", "refunded"),
    }
    return known.get((word or "").lower(), word or "—")
