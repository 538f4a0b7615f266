"""The terminal's questions."""

import asyncio
from contextlib import AsyncExitStack

from rich.console import Console

from bot.app import App
from bot.logs import set_up_logs
from bot.platforms import terminal
from bot.reply import Outcome, Reply
from bot.settings import Settings, read_settings
from bot.start.joining import joined
from bot.words import _


async def asked(text: str) -> Reply:
    """Ask once; the last reply. Ctrl-C while a payment is being sent waits for its verdict."""
    async with joined(_settings(), {}) as app:
        answering = asyncio.create_task(_last(app, text))
        try:
            return await asyncio.shield(answering)
        except asyncio.CancelledError:
            if app.services.desk.is_busy:
                return await answering
            answering.cancel()
            raise


def chatted(console: Console) -> None:
    """Ask again and again, until the end of what is typed. Waiting for a line happens outside of the event loop."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        app = runner.run(stack.enter_async_context(joined(_settings(), {})))
        try:
            while (text := terminal.ask()) is not None:
                runner.run(_told(app, text, console))
        finally:
            runner.run(stack.aclose())


async def _last(app: App, text: str) -> Reply:
    replies = [reply async for reply in app.answer(terminal.said(text))]
    return replies[-1] if replies else Reply(text=_("That is meant for another bot."), outcome=Outcome.REFUSED)


async def _told(app: App, text: str, console: Console) -> None:
    async for reply in app.answer(terminal.said(text)):
        terminal.show(reply, console)


def _settings() -> Settings:
    settings = read_settings()
    # Somebody who asks wants the answer, not a line about it.
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    set_up_logs(level, settings.log_format, settings.secrets)
    return settings
