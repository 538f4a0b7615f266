"""The terminal's questions."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from bot.app import App
from bot.durable import DurableOptions
from bot.logs import set_up_logs
from bot.platforms import terminal
from bot.reply import Outcome, Reply
from bot.settings import Settings, read_settings
from bot.start.joining import joined
from bot.words import _

# The running bot must not take the terminal's payments for its own.
_OWN = DurableOptions(executor="terminal", look_seconds=0.2)


async def asked(text: str) -> Reply:
    """Ask once; the last reply. A payment's is its verdict; Ctrl-C while it is being sent waits for that."""
    async with joined(_settings(), {}, _OWN) as app:
        with terminal.Bars() as bars:
            return await _last(app, text, bars)


def chatted(console: Console, folder: Path) -> None:
    """Ask again and again, until the end of what is typed. Waiting for a line happens outside of the event loop."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        app = runner.run(stack.enter_async_context(joined(_settings(), {}, _OWN)))
        try:
            while (text := terminal.ask()) is not None:
                runner.run(_told(app, text, console, folder))
        finally:
            runner.run(stack.aclose())


async def _last(app: App, text: str, bars: terminal.Bars) -> Reply:
    last = Reply(text=_("That is meant for another bot."), outcome=Outcome.REFUSED)
    async for reply in app.answer_to_the_end(terminal.said(text)):
        bars.draw(reply)
        last = reply
    return last


async def _told(app: App, text: str, console: Console, folder: Path) -> None:
    with terminal.Bars() as bars:
        async for reply in app.answer_to_the_end(terminal.said(text)):
            if bars.draw(reply):
                continue
            terminal.show(reply, console)
            terminal.keep(reply, folder, console)


def _settings() -> Settings:
    settings = read_settings()
    # Somebody who asks wants the answer, which says what went wrong, and not a line about every try.
    level = settings.log_level if settings.log_level == "DEBUG" else "ERROR"
    set_up_logs(level, settings.log_format, settings.secrets)
    return settings
