"""Telegram's part of the doctor: does it know us, what does it let us read, and who else takes our updates."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from bot.findings import Finding
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.options import TelegramOptions
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.request import WireRequest
from bot.words import _, ngettext

PART = "Telegram"
_LOOK_SECONDS = 2


async def examine(options: TelegramOptions, notify: Iterable[str] = ()) -> AsyncIterator[Finding]:
    """Ask Telegram about ourselves, and whether it lets us into the chats (ids) that are to be told of payments.

    Nothing is taken, set or sent.
    """
    request = WireRequest(options.url, options.request)
    async with request:
        api = Api(options.url, options.token, request, Pace(options.rates))
        try:
            me = await api.once("getMe")
            webhook = await api.once("getWebhookInfo")
        except InvalidToken:
            remedy = _("copy TELEGRAM_BOT_TOKEN again from @BotFather (/token)")
            yield Finding(PART, well=False, words=_("it doesn't know our token"), remedy=remedy)
            return
        except TelegramError as error:
            remedy = _("check the connection, and TELEGRAM_API_URL")
            yield Finding(
                PART, well=False, words=_("it can't be reached ({why})").format(why=error.message), remedy=remedy
            )
            return
        yield Finding(PART, well=True, words=_("we are {name}").format(name=f"@{me.get('username')}"))
        yield _privacy(me)
        yield await _updates(api, options, webhook)
        for chat in notify:
            yield await _notified(api, chat)


def _privacy(me: dict[str, Any]) -> Finding:
    part = _("Telegram, groups")
    if not me.get("can_join_groups", True):
        remedy = _("@BotFather, /setjoingroups, if it shall be there")
        return Finding(part, well=True, words=_("the bot can't be added to groups"), remedy=remedy)
    if me.get("can_read_all_group_messages"):
        words = _("privacy mode is off: the bot receives all that is said in its groups, and needs only its commands")
        return Finding(part, well=True, words=words, remedy=_("@BotFather, /setprivacy, Enable"))
    return Finding(part, well=True, words=_("privacy mode is on: the bot sees its commands, and answers to it"))


async def _updates(api: Api, options: TelegramOptions, webhook: dict[str, Any]) -> Finding:
    part = _("Telegram, updates")
    there = webhook.get("url") or ""
    if options.webhook_url:
        return _webhook(part, options.webhook_url, there, webhook)
    if there:
        words = _("TELEGRAM_MODE is polling, and a webhook is set")
        return Finding(part, well=False, words=words, remedy=_("casier run removes it; or set TELEGRAM_MODE=webhook"))
    try:
        # Telegram cuts off who fetched before, and us once they fetch again (409): we wait for that a little.
        await api.once("getUpdates", limit=1, timeout=_LOOK_SECONDS)
    except Conflict:
        remedy = _("if that isn't our own casier run, stop it: updates come to only one")
        return Finding(part, well=True, words=_("somebody is fetching them right now"), remedy=remedy)
    except TelegramError as error:
        return Finding(
            part, well=False, words=_("they can't be fetched ({why})").format(why=error.message), remedy=_("try again")
        )
    waiting = webhook.get("pending_update_count", 0)
    words = ngettext(
        "they can be fetched, nobody else does; {count} is waiting",
        "they can be fetched, nobody else does; {count} are waiting",
        waiting,
    )
    return Finding(part, well=True, words=words.format(count=waiting))


async def _notified(api: Api, chat: str) -> Finding:
    part = _("Telegram, payments")
    try:
        await api.once("getChat", chat_id=int(chat))
    except ChatMigrated as error:
        words = _("the group {chat} of NOTIFY has become a supergroup").format(chat=chat)
        return Finding(part, well=False, words=words, remedy=_("write telegram:{id}").format(id=error.new_chat_id))
    except (BadRequest, Forbidden) as error:
        words = _("the chat {chat} of NOTIFY is closed to us ({why})").format(chat=chat, why=error.message)
        remedy = _("add the bot to it (to a channel as an admin who may post); there, /id tells its id")
        return Finding(part, well=False, words=words, remedy=remedy)
    except TelegramError as error:
        words = _("nobody can say whether {chat} is open to us ({why})").format(chat=chat, why=error.message)
        return Finding(part, well=False, words=words, remedy=_("try again"))
    return Finding(part, well=True, words=_("the chat {chat} can be told of them").format(chat=chat))


def _webhook(part: str, ours: str, there: str, webhook: dict[str, Any]) -> Finding:
    if there != ours:
        words = _("the webhook is set to {url}").format(url=there) if there else _("no webhook is set")
        return Finding(part, well=not there, words=words, remedy=_("casier run sets it to TELEGRAM_WEBHOOK_URL"))
    error = webhook.get("last_error_message")
    if error:
        words = _("Telegram could not deliver: {why}").format(why=error)
        remedy = _("see that TELEGRAM_WEBHOOK_URL leads to HTTP_HOST and HTTP_PORT, with a certificate that is trusted")
        return Finding(part, well=False, words=words, remedy=remedy)
    waiting = webhook.get("pending_update_count", 0)
    if not waiting:
        return Finding(part, well=True, words=_("the webhook is set; none is waiting"))
    words = ngettext(
        "the webhook is set, and {count} is waiting to be delivered",
        "the webhook is set, and {count} are waiting to be delivered",
        waiting,
    )
    remedy = _("start casier run; if they stay, see that TELEGRAM_WEBHOOK_URL leads to HTTP_HOST and HTTP_PORT")
    return Finding(part, well=False, words=words.format(count=waiting), remedy=remedy)
