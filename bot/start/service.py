"""The bot on its platforms, for as long as it is wanted."""

import asyncio
import gc
from contextlib import AsyncExitStack

import structlog

from bot.app import App
from bot.doctor import no_billing
from bot.health import Health
from bot.logs import set_up_logs
from bot.outlets import Outlet
from bot.refusals import BillingRefusal
from bot.server import exact_socket, serving, web_app
from bot.settings import Settings, read_settings
from bot.settings_file import misspelt
from bot.start.joining import joined
from bot.start.platforms import check_platforms, platforms
from bot.start.stopping import ended, told_to_stop
from bot.store.alone import alone
from bot.store.company import keep_company
from bot.words import _

log = structlog.get_logger("casier")

# After so many the collector looks through the youngest: a few dozen answers' worth.
_MANY_NEW_THINGS = 50_000
# By then who has waited for us is answered.
_SOON_SECONDS = 2


async def served() -> None:
    """Run until told to stop: what is under way is finished, nothing is taken twice."""
    settings = read_settings()
    check_platforms(settings)
    set_up_logs(settings.log_level, settings.log_format, settings.secrets)
    async with AsyncExitStack() as stack:
        stack.enter_context(alone(settings.database_url))
        stack.push_async_callback(ended, asyncio.create_task(keep_company(settings.database_url, _say_company)))
        outlets: dict[str, Outlet] = {}
        app = await stack.enter_async_context(joined(settings, outlets))
        there = list(platforms(app, settings))
        outlets |= {each.name: each.outlet for each in there}
        health = Health(
            app.services.billing, app.services.store, app.services.watcher, {each.name: each.state for each in there}
        )
        hooks = {path: hook for each in there for path, hook in each.hooks.items()}
        listener = stack.enter_context(exact_socket(settings.http_host, settings.http_port))
        await stack.enter_async_context(serving(web_app(health.report, hooks), listener))
        for each in there:
            await stack.enter_async_context(each.running())
        # Before the platforms end: verdicts that come now are told now.
        stack.push_async_callback(app.services.desk.close)
        stack.push_async_callback(app.services.news.close)
        stack.push_async_callback(ended, asyncio.create_task(app.watch()))
        log.info("casier.running", **{each.name: each.mode for each in there}, health=_health_address(settings))
        _spare_the_collector()
        stack.push_async_callback(ended, asyncio.create_task(_go_on(app, settings)))
        await told_to_stop()
        log.info("casier.stopping")


def _spare_the_collector() -> None:
    """What was built at the start stays: looking through it again and again, for rubbish, finds none."""
    gc.freeze()
    gc.set_threshold(_MANY_NEW_THINGS, 20, 50)
    gc.enable()


async def _go_on(app: App, settings: Settings) -> None:
    """What the first lookup doesn't need, and the first list or payment must not wait for; then watch the payments."""
    await asyncio.sleep(_SOON_SECONDS)
    await asyncio.to_thread(app.services.billing.prepare)
    await app.services.desk.prepare()
    gc.freeze()
    _say_what_is_odd(settings)
    try:
        await app.services.billing.show_itself()
    except BillingRefusal as refusal:
        found = no_billing(refusal, settings)
        log.error("casier.billing", why=found.words, remedy=found.remedy)  # noqa: TRY400 - a trace tells nothing more
    await asyncio.gather(app.services.watcher.watch(), app.services.rounds.watch())


def _say_company(others: int) -> None:
    if others:
        why = _("another casier run is on the same database: chats are told of payments by each of them")
        remedy = _("stop all but one, or give each a DATABASE_URL of its own")
        log.error("casier.not_alone", others=others, why=why, remedy=remedy)
    else:
        log.info("casier.alone", words=_("no other casier run is on this database any more"))


def _say_what_is_odd(settings: Settings) -> None:
    """Say what is allowed, and hardly meant."""
    for name in misspelt():
        log.warning("casier.setting_unknown", written=name.written, meant=name.meant)
    if not settings.admins:
        log.warning("casier.no_admin", remedy=_("write /id to the bot, and put what it says into ADMINS"))


def _health_address(settings: Settings) -> str:
    return f"http://{settings.http_host}:{settings.http_port}/health"
