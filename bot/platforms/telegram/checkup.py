"""Telegram's part of the doctor: does it know us, what does it let us read, and who else takes our updates."""

from collections.abc import AsyncIterator
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.findings import Finding
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.options import TelegramOptions
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.request import WireRequest

PART = "Telegram"


async def examine(options: TelegramOptions) -> AsyncIterator[Finding]:
    """Ask Telegram about ourselves. Nothing is taken, set or sent."""
    request = WireRequest(options.url, options.request)
    async with request:
        api = Api(options.url, options.token, request, Pace(options.rates))
        try:
            me = await api.once("getMe")
            webhook = await api.once("getWebhookInfo")
        except InvalidToken:
            remedy = "copy TELEGRAM_BOT_TOKEN again from @BotFather (/token)"
            yield Finding(PART, well=False, words="it doesn't know our token", remedy=remedy)
            return
        except TelegramError as error:
            remedy = "check the connection, and TELEGRAM_API_URL"
            yield Finding(PART, well=False, words=f"it can't be reached ({error.message})", remedy=remedy)
            return
        yield Finding(PART, well=True, words=f"we are @{me.get('username')}")
        yield _privacy(me)
        yield await _updates(api, options, webhook)


def _privacy(me: dict[str, Any]) -> Finding:
    part = f"{PART}, groups"
    if not me.get("can_join_groups", True):
        remedy = "@BotFather, /setjoingroups, if it shall be there"
        return Finding(part, well=True, words="the bot can't be added to groups", remedy=remedy)
    if me.get("can_read_all_group_messages"):
        words = "privacy mode is off: the bot receives all that is said in its groups, and needs only its commands"
        return Finding(part, well=True, words=words, remedy="@BotFather, /setprivacy, Enable")
    return Finding(part, well=True, words="privacy mode is on: the bot sees its commands, and answers to it")


async def _updates(api: Api, options: TelegramOptions, webhook: dict[str, Any]) -> Finding:
    part = f"{PART}, updates"
    there = webhook.get("url") or ""
    if options.webhook_url:
        return _webhook(part, options.webhook_url, there, webhook)
    if there:
        words = "TELEGRAM_MODE is polling, and a webhook is set"
        return Finding(part, well=False, words=words, remedy="casier run removes it; or set TELEGRAM_MODE=webhook")
    try:
        await api.once("getUpdates", limit=1, timeout=0)
    except Conflict:
        remedy = "if that isn't our own casier run, stop it: updates come to only one"
        return Finding(part, well=True, words="somebody is fetching them right now", remedy=remedy)
    except TelegramError as error:
        return Finding(part, well=False, words=f"they can't be fetched ({error.message})", remedy="try again")
    waiting = webhook.get("pending_update_count", 0)
    return Finding(part, well=True, words=f"they can be fetched, nobody else does; {waiting} are waiting")


def _webhook(part: str, ours: str, there: str, webhook: dict[str, Any]) -> Finding:
    if there != ours:
        words = f"the webhook is set to {there}" if there else "no webhook is set"
        return Finding(part, well=not there, words=words, remedy="casier run sets it to TELEGRAM_WEBHOOK_URL")
    error = webhook.get("last_error_message")
    if error:
        words = f"Telegram could not deliver: {error}"
        remedy = "see that TELEGRAM_WEBHOOK_URL leads to HTTP_HOST and HTTP_PORT, with a certificate that is trusted"
        return Finding(part, well=False, words=words, remedy=remedy)
    return Finding(part, well=True, words=f"the webhook is set; {webhook.get('pending_update_count', 0)} are waiting")
