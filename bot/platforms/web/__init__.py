"""The web chat: a page on the own machine for trying the bot out, where everybody may be anyone."""

from bot.platforms.web.chat import TEAM, WebChat

__all__ = ["TEAM", "WebChat"]
