"""One payment's whole story, all that are not decided, and how an unknown one is settled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.arguments import said
from bot.billing import Payment
from bot.cards.orders import order_card
from bot.cards.people import whose
from bot.cards.statuses import status_word
from bot.conventions import Conventions
from bot.message import Chat
from bot.money import Currency
from bot.reply import Button, Column, Fact, Reply, Row, Status, Style, Table, Tone
from bot.store import OrderState, PaymentOrder
from bot.words import _, ngettext


def story_card(order: PaymentOrder, conventions: Conventions, chat: Chat, reached: int | None) -> Reply:
    """An order as it stands, and how it came to that."""
    card = order_card(order, conventions, chat, reached)
    told = tuple(words for words in _story(order, conventions) if words)
    return replace(card, notes=(*told, *card.notes, _("Its number here: {id}").format(id=order.id)), in_place=False)


def others_card(payment: Payment, conventions: Conventions) -> Reply:
    """A payment of billing's that was not recorded here."""
    facts = (
        Fact(_("Invoice"), payment.invoice or "—", said("invoice", payment.invoice) if payment.invoice else None),
        Fact(_("Amount"), conventions.money(payment.amount)),
        Fact(_("When"), conventions.day(payment.paid_at)),
        Fact(_("Status"), status_word(payment.status)),
    )
    return Reply(
        title=_("Payment {id}").format(id=payment.id),
        facts=facts,
        notes=(_("It was not recorded here: who did, billing doesn't say."),),
        buttons=(Button(_("Invoice"), said("invoice", payment.invoice)),) if payment.invoice else (),
    )


def pending_list(orders: Sequence[PaymentOrder], conventions: Conventions) -> Reply:
    """What is confirmed and not proven: a row each, which leads to its story."""
    if not orders:
        return Reply(title=_("Pending payments"), text=_("None: everything that was confirmed has its verdict."))
    columns = (Column(_("Invoice")), Column(_("Amount"), figures=True), Column(_("State")), Column(_("By")))
    rows = tuple(_pending_row(order, conventions) for order in orders)
    counted = ngettext("{count} payment", "{count} payments", len(orders)).format(count=conventions.count(len(orders)))
    return Reply(title=_("Pending payments"), facts=(Fact(_("In all"), counted),), table=Table(columns, rows))


def settle_card(
    order: PaymentOrder,
    payments: Sequence[Payment],
    new: frozenset[str],
    worthless: frozenset[str],
    conventions: Conventions,
) -> Reply:
    """Ask an admin what became of an unknown payment, with what billing's list shows now.

    `new`: those that were not there before; `worthless`: those that are no received money.
    """
    shown = replace(conventions, currency=Currency(order.currency))
    paid = _("{amount} on {invoice}").format(amount=shown.money(order.amount), invoice=order.invoice)
    found = tuple(payment for payment in payments if payment.id in new) or tuple(payments)
    return Reply(
        title=_("What became of {what}?").format(what=paid),
        status=Status(_("unknown"), Tone.BAD),
        text=_found(len(found), bool(new)),
        facts=(
            whose(order.customer, order.customer_name),
            Fact(_("Method"), order.method),
            Fact(_("Reference"), order.reference),
            *((Fact(_("Sent"), shown.second(order.sent_at)),) if order.sent_at else ()),
        ),
        notes=(_("Look in the billing system, too: what is settled as “never arrived” may be paid anew."),),
        table=_candidates(found, shown) if found else None,
        buttons=(
            *(Button(_it_is(payment, worthless), said("settle", order.id, payment.id)) for payment in found[:5]),
            Button(
                _("It never arrived") if not new else _("It never arrived, none of these is it"),
                said("settle", order.id, "never", *sorted(new)),
                Style.DANGER,
            ),
        ),
        subject=order.id,
        state=order.state,
    )


def _found(count: int, are_new: bool) -> str:  # noqa: FBT001 - what was found
    if not count:
        return _("Billing's list, read just now, shows no further payment of this amount on this invoice.")
    if are_new:
        return ngettext(
            "Billing's list, read just now, shows {count} payment of this amount that was not there before.",
            "Billing's list, read just now, shows {count} payments of this amount that were not there before.",
            count,
        ).format(count=count)
    return ngettext(
        "Billing's list, read just now, shows {count} payment of this amount, which was there before.",
        "Billing's list, read just now, shows {count} payments of this amount, which were there before.",
        count,
    ).format(count=count)


def _it_is(payment: Payment, worthless: frozenset[str]) -> str:
    if payment.id not in worthless:
        return _("It is payment {id}").format(id=payment.id)
    return _("It is payment {id}: {status}").format(id=payment.id, status=status_word(payment.status))


def _candidates(payments: Sequence[Payment], conventions: Conventions) -> Table:
    columns = (Column(_("Payment")), Column(_("When")), Column(_("Amount"), figures=True), Column(_("Status")))
    rows = (
        Row((each.id, conventions.day(each.paid_at), conventions.money(each.amount), status_word(each.status)))
        for each in payments
    )
    return Table(columns, tuple(rows))


def _pending_row(order: PaymentOrder, conventions: Conventions) -> Row:
    amount = replace(conventions, currency=Currency(order.currency)).money(order.amount)
    return Row((order.invoice, amount, _state_word(order.state), order.sender_name), said("payment", order.id))


def _state_word(state: OrderState) -> str:
    return {
        OrderState.AWAITING: _("needs a second person"),
        OrderState.HELD: _("held"),
        OrderState.SENDING: _("being recorded…"),
        OrderState.LOOKING: _("no answer yet"),
        OrderState.UNKNOWN: _("unknown"),
    }.get(state, state.value)


def _story(order: PaymentOrder, conventions: Conventions) -> tuple[str, ...]:
    rejected = order.state is OrderState.REJECTED
    decision = _("{when}: rejected by {name}") if rejected else _("{when}: approved by {name}")
    elsewhere = order.chat not in ("", order.sender)
    asked = _("{when}: asked for by {name} in {chat}") if elsewhere else _("{when}: asked for by {name}")
    verdict = _("{when}: {state}, settled by {name}") if order.settler else _("{when}: {state}")

    def told(words: str, moment: datetime | None, name: str | None = "") -> str:
        if moment is None:
            return ""
        state = order_card(order, conventions).status
        when = conventions.second(moment)
        return words.format(when=when, name=name or "", chat=order.chat, state=state.word if state else "")

    return (
        told(asked, order.asked_at, order.sender_name),
        told(_("{when}: confirmed"), order.confirmed_at),
        told(decision, order.decided_at, order.decider_name) if order.decided_at else "",
        told(_("{when}: sent"), order.sent_at),
        told(verdict, order.settled_at, order.settler_name) if order.settled_at else "",
    )
