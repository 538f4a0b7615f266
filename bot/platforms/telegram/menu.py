"""The menu of commands that Telegram offers beside the field where people type."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.constants import BotCommandLimit
from telegram.error import TelegramError

from bot.platforms.telegram.api import Api

log = structlog.get_logger(__name__)

_NAME = re.compile(r"[a-z0-9_]{1,32}")
_MOST = int(BotCommandLimit.MAX_COMMAND_NUMBER)
_LONGEST = int(BotCommandLimit.MAX_DESCRIPTION)

Entries = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Menu:
    """What is offered in private, in groups, and to admins in their own chats: usage or name, and what it does.

    Being offered is not being allowed.
    """

    private: Entries = ()
    group: Entries = ()
    admin: Entries = ()
    admins: Sequence[str] = field(default=())


Menus = Mapping[str, Menu]


async def offer(api: Api, menus: Menus) -> None:
    """Set every menu that isn't as it should be. By language; an empty one is for all without their own."""
    for language, menu in menus.items():
        for scope, entries in _scopes(menu):
            try:
                await _offer(api, scope, language, _commands(entries))
            except TelegramError as error:
                # An admin who has never written to us has no chat to offer anything in.
                log.info("telegram.menu", scope=scope["type"], language=language, reason=error.message)


def _scopes(menu: Menu) -> Iterator[tuple[dict[str, Any], Entries]]:
    yield BotCommandScopeAllPrivateChats().to_dict(), menu.private
    yield BotCommandScopeAllGroupChats().to_dict(), menu.group
    for admin in menu.admins:
        yield BotCommandScopeChat(int(admin)).to_dict(), menu.admin


async def _offer(api: Api, scope: dict[str, Any], language: str, commands: list[dict[str, str]]) -> None:
    place = {"scope": scope, "language_code": language.partition("_")[0]}
    if await api.call("getMyCommands", **place) != commands:
        await api.call("setMyCommands", commands=commands, **place)


def _commands(entries: Entries) -> list[dict[str, str]]:
    named = [(usage.lstrip("/").partition(" ")[0], purpose.strip()) for usage, purpose in entries]
    fitting = [(name, purpose) for name, purpose in named if _NAME.fullmatch(name) and purpose]
    return [{"command": name, "description": purpose[:_LONGEST]} for name, purpose in fitting[:_MOST]]
