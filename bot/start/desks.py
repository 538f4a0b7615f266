"""The desks of payments and of news, and the index, built of their parts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from bot.access import People
from bot.admission import AccessDesk, Requests
from bot.billing import Billing, BillingOptions
from bot.cards import order_card
from bot.directory import Directory, Rounds, Tempo
from bot.durable import Durable
from bot.notifications import Cadence, Enquiry, Means, NewsDesk, Pace, Watcher
from bot.outlets import Outlets
from bot.payments import (
    Approvals,
    DeskOptions,
    Guard,
    Parts,
    Patience,
    PaymentDesk,
    Posting,
    Proof,
    Running,
    Settling,
    Telling,
)
from bot.settings import Settings
from bot.start.hearing import IndexMarks, Listeners
from bot.store import Store
from bot.trail import Trail

# So long after the deadline of a payment's answer, nobody is working on it any more.
_LOST_AFTER = timedelta(seconds=100)
# So long after it, its verdict is written down, if the database is there.
_WRITTEN_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes the parts that a payment passes through; who wants to watch them at work brings others."""

    billing: Callable[[BillingOptions], Billing] = Billing
    posting: Callable[[Billing, Store, Trail, Proof], Posting] = Posting
    telling: Callable[..., Telling] = Telling
    running: Callable[..., Running] = Running
    news: Callable[..., NewsDesk] = NewsDesk
    watcher: Callable[..., Watcher] = Watcher
    cadence: Cadence = field(default_factory=Cadence)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rest is built on."""

    settings: Settings
    billing: Billing
    store: Store
    trail: Trail
    people: People
    outlets: Outlets
    durable: Durable


def payment_desk(ground: Ground, makers: Makers, recorded: Callable[[], None]) -> PaymentDesk:
    """Where payments are asked for; `recorded` is told of each that is in the books."""
    settings, billing, store = ground.settings, ground.billing, ground.store
    conventions, options = settings.conventions, _desk_options(settings)
    deadline = timedelta(seconds=settings.billing_deadline_seconds)
    patience = Patience(lost=deadline + _LOST_AFTER, stop=deadline + _WRITTEN_AFTER)
    proof = Proof(conventions.received)
    posting = makers.posting(billing, store, ground.trail, proof)
    posting.recorded = recorded
    telling = makers.telling(billing, store, ground.outlets, partial(order_card, conventions=conventions))
    parts = Parts(
        billing=billing,
        store=store,
        trail=ground.trail,
        guard=Guard(billing, store, conventions.timezone),
        telling=telling,
        approvals=Approvals(store, ground.people, telling, options.hold),
        settling=Settling(billing, store, ground.trail, telling, proof),
        running=makers.running(ground.durable, store, posting, telling, patience),
    )
    return PaymentDesk(parts, options)


def news_desk(ground: Ground, directory: Directory, makers: Makers) -> NewsDesk:
    """Where chats hear of payments."""
    enquiry = Enquiry(ground.billing, directory)
    means = Means(ground.store, ground.outlets, enquiry, ground.settings.conventions)
    cadence = replace(makers.cadence, kept=timedelta(days=ground.settings.workflow_days))
    return makers.news(means, ground.durable, ground.people, ground.trail, cadence)


def access_desk(ground: Ground) -> AccessDesk:
    """Where people are let in."""
    requests = Requests(ground.store, ground.people, ground.outlets, ground.settings.conventions)
    return AccessDesk(ground.store, ground.people, ground.trail, requests)


def index_rounds(ground: Ground) -> Rounds:
    """Who reads customers and their invoices into the index."""
    settings = ground.settings
    rest = timedelta(minutes=settings.directory_round_minutes)
    return Rounds(ground.billing, ground.store, Tempo(settings.directory_requests_per_second, rest))


def watcher(ground: Ground, news: NewsDesk, rounds: Rounds, makers: Makers) -> Watcher:
    """Who looks at billing's list, and tells the news desk and the index."""
    pace = Pace(ground.settings.poll_seconds)
    listener = Listeners(IndexMarks(ground.store.turns, rounds.touched), news.listener)
    return makers.watcher(ground.billing, ground.store.known, listener, news.alarm, pace)


def _desk_options(settings: Settings) -> DeskOptions:
    return DeskOptions(
        draft=timedelta(minutes=settings.payment_draft_minutes),
        hold=timedelta(seconds=settings.payment_hold_seconds),
        approval=timedelta(hours=settings.approval_hours),
        approval_limit=settings.approval_limit,
        kept=timedelta(days=settings.workflow_days),
    )
