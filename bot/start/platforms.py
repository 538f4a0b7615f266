"""The platforms that have tokens, each as the start needs it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from bot.app import App
from bot.outlets import Outlet
from bot.settings import Settings, SettingsError
from bot.start.telegram import hook_path, telegram_chat, telegram_options
from bot.words import _


@dataclass(frozen=True, slots=True)
class Platform:
    """One chat that people write to us in. `hooks`: what it wants to be called at, by path."""

    name: str
    mode: str
    outlet: Outlet
    state: Callable[[], Mapping[str, Any]]
    hooks: Mapping[str, Any]
    running: Callable[[], AbstractAsyncContextManager[object]]


def check_platforms(settings: Settings) -> None:
    """`SettingsError` where there is none to run on."""
    if not (settings.telegram_bot_token or settings.slack_bot_token):
        raise SettingsError(
            _(
                "There is no platform to run on: put TELEGRAM_BOT_TOKEN or SLACK_BOT_TOKEN into .env "
                "(README.md tells where they come from), or try casier demo, which needs none.",
            ),
        )


def platforms(app: App, settings: Settings) -> Iterator[Platform]:
    """Those that the settings have tokens for."""
    telegram = telegram_options(settings)
    if telegram:
        chat = telegram_chat(app, telegram, settings)
        hooks = {hook_path(settings): chat.webhook} if chat.webhook else {}
        yield Platform("telegram", settings.telegram_mode, chat, chat.state, hooks, chat.running)
    if settings.slack_bot_token:
        from bot.start.slack import slack_chat  # noqa: PLC0415 - slow to load, and most have no Slack

        slack = slack_chat(app, settings)
        yield Platform("slack", settings.slack_mode, slack, slack.state, slack.hooks, slack.running)
