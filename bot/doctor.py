"""Examines a deployment: every setting against the real services, and what to do where something is wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.billing import Billing
from bot.dates import read_moment
from bot.findings import Finding
from bot.refusals import BillingRefusal, KeyRefused, NotFound
from bot.settings import Settings
from bot.settings_file import Misspelt, exposed, misspelt, settings_file
from bot.store import Store, StoreError, bots_on, file_of, open_store, shown_url
from bot.words import _, ngettext

_CLOCK = timedelta(seconds=30)
_FUTURE = timedelta(minutes=5)


async def examine(settings: Settings, billing: Billing) -> AsyncIterator[Finding]:
    """Look at everything but the platforms, which examine themselves."""
    for name in misspelt():
        yield _misspelt(name)
    yield _people(settings)
    yield await _database(settings.database_url)
    for path in exposed([settings_file(), *file_of(settings.database_url)]):
        yield _exposed(path)
    try:
        answered = await billing.show_itself()
    except BillingRefusal as refusal:
        yield no_billing(refusal, settings)
        return
    words = _("{url} answers in {ms} ms and takes our key")
    words = words.format(url=settings.billing_api_url, ms=round(answered.milliseconds))
    yield Finding(_("Billing"), well=True, words=words)
    yield _clock(answered.clock)
    yield await _zone(settings, billing)


def _misspelt(name: Misspelt) -> Finding:
    words = _("there is no setting {written}, so nobody reads it").format(written=name.written)
    remedy = _("did you mean {meant}?").format(meant=name.meant)
    return Finding(_("Settings"), well=False, words=words, remedy=remedy)


def _exposed(path: Path) -> Finding:
    words = _("everybody on this machine can read {path}").format(path=path)
    return Finding(_("Files"), well=False, words=words, remedy=f"chmod 600 {path}")


def _people(settings: Settings) -> Finding:
    counted = (
        (ngettext("{count} admin", "{count} admins", len(settings.admins)), settings.admins),
        (ngettext("{count} approver", "{count} approvers", len(settings.approvers)), settings.approvers),
        (ngettext("{count} cashier", "{count} cashiers", len(settings.cashiers)), settings.cashiers),
        (ngettext("{count} viewer", "{count} viewers", len(settings.viewers)), settings.viewers),
    )
    words = ", ".join(said.format(count=len(people)) for said, people in counted)
    if settings.admins:
        return Finding(_("People"), well=True, words=words)
    words = _("{people}: nobody can mend anything from the chat").format(people=words)
    remedy = _("write /id to the bot, and put what it says into ADMINS")
    return Finding(_("People"), well=False, words=words, remedy=remedy)


async def _database(url: str) -> Finding:
    try:
        store: Store = await open_store(url)
        await store.close()
        bots = await bots_on(url)
    except StoreError as error:
        remedy = error.remedy or _("write DATABASE_URL as .env.example shows it")
        return Finding(_("Database"), well=False, words=error.why, remedy=remedy)
    if bots > 1:
        words = ngettext(
            "{count} casier run is on {url}: chats are told of payments by each of them",
            "{count} casier run are on {url}: chats are told of payments by each of them",
            bots,
        )
        remedy = _("stop all but one, or give each a DATABASE_URL of its own")
        return Finding(_("Database"), well=False, words=words.format(count=bots, url=shown_url(url)), remedy=remedy)
    words = (
        _("{url} can be written and is up to date") if not bots else _("{url} is up to date, and casier run is on it")
    )
    return Finding(_("Database"), well=True, words=words.format(url=shown_url(url)))


def no_billing(refusal: BillingRefusal, settings: Settings) -> Finding:
    """Why billing can't be used, and what to do."""
    remedy, words = _("check BILLING_API_URL, and the service behind it"), refusal.for_admins or refusal.text
    if isinstance(refusal, KeyRefused):
        remedy = _("put the right key into BILLING_API_KEY")
    elif isinstance(refusal, NotFound):
        remedy = _("take from BILLING_API_URL what is not the API's own root, or put in what is missing")
        words = _("{url} answers, but there are no customers").format(url=settings.billing_api_url)
    return Finding(_("Billing"), well=False, words=words, remedy=remedy)


def _clock(theirs: datetime | None) -> Finding:
    if theirs is None:
        words = _("not checked: billing doesn't say what time it has")
        return Finding(_("Clock"), well=True, words=words, checked=False)
    apart = datetime.now(UTC) - theirs
    if abs(apart) <= _CLOCK:
        return Finding(_("Clock"), well=True, words=_("this machine's and billing's agree"))
    seconds = round(abs(apart).total_seconds())
    words = ngettext(
        "this machine's and billing's are {count} second apart",
        "this machine's and billing's are {count} seconds apart",
        seconds,
    ).format(count=seconds)
    return Finding(_("Clock"), well=False, words=words, remedy=_("let this machine's clock be set by NTP"))


async def _zone(settings: Settings, billing: Billing) -> Finding:
    """Billing's times have no zone: a payment of the future shows that TIMEZONE is not theirs."""
    zone = settings.conventions.timezone
    newest = ""
    try:
        async for payment in billing.payments():
            newest = max(newest, payment.paid_at or "")
    except BillingRefusal as refusal:
        words = refusal.for_admins or refusal.text
        return Finding(_("Time zone"), well=False, words=words, remedy=_("mend billing first"))
    moment = read_moment(newest)
    if moment and not moment.tzinfo and moment.replace(tzinfo=zone) > datetime.now(zone) + _FUTURE:
        words = _("by {zone}, billing's newest payment is of the future ({moment})")
        words = words.format(zone=settings.timezone, moment=newest)
        remedy = _("set TIMEZONE to the one that billing writes in")
        return Finding(_("Time zone"), well=False, words=words, remedy=remedy)
    return Finding(_("Time zone"), well=True, words=_("{zone} fits billing's times").format(zone=settings.timezone))
