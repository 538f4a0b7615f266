"""Slack: Socket Mode or HTTP, slash commands, mentions, Block Kit, modals, App Home.

What is offered here is light; `chat` loads Slack's library, and is imported where Slack's tokens are set.
"""

from bot.platforms.slack.faults import WrongTokenError
from bot.platforms.slack.options import UNLIMITED, Core, Rates, SlackOptions

__all__ = ["UNLIMITED", "Core", "Rates", "SlackOptions", "WrongTokenError"]
