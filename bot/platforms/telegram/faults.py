"""What Telegram says no with, and what is meant by it."""

from datetime import timedelta

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.settings import SettingsError
from bot.words import _


class WrongTokenError(SettingsError):
    """Telegram doesn't know our token: the start ends with this line."""

    def __init__(self) -> None:
        super().__init__(_("TELEGRAM_BOT_TOKEN is wrong: Telegram refuses it. Copy it again from @BotFather (/token)."))


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed in a moment: a 5xx, a timeout, a cut connection."""
    # A BadRequest is a NetworkError there, too.
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


def asked_pause(error: TelegramError) -> float:
    """How many seconds Telegram told us to wait (429)."""
    if not isinstance(error, RetryAfter):
        return 0
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def says(error: TelegramError, *words: str) -> bool:
    """Whether the error's description holds one of these. Telegram has no codes for them."""
    told = error.message.casefold()
    return any(each in told for each in words)


CANT_PARSE = "can't parse entities"
NOT_MODIFIED = "message is not modified"
NO_THREAD = "message thread not found"
NO_CHAT = "chat not found"
TOO_OLD = ("query is too old", "query id is invalid")
CANT_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
    NO_CHAT,
)
