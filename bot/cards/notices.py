"""What a chat is told of payments: one, many together, or that one's status has changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from bot.arguments import said
from bot.cards.people import whose
from bot.cards.statuses import status_of, status_word
from bot.conventions import Conventions
from bot.reply import Button, Column, Fact, Reply, Row, Table
from bot.store import CardStyle, Held, PaymentEvent, PaymentOrder
from bot.words import _, ngettext

_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an event besides: the customer, what is left on the invoice, how it was recorded here."""

    customer: str | None = None
    customer_name: str | None = None
    left: Decimal | None = None
    order: PaymentOrder | None = None


@dataclass(slots=True)
class Sums:
    """What many events amount to: each payment counts once, as it stands after the last of them.

    Only received money is added up; what was received before these events is not added again.
    """

    received: Decimal = Decimal(0)
    payments: int = 0
    changes: int = 0
    others: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, events: Sequence[PaymentEvent], received: frozenset[str]) -> "Sums":
        """Add them up."""
        first = {event.payment: event for event in reversed(events)}
        sums = cls()
        for last in {event.payment: event for event in events}.values():
            is_new = first[last.payment].is_new
            was_received = not is_new and _is_received(first[last.payment].before, received)
            sums.payments += is_new
            sums.changes += not is_new
            if not _is_received(last.status, received):
                sums.others[last.status or ""] += 1
            elif not was_received:
                sums.received += last.amount
        return sums


def payment_notice(event: PaymentEvent, known: Known, style: CardStyle, conventions: Conventions) -> Reply:
    """A payment as it stands: new, or its status has changed and nothing shows it yet."""
    title = _("{amount} on {invoice}").format(amount=conventions.money(event.amount), invoice=event.invoice or "—")
    facts = _facts(event, known, conventions)
    is_compact = style is CardStyle.COMPACT
    return Reply(
        title=title,
        status=status_of(event.status),
        text=" · ".join(fact.value for fact in facts[:1] if fact.value) if is_compact else "",
        facts=() if is_compact else tuple(fact for fact in facts if fact.value),
        buttons=_buttons(event, known.customer),
    )


def late_note(held: Held | None, *, away: bool) -> str:
    """Why one that is told alone is told late; nothing where it isn't."""
    if held is None:
        return _("It came while I was away.") if away else ""
    return {
        Held.MUTED: _("It came while this was muted."),
        Held.QUIET: _("It came in the quiet hours."),
        Held.PAUSED: _("It came while I could not write here."),
    }[held]


def change_notice(event: PaymentEvent, conventions: Conventions) -> Reply:
    """The news under a card: its payment has another status now."""
    return Reply(
        title=_("{amount} on {invoice}").format(amount=conventions.money(event.amount), invoice=event.invoice or "—"),
        status=status_of(event.status),
        text=_changed(event),
    )


def summary_notice(events: Sequence[PaymentEvent], held: Held | None, conventions: Conventions, *, away: bool) -> Reply:
    """Many at once, with their total. `held`: why they waited; `away`: they came while we were not running."""
    sums = Sums.of(events, conventions.received)
    others = ", ".join(f"{conventions.count(count)} {status_word(word)}" for word, count in sums.others.most_common())
    changes = ngettext("{count} payment", "{count} payments", sums.changes).format(
        count=conventions.count(sums.changes)
    )
    facts = (
        Fact(_("Not added up"), others),
        Fact(_("Status changed"), changes if sums.changes else ""),
    )
    return Reply(
        title=_("{what}, total {amount}").format(
            what=_counted(sums, held, conventions, away=away), amount=conventions.money(sums.received)
        ),
        facts=tuple(fact for fact in facts if fact.value),
        table=_newest(events, conventions),
        notes=_left_out(events, conventions),
        buttons=(Button(_("Payments"), "/payments"), Button(_("Mute"), "/mute")),
    )


