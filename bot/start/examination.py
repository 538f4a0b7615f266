"""The doctor's round."""

from collections.abc import AsyncIterator

from bot.doctor import examine
from bot.findings import Finding
from bot.logs import set_up_logs
from bot.message import read_chat
from bot.platforms.telegram import checkup
from bot.settings import Settings, read_settings
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
    async for finding in _telegram(settings):
        yield finding
    async for finding in _slack(settings):
        yield finding


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    options = telegram_options(settings)
    if options is None:
        yield Finding("Telegram", well=True, words=_("TELEGRAM_BOT_TOKEN is not set: no Telegram"))
        return
    async for finding in checkup.examine(options, _notified(settings, "telegram")):
        yield finding


async def _slack(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.slack_bot_token:
        yield Finding("Slack", well=True, words=_("SLACK_BOT_TOKEN is not set: no Slack"))
        return
    from bot.platforms.slack import checkup as slack  # noqa: PLC0415 - slow to load
    from bot.start.slack import slack_options  # noqa: PLC0415 - as above

    async for finding in slack.examine(slack_options(settings), _notified(settings, "slack")):
        yield finding


def _notified(settings: Settings, platform: str) -> list[str]:
    """The chats of NOTIFY there, each once."""
    chats = (read_chat(place) for place in settings.notify)
    return list(dict.fromkeys(chat.id for chat in chats if chat.platform == platform))
