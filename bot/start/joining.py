"""The parts that every start has: billing, store, desk, commands; built, joined, and taken apart again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.access import People, Role
from bot.app import App
from bot.billing import Billing, BillingOptions
from bot.bursts import Bursts
from bot.context import Privacy, Services
from bot.directory import Directory, Meant, Search
from bot.durable import Durable, DurableOptions
from bot.message import read_chat
from bot.outlets import Outlet
from bot.pictures import Painter
from bot.settings import Settings, SettingsError
from bot.start.desks import Ground, Makers, access_desk, index_rounds, news_desk, payment_desk, watcher
from bot.store import Store, open_store
from bot.store.workflows import workflow_engine
from bot.trail import Trail
from bot.words import _, speaking
from handlers import all_commands


@asynccontextmanager
async def joined(
    settings: Settings,
    outlets: dict[str, Outlet],
    durable: DurableOptions | None = None,
    makers: Makers | None = None,
) -> AsyncIterator[App]:
    """The bot, for as long as the block lasts: at its end what is under way ends first, then the connections do."""
    with speaking(settings.language):
        makers = makers or Makers()
        billing = makers.billing(billing_options(settings))
        store = await open_store(settings.database_url)
        lasting = Durable(partial(workflow_engine, settings.database_url), durable or DurableOptions())
        ground = Ground(settings, billing, store, _trail(settings, store), _people(settings), outlets, lasting)
        services = _services(ground, makers)
        try:
            await services.access.load()
            await services.news.settle({key: read_chat(key) for key in settings.notify})
            yield App(services)
        finally:
            await services.desk.close()
            await services.news.close()
            await lasting.close()
            await services.trail.close()
            await billing.close()
            await store.close()


def open_billing(settings: Settings) -> Billing:
    """The billing client of these settings; `SettingsError` where they can't be used together."""
    return Billing(billing_options(settings))


def billing_options(settings: Settings) -> BillingOptions:
    """What the billing client has to be told; `SettingsError` where these settings can't be used together."""
    try:
        return BillingOptions(
            url=str(settings.billing_api_url),
            key=settings.billing_api_key,
            requests=settings.billing_requests,
            connect_seconds=settings.billing_connect_seconds,
            read_seconds=settings.billing_read_seconds,
            deadline_seconds=settings.billing_deadline_seconds,
        )
    except ValueError as error:
        words = _("BILLING_API_URL or BILLING_API_KEY is wrong: {why}").format(why=error)
        raise SettingsError(words) from None


def _services(ground: Ground, makers: Makers) -> Services:
    rounds = index_rounds(ground)
    directory = Directory(ground.billing, Meant(ground.store), rounds.asked)
    news = news_desk(ground, directory, makers)
    watching = watcher(ground, news, rounds, makers)
    return Services(
        billing=ground.billing,
        directory=directory,
        rounds=rounds,
        search=Search(ground.store),
        desk=payment_desk(ground, makers, watching.look_now),
        news=news,
        watcher=watching,
        store=ground.store,
        trail=ground.trail,
        people=ground.people,
        access=access_desk(ground),
        conventions=ground.settings.conventions,
        painter=Painter(),
        router=all_commands(),
        bursts=Bursts(ground.settings.person_messages_per_minute, ground.settings.chat_messages_per_minute),
        privacy=Privacy(Role.read(ground.settings.show_contacts), in_groups=ground.settings.show_contacts_in_groups),
    )


def _trail(settings: Settings, store: Store) -> Trail:
    return Trail(store.trail, Path(settings.audit_head_file) if settings.audit_head_file else None)


def _people(settings: Settings) -> People:
    return People.named(
        admins=settings.admins,
        approvers=settings.approvers,
        cashiers=settings.cashiers,
        viewers=settings.viewers,
    )
