"""The doctor's round."""

from collections.abc import AsyncIterator

from bot.doctor import examine
from bot.findings import Finding
from bot.logs import set_up_logs
from bot.message import read_chat
from bot.platforms.telegram import checkup
from bot.settings import read_settings
from bot.start.joining import open_billing
from bot.start.listening import examined_port
from bot.start.telegram import telegram_options
from bot.words import _


async def examined() -> AsyncIterator[Finding]:
    """Look at every part, one after the other."""
    settings = read_settings()
    set_up_logs("ERROR", settings.log_format, settings.secrets)
    billing = open_billing(settings)
    try:
        async for finding in examine(settings, billing):
            yield finding
    finally:
        await billing.close()
    if settings.telegram_bot_token or settings.slack_bot_token:
        yield await examined_port(settings)
    telegram = telegram_options(settings)
    if telegram is None:
        yield Finding("Telegram", well=True, words=_("TELEGRAM_BOT_TOKEN is not set: no Telegram"))
        return
    chats = (read_chat(place) for place in settings.notify)
    notified = dict.fromkeys(chat.id for chat in chats if chat.platform == "telegram")
    async for finding in checkup.examine(telegram, notified):
        yield finding
