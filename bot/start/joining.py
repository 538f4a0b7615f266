"""The parts that every start has: billing, store, desk, commands; built, joined, and taken apart again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.access import People
from bot.app import App
from bot.billing import Billing, BillingOptions
from bot.cards import order_card
from bot.context import Services
from bot.directory import Directory
from bot.outlets import Outlet
from bot.payments import DeskOptions, PaymentDesk, Telling
from bot.settings import Settings, SettingsError
from bot.store import Store, open_store
from bot.trail import Trail
from bot.words import _, speaking
from handlers import all_commands

# So long after the deadline of a payment's answer, nobody is waiting for it any more.
_LOST_AFTER = timedelta(seconds=40)


@asynccontextmanager
async def joined(settings: Settings, outlets: dict[str, Outlet]) -> AsyncIterator[App]:
    """The bot, for as long as the block lasts: at its end what is under way ends first, then the connections do."""
    with speaking(settings.language):
        billing = open_billing(settings)
        store = await open_store(settings.database_url)
        services = _services(settings, billing, store, outlets)
        try:
            await services.desk.close_lost()
            yield App(services)
        finally:
            await services.desk.close()
            await services.trail.close()
            await billing.close()
            await store.close()


def open_billing(settings: Settings) -> Billing:
    """The billing client of these settings; `SettingsError` where they can't be used together."""
    try:
        options = BillingOptions(
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
    return Billing(options)


def _services(settings: Settings, billing: Billing, store: Store, outlets: dict[str, Outlet]) -> Services:
    conventions = settings.conventions
    options = DeskOptions(
        draft=timedelta(minutes=settings.payment_draft_minutes),
        lost=timedelta(seconds=settings.billing_deadline_seconds) + _LOST_AFTER,
    )
    trail = Trail(store.trail, Path(settings.audit_head_file) if settings.audit_head_file else None)
    telling = Telling(store, outlets, partial(order_card, conventions=conventions))
    return Services(
        billing=billing,
        directory=Directory(billing),
        desk=PaymentDesk(billing, store, trail, telling, options),
        store=store,
        trail=trail,
        people=_people(settings),
        conventions=conventions,
        router=all_commands(),
    )


def _people(settings: Settings) -> People:
    return People.named(
        admins=settings.admins,
        approvers=settings.approvers,
        cashiers=settings.cashiers,
        viewers=settings.viewers,
    )
