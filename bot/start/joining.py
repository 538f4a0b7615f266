"""The parts that every start has: billing, store, desk, commands; built, joined, and taken apart again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.access import People
from bot.app import App
from bot.billing import Billing, BillingOptions
from bot.cards import order_card
from bot.context import Services
from bot.directory import Directory
from bot.durable import Durable, DurableOptions
from bot.message import read_chat
from bot.notifications import Enquiry, Means, NewsDesk, Patience
from bot.outlets import Outlet, Outlets
from bot.payments import Approvals, DeskOptions, Guard, Parts, PaymentDesk, Posting, Running, Settling, Telling
from bot.settings import Settings, SettingsError
from bot.store import Store, open_store
from bot.store.workflows import workflow_engine
from bot.trail import Trail
from bot.words import _, speaking
from handlers import all_commands

# So long after the deadline of a payment's answer, nobody is working on it any more.
_LOST_AFTER = timedelta(seconds=100)


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes the parts that a payment passes through; who wants to watch them at work brings others."""

    billing: Callable[[BillingOptions], Billing] = Billing
    posting: Callable[[Billing, Store, Trail], Posting] = Posting
    telling: Callable[..., Telling] = Telling
    running: Callable[..., Running] = Running
    news: Callable[..., NewsDesk] = NewsDesk
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the rest is built on."""

    settings: Settings
    billing: Billing
    store: Store
    trail: Trail
    people: People
    outlets: Outlets
    durable: Durable


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
        ground = _Ground(settings, billing, store, _trail(settings, store), _people(settings), outlets, lasting)
        services = _services(ground, makers)
        try:
            await services.news.settle({key: read_chat(key) for key in settings.notify})
            # Where payments are watched, that begins here: with `services.news.listener` and `services.news.alarm`.
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


def _services(ground: _Ground, makers: Makers) -> Services:
    directory = Directory(ground.billing)
    return Services(
        billing=ground.billing,
        directory=directory,
        desk=_desk(ground, makers),
        news=_news(ground, directory, makers),
        store=ground.store,
        trail=ground.trail,
        people=ground.people,
        conventions=ground.settings.conventions,
        router=all_commands(),
    )


def _desk(ground: _Ground, makers: Makers) -> PaymentDesk:
    settings, billing, store = ground.settings, ground.billing, ground.store
    conventions, options = settings.conventions, _desk_options(settings)
    lost = timedelta(seconds=settings.billing_deadline_seconds) + _LOST_AFTER
    telling = makers.telling(billing, store, ground.outlets, partial(order_card, conventions=conventions))
    parts = Parts(
        billing=billing,
        store=store,
        trail=ground.trail,
        guard=Guard(billing, store, conventions.timezone),
        telling=telling,
        approvals=Approvals(store, ground.people, telling, options.hold),
        settling=Settling(billing, store, ground.trail, telling),
        running=makers.running(ground.durable, store, makers.posting(billing, store, ground.trail), telling, lost),
    )
    return PaymentDesk(parts, options)


def _news(ground: _Ground, directory: Directory, makers: Makers) -> NewsDesk:
    enquiry = Enquiry(ground.billing, directory)
    means = Means(ground.store, ground.outlets, enquiry, ground.settings.conventions)
    patience = replace(makers.patience, kept=timedelta(days=ground.settings.workflow_days))
    return makers.news(means, ground.durable, ground.people, ground.trail, patience)


def _desk_options(settings: Settings) -> DeskOptions:
    return DeskOptions(
        draft=timedelta(minutes=settings.payment_draft_minutes),
        hold=timedelta(seconds=settings.payment_hold_seconds),
        approval=timedelta(hours=settings.approval_hours),
        approval_limit=settings.approval_limit,
        kept=timedelta(days=settings.workflow_days),
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
