"""Telegram: polling or webhook, HTML, inline keyboards, inline mode, deep links, menus."""

from bot.platforms.telegram.chat import TelegramChat
from bot.platforms.telegram.faults import WrongTokenError
from bot.platforms.telegram.links import deep_link
from bot.platforms.telegram.menu import Menu
from bot.platforms.telegram.options import Core, Manners, TelegramOptions
from bot.platforms.telegram.pace import UNLIMITED, Rates
from bot.platforms.telegram.shorts import MemoryShorts, Shorts, short_id

__all__ = [
    "UNLIMITED",
    "Core",
    "Manners",
    "MemoryShorts",
    "Menu",
    "Rates",
    "Shorts",
    "TelegramChat",
    "TelegramOptions",
    "WrongTokenError",
    "deep_link",
    "short_id",
]
