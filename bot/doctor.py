"""Examines a deployment: every setting against the real services, and what to do where something is wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.billing import Billing
from bot.dates import read_moment
from bot.findings import Finding
from bot.refusals import BillingRefusal, KeyRefused
from bot.settings import Settings
from bot.store import Store, StoreError, open_store

_CLOCK = timedelta(seconds=30)
_FUTURE = timedelta(minutes=5)


async def examine(settings: Settings, billing: Billing) -> AsyncIterator[Finding]:
    """Look at everything but the platforms, which examine themselves."""
    yield _people(settings)
    yield await _database(settings.database_url)
    try:
        answered = await billing.knock()
    except BillingRefusal as refusal:
        yield _no_billing(refusal)
        return
    words = f"{settings.billing_api_url} answers in {answered.milliseconds:.0f} ms and takes our key"
    yield Finding("Billing", well=True, words=words)
    yield _clock(answered.clock)
    yield await _zone(settings, billing)


def _people(settings: Settings) -> Finding:
    named = {
        "admins": settings.admins,
        "approvers": settings.approvers,
        "cashiers": settings.cashiers,
        "viewers": settings.viewers,
    }
    words = ", ".join(f"{len(people)} {role}" for role, people in named.items())
    if settings.admins:
        return Finding("People", well=True, words=words)
    remedy = "write /id to the bot, and put what it says into ADMINS"
    return Finding("People", well=False, words=f"{words}: nobody can mend anything from the chat", remedy=remedy)


async def _database(url: str) -> Finding:
    try:
        store: Store = await open_store(url)
    except StoreError as error:
        remedy = "check DATABASE_URL, and that its folder is there and may be written"
        return Finding("Database", well=False, words=str(error), remedy=remedy)
    await store.close()
    return Finding("Database", well=True, words=f"{url} can be written and is up to date")


def _no_billing(refusal: BillingRefusal) -> Finding:
    if isinstance(refusal, KeyRefused):
        remedy = "put the right key into BILLING_API_KEY"
    else:
        remedy = "check BILLING_API_URL, and the service behind it"
    return Finding("Billing", well=False, words=refusal.for_admins or refusal.text, remedy=remedy)


def _clock(theirs: datetime | None) -> Finding:
    if theirs is None:
        return Finding("Clock", well=True, words="billing doesn't say what time it has")
    apart = datetime.now(UTC) - theirs
    if abs(apart) <= _CLOCK:
        return Finding("Clock", well=True, words="this machine's and billing's agree")
    words = f"this machine's and billing's are {abs(apart).total_seconds():.0f} seconds apart"
    return Finding("Clock", well=False, words=words, remedy="let this machine's clock be set by NTP")


async def _zone(settings: Settings, billing: Billing) -> Finding:
    """Billing's times have no zone: a payment of the future shows that TIMEZONE is not theirs."""
    zone = settings.conventions.timezone
    newest = ""
    try:
        async for payment in billing.payments():
            newest = max(newest, payment.paid_at or "")
    except BillingRefusal as refusal:
        return Finding("Time zone", well=False, words=refusal.for_admins or refusal.text, remedy="mend billing first")
    moment = read_moment(newest)
    if moment and not moment.tzinfo and moment.replace(tzinfo=zone) > datetime.now(zone) + _FUTURE:
        words = f"by {settings.timezone}, billing's newest payment is of the future ({newest})"
        return Finding("Time zone", well=False, words=words, remedy="set TIMEZONE to the one that billing writes in")
    return Finding("Time zone", well=True, words=f"{settings.timezone} fits billing's times")