def sample_notice(style: CardStyle, moment: datetime, conventions: Conventions) -> Reply:
    """How a payment would look; it says that it is none."""
    words = _("This is a test: no payment has come.")
    event = PaymentEvent(
        payment="0",
        invoice="2024-001",
        amount=Decimal("5320.50"),
        status=min(conventions.received, default=None),
        paid_at=moment.astimezone(conventions.timezone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds"),
        seen_at=moment,
    )
    notice = payment_notice(event, Known("CL-001", _("A customer"), Decimal(0)), style, conventions)
    return replace(notice, warnings=(words,), buttons=(Button(_("Mute"), "/mute"),))


def mute_offer(elsewhere: str | None) -> Reply:
    """For how long a chat shall be left alone; `elsewhere`: which, where that isn't the chat that reads this."""
    at = {"chat": elsewhere} if elsewhere else {}
    choices = ((_("1 hour"), "1h"), (_("8 hours"), "8h"), (_("1 day"), "1d"))
    return Reply(
        title=_("Mute the payments in {chat}?").format(chat=elsewhere) if elsewhere else _("Mute the payments here?"),
        text=_("What comes meanwhile is told afterwards, in one message."),
        buttons=tuple(Button(label, said("mute", word, **at)) for label, word in choices),
    )


def _facts(event: PaymentEvent, known: Known, conventions: Conventions) -> tuple[Fact, ...]:
    order = known.order
    return (
        whose(known.customer, known.customer_name),
        Fact(_("Left to pay"), "" if known.left is None else conventions.money(known.left)),
        Fact(_("When"), conventions.moment(event.paid_at) if event.paid_at else ""),
        Fact(_("Recorded by"), order.sender_name if order else ""),
        Fact(_("Approved by"), (order.decider_name or "") if order else ""),
        Fact(_("Method"), order.method if order else ""),
        Fact(_("Reference"), order.reference if order else ""),
        Fact(_("Before"), "" if event.is_new else status_word(event.before)),
    )


def _buttons(event: PaymentEvent, customer: str | None) -> tuple[Button, ...]:
    return (
        *((Button(_("Invoice"), said("invoice", event.invoice)),) if event.invoice else ()),
        *((Button(_("Customer"), said("customer", customer)),) if customer else ()),
        Button(_("Mute"), "/mute"),
    )


def _changed(event: PaymentEvent) -> str:
    words = _("Payment {id} was {before}, and is {after} now.")
    return words.format(id=event.payment, before=status_word(event.before), after=status_word(event.status))


def _counted(sums: Sums, held: Held | None, conventions: Conventions, *, away: bool) -> str:
    count = sums.payments + sums.changes
    number = conventions.count(count)
    if held is Held.MUTED:
        words = ngettext("{count} payment while this was muted", "{count} payments while this was muted", count)
    elif held is Held.QUIET:
        words = ngettext("{count} payment in the quiet hours", "{count} payments in the quiet hours", count)
    elif held is Held.PAUSED:
        words = ngettext(
            "{count} payment while I could not write here", "{count} payments while I could not write here", count
        )
    elif away:
        words = ngettext("{count} payment while I was away", "{count} payments while I was away", count)
    else:
        words = ngettext("{count} payment", "{count} payments", count)
    return words.format(count=number)


def _newest(events: Sequence[PaymentEvent], conventions: Conventions) -> Table:
    columns = (Column(_("Invoice")), Column(_("Amount"), figures=True), Column(_("Status")))
    rows = (
        Row(
            (event.invoice or "—", conventions.money(event.amount), status_word(event.status)),
            said("invoice", event.invoice) if event.invoice else None,
        )
        for event in _last(events)[:_MOST_ROWS]
    )
    return Table(columns, tuple(rows))


def _left_out(events: Sequence[PaymentEvent], conventions: Conventions) -> tuple[str, ...]:
    more = len(_last(events)) - _MOST_ROWS
    if more <= 0:
        return ()
    words = ngettext("And {count} more: /payments shows them.", "And {count} more: /payments shows them.", more)
    return (words.format(count=conventions.count(more)),)


def _last(events: Sequence[PaymentEvent]) -> list[PaymentEvent]:
    """Each payment as it stands, the newest first."""
    return sorted({event.payment: event for event in events}.values(), key=lambda event: -event.id)


def _is_received(status: str | None, received: frozenset[str]) -> bool:
    return (status or "").casefold() in received
