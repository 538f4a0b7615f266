"""The trail: a page of it, and the file."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from bot.arguments import said
from bot.cards.tables import table
from bot.conventions import Conventions
from bot.money import Currency
from bot.pages import Page
from bot.reply import Button, Column, File, Reply, Row
from bot.store import Deed, Entry, OrderState
from bot.words import _, ngettext, pgettext

_QUESTIONS = (Deed.ASKED, Deed.REFUSED)
# What is no command; `/look` is how older rows call it.
_MESSAGES = ("message", "/look")


def audit_page(page: Page[Entry], about: str | None, today: date, conventions: Conventions, *, in_place: bool) -> Reply:
    """Who did what, the newest first; `about` is what was asked for."""
    columns = (_("When"), _("Who"), _("What"), _("About"), _("Outcome"))
    return Reply(
        title=_("Trail: {about}").format(about=about) if about else _("Trail"),
        text="" if page.count else _("There is nothing in it."),
        table=table(
            page, tuple(map(Column, columns)), lambda each: _row(each, today, conventions), said("audit", about)
        ),
        buttons=(Button(_("CSV"), said("audit_file", about)),) if page.count else (),
        private=True,
        in_place=in_place,
    )


def audit_file(file: File, count: int, given: int, conventions: Conventions) -> Reply:
    """The trail as a file; it says where there was more than it holds."""
    counted = ngettext("The trail as a file: {count} row.", "The trail as a file: {count} rows.", given)
    more = _("There are {count} in all; these are the newest. “casier audit export” gives them all.")
    return Reply(
        text=counted.format(count=conventions.count(given)),
        notes=(more.format(count=conventions.count(count)),) if count > given else (),
        files=(file,),
        private=True,
    )


def _row(entry: Entry, today: date, conventions: Conventions) -> Row:
    cells = (_when(entry, today, conventions), _who(entry), _what(entry), _about(entry, conventions), _outcome(entry))
    return Row(cells, said("invoice", entry.invoice) if entry.invoice else None)


def _when(entry: Entry, today: date, conventions: Conventions) -> str:
    with suppress(ValueError):
        moment = datetime.fromisoformat(entry.moment)
        is_today = moment.astimezone(conventions.timezone).date() == today
        return conventions.clock(moment) if is_today else conventions.instant(moment)
    return entry.moment


def _who(entry: Entry) -> str:
    return entry.actor_name or (_("Casier") if entry.actor == "casier" else entry.actor)


def _what(entry: Entry) -> str:
    word, note = _deeds().get(entry.deed, entry.deed), entry.note
    named, _space, about = note.partition(" ")
    if entry.deed in _QUESTIONS and named in _MESSAGES:
        return f"{_messages()[entry.deed]} {about}".strip()
    tells_more = note.startswith("/") or entry.deed in (Deed.ACCESS, Deed.SUBSCRIBED)
    return f"{word} {note}" if tells_more else word


def _about(entry: Entry, conventions: Conventions) -> str:
    return ", ".join(filter(None, (entry.invoice or entry.subject, _amount(entry, conventions)))) or "—"


def _amount(entry: Entry, conventions: Conventions) -> str:
    with suppress(InvalidOperation):
        amount = Decimal(entry.amount)
        return replace(conventions, currency=Currency(entry.currency or conventions.currency.code)).money(amount)
    return entry.amount


def _outcome(entry: Entry) -> str:
    words = _answers() if entry.deed in _QUESTIONS else _outcomes()
    return words.get(entry.outcome, entry.outcome)


def _messages() -> dict[str, str]:
    return {
        Deed.ASKED: pgettext("deed", "sent a message"),
        Deed.REFUSED: pgettext("deed", "was refused on a message"),
    }


def _deeds() -> dict[str, str]:
    return {
        Deed.ASKED: pgettext("deed", "asked"),
        Deed.REFUSED: pgettext("deed", "was refused"),
        Deed.DRAFTED: pgettext("deed", "drafted a payment"),
        Deed.CONFIRMED: pgettext("deed", "confirmed it"),
        Deed.CANCELLED: pgettext("deed", "cancelled it"),
        Deed.EXPIRED: pgettext("deed", "let it expire"),
        Deed.UNDONE: pgettext("deed", "took it back"),
        Deed.APPROVED: pgettext("deed", "approved it"),
        Deed.REJECTED: pgettext("deed", "rejected it"),
        Deed.VERDICT: pgettext("deed", "told the verdict"),
        Deed.SETTLED: pgettext("deed", "settled it"),
        Deed.ACCESS: pgettext("deed", "changed access"),
        Deed.SUBSCRIBED: pgettext("deed", "changed subscriptions of"),
    }


def _outcomes() -> dict[str, str]:
    return {
        OrderState.DRAFT: pgettext("outcome", "waits"),
        OrderState.CANCELLED: pgettext("outcome", "cancelled"),
        OrderState.EXPIRED: pgettext("outcome", "expired"),
        OrderState.AWAITING: pgettext("outcome", "to approve"),
        OrderState.REJECTED: pgettext("outcome", "rejected"),
        OrderState.HELD: pgettext("outcome", "held"),
        OrderState.UNDONE: pgettext("outcome", "undone"),
        OrderState.SENDING: pgettext("outcome", "is sent"),
        OrderState.ABSENT: pgettext("outcome", "never arrived"),
        OrderState.RECORDED: pgettext("outcome", "recorded"),
        OrderState.REFUSED: pgettext("outcome", "refused"),
        OrderState.NOT_SENT: pgettext("outcome", "not sent"),
        OrderState.UNKNOWN: pgettext("outcome", "unknown"),
        "added": pgettext("outcome", "added"),
        "removed": pgettext("outcome", "removed"),
        "muted": pgettext("outcome", "muted"),
        "unmuted": pgettext("outcome", "unmuted"),
        "resumed": pgettext("outcome", "resumed"),
        "moved": pgettext("outcome", "moved"),
    }


def _answers() -> dict[str, str]:
    """What came of a question: by the kind of its refusal, where it met one."""
    return {
        "answered": pgettext("outcome", "answered"),
        "ambiguous": pgettext("outcome", "asked back"),
        "misused": pgettext("outcome", "asked back"),
        "unknown": pgettext("outcome", "no such thing"),
        "notfound": pgettext("outcome", "no such thing"),
        "notanswering": pgettext("outcome", "billing away"),
        "busy": pgettext("outcome", "billing busy"),
        "nonsense": pgettext("outcome", "billing not understood"),
        "keyrefused": pgettext("outcome", "our key refused"),
        "rejected": pgettext("outcome", "billing refused"),
        "unwritten": pgettext("outcome", "trail not writable"),
        "failed": pgettext("outcome", "failed"),
        "stranger": pgettext("outcome", "unknown person"),
        "forbidden": pgettext("outcome", "role too low"),
        "late": pgettext("outcome", "too late"),
        "refusal": pgettext("outcome", "refused"),
        "refused": pgettext("outcome", "refused"),
    }
