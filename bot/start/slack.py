"""Slack's part of the start, loaded only where Slack's tokens are set: its library is slow to load."""

from bot.app import App
from bot.platforms.slack import Core, SlackOptions
from bot.platforms.slack.chat import SlackChat
from bot.platforms.slack.counter import Counter
from bot.settings import Settings


def slack_options(settings: Settings) -> SlackOptions:
    """What the settings say of Slack."""
    token, app, secret = settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret
    is_socket = settings.slack_mode == "socket"
    return SlackOptions(
        token=token.get_secret_value() if token else "",
        app_token=app.get_secret_value() if app and is_socket else "",
        signing_secret=secret.get_secret_value() if secret else "",
        url=str(settings.slack_api_url),
        language=settings.language,
    )


def slack_core(app: App) -> Core:
    """What answers there."""
    return Core(app.serve, app.is_command, Counter(app), app.closed)


def slack_chat(app: App, settings: Settings) -> SlackChat:
    """The bot on Slack, not running yet."""
    return SlackChat(slack_options(settings), slack_core(app))
