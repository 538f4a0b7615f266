"""Telegram's part of the start."""

from bot.access import Role
from bot.app import App
from bot.platforms.telegram import Core, Menu, Rates, TelegramChat, TelegramOptions
from bot.settings import Settings


def telegram_options(settings: Settings) -> TelegramOptions | None:
    """What the settings say of Telegram; None where they say nothing."""
    if not settings.telegram_bot_token:
        return None
    hook = settings.telegram_webhook_url if settings.telegram_mode == "webhook" else None
    secret = settings.telegram_webhook_secret
    return TelegramOptions(
        token=settings.telegram_bot_token.get_secret_value(),
        url=str(settings.telegram_api_url),
        webhook_url=str(hook or ""),
        webhook_secret=secret.get_secret_value() if hook and secret else "",
        language=settings.language,
        rates=Rates((settings.telegram_messages_per_second, 1)),
    )


def telegram_chat(app: App, options: TelegramOptions, settings: Settings) -> TelegramChat:
    """The bot on Telegram, not running yet."""
    core = Core(app.serve, app.answer, app.may_read, app.moved, app.closed, app.goes_on)
    admins = [key.removeprefix("telegram:") for key in settings.admins if key.startswith("telegram:")]
    everybody = app.menu_of(Role.CASHIER)
    menus = {"": Menu(everybody, everybody, app.menu_of(Role.ADMIN), admins)}
    return TelegramChat(options, core, app.services.store.shorts, menus)


def hook_path(settings: Settings) -> str:
    """Where Telegram calls us, behind whatever forwards it to us."""
    return (settings.telegram_webhook_url.path if settings.telegram_webhook_url else None) or "/"
