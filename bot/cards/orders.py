"""A payment that somebody asked for here: its draft, and what became of it."""

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.arguments import said
from bot.cards.doubts import followed, named, warnings
from bot.cards.people import whose
from bot.conventions import Conventions
from bot.dates import now
from bot.money import Currency, spell_amount
from bot.reply import Button, Fact, Reply, Status, Style, Tone
from bot.store import OrderState, PaymentOrder, made_reference
from bot.words import _

_SOON = timedelta(hours=6)


def order_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A payment order as it stands: a draft to confirm, or what became of it, with no buttons left to press twice."""
    return _CARDS[order.state](order, replace(conventions, currency=Currency(order.currency)))


def _again(order: PaymentOrder) -> str:
    """The same payment, asked for anew; a reference that was made for it is made anew, too."""
    reference = None if order.reference == made_reference(order.id) else order.reference
    return said("pay", order.invoice, spell_amount(order.amount, Currency(order.currency)), order.method, reference)


def insist_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A draft that is odd, after its first press: it takes one more, which names the oddity."""
    draft = order_card(order, conventions)
    label = _("Pay anyway: {oddity}").format(oddity=named(order))
    insist = Button(label, said("confirm", order.id, f"anyway-{order.seal}"), Style.DANGER)
    return replace(
        draft,
        status=Status(_("look again"), Tone.BAD),
        buttons=(insist, *(button for button in draft.buttons if not button.command.startswith("/confirm"))),
        in_place=True,
    )


def reason_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A payment that awaits approval, while whoever rejects it may say why."""
    awaiting = order_card(order, conventions)
    plain = Button(_("Reject without a reason"), said("rejected", order.id), Style.DANGER)
    others = (button for button in awaiting.buttons if not button.command.startswith("/reject"))
    asked = _("To reject it, type the reason: {name} will read it.").format(name=order.sender_name)
    return replace(awaiting, text=asked, buttons=(plain, *others))


def look_again_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A payment that awaits approval, after a press that was made before what is odd about it was to be seen."""
    return replace(order_card(order, conventions), status=Status(_("look again"), Tone.BAD), in_place=True)


def waiting_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A payment that awaits approval, for who asked for it: somebody else decides."""
    awaiting = order_card(order, conventions)
    own = tuple(button for button in awaiting.buttons if button.command.startswith("/cancel"))
    return replace(awaiting, text=_("Somebody else, who may approve payments, has to agree."), buttons=own)


def _draft(order: PaymentOrder, conventions: Conventions) -> Reply:
    confirm = Button(_("Confirm…"), said("confirm", order.id), Style.DANGER)
    return Reply(
        title=_("Pay {amount} on {invoice}?").format(amount=conventions.money(order.amount), invoice=order.invoice),
        status=Status(_("not sent yet"), Tone.WAITING),
        facts=(
            *_facts(order, conventions),
            *_money_fact(_("Left to pay now"), order.balance, conventions),
            *_after(order, conventions),
        ),
        warnings=warnings(order, conventions),
        notes=(_("Can be confirmed until {time}.").format(time=_until(order, conventions)),),
        buttons=(
            confirm if order.is_odd else Button(_("Confirm"), said("confirm", order.id), Style.PRIMARY),
            Button(_("Cancel"), said("cancel", order.id)),
            *followed(order),
        ),
        subject=order.id,
        state=order.state,
    )


def _awaiting(order: PaymentOrder, conventions: Conventions) -> Reply:
    seen = f"anyway-{order.seal}" if order.is_odd else None
    return replace(
        _told(
            order,
            conventions,
            Status(_("needs a second person"), Tone.WAITING),
            warnings=warnings(order, conventions),
            buttons=(
                Button(_("Approve"), said("approve", order.id, seen), Style.PRIMARY),
                Button(_("Reject"), said("reject", order.id)),
                Button(_("Withdraw"), said("cancel", order.id)),
            ),
        ),
        notes=(_("Can be approved until {time}.").format(time=conventions.instant(order.expires_at)),),
    )


def _held(order: PaymentOrder, conventions: Conventions) -> Reply:
    seconds = math.ceil((order.send_at - now()).total_seconds()) if order.send_at else 0
    if seconds <= 0:
        return _sending(order, conventions)
    status = Status(_("will be sent in {seconds} s").format(seconds=seconds), Tone.WAITING)
    return _told(order, conventions, status, buttons=(Button(_("Undo"), said("undo", order.id), Style.DANGER),))


def _until(order: PaymentOrder, conventions: Conventions) -> str:
    if order.expires_at - order.asked_at < _SOON:
        return conventions.clock(order.expires_at)
    return conventions.instant(order.expires_at)


def _sending(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(order, conventions, Status(_("being recorded…"), Tone.WAITING))


def _looking(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("no answer yet"), Tone.WAITING),
        text=_("It was sent, and no answer came. Casier looks for it in billing's list, and doesn't send it again."),
    )


def _recorded(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("recorded"), Tone.GOOD),
        title=_("Receipt: payment {id}").format(id=order.payment),
        more=_money_fact(_("Left to pay"), order.left, conventions),
        buttons=(Button(_("Invoice"), said("invoice", order.invoice)),),
    )


def _refused(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("refused"), Tone.BAD),
        text=_("{words}\nNothing was recorded.").format(words=order.words or ""),
        buttons=(Button(_("Invoice"), said("invoice", order.invoice)),),
    )


def _not_sent(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("not sent"), Tone.BAD),
        text=order.words or _("The billing system could not be reached: nothing was sent, nothing is recorded."),
        buttons=(Button(_("Try again"), _again(order)),),
    )


def _unknown(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("unknown"), Tone.BAD),
        warnings=(
            _(
                "It was sent, no answer came, and billing's list doesn't prove whether it was recorded. "
                "It will not be sent again. Look in the billing system; then an admin settles it here.",
            ),
        ),
        buttons=(
            Button(
                _("Payments on {invoice}").format(invoice=order.invoice),
                said("payments", order.invoice),
                Style.PRIMARY,
            ),
            Button(_("Settle (admins)"), said("settle", order.id)),
        ),
    )


def _absent(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("never arrived"), Tone.BAD),
        text=_("It is not in the books. It may be paid anew."),
        buttons=(Button(_("Ask again"), _again(order)),),
    )


def _cancelled(order: PaymentOrder, conventions: Conventions) -> Reply:
    word = _("withdrawn") if order.confirmed_at else _("cancelled")
    return _told(order, conventions, Status(word, Tone.NEUTRAL), text=_("Nothing was sent."))


def _undone(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("undone"), Tone.NEUTRAL),
        text=_("Nothing was sent."),
        buttons=(Button(_("Ask again"), _again(order)),),
    )


def _rejected(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("rejected"), Tone.BAD),
        text=_("Nothing was sent."),
        buttons=(Button(_("Invoice"), said("invoice", order.invoice)),),
    )


def _expired(order: PaymentOrder, conventions: Conventions) -> Reply:
    late = _("It was not approved in time") if order.confirmed_at else _("It was not confirmed in time")
    return _told(
        order,
        conventions,
        Status(_("expired"), Tone.NEUTRAL),
        text=_("{why}: nothing was sent.").format(why=late),
        buttons=(Button(_("Ask again"), _again(order)),),
    )


_CARDS = {
    OrderState.DRAFT: _draft,
    OrderState.CANCELLED: _cancelled,
    OrderState.EXPIRED: _expired,
    OrderState.AWAITING: _awaiting,
    OrderState.REJECTED: _rejected,
    OrderState.HELD: _held,
    OrderState.UNDONE: _undone,
    OrderState.SENDING: _sending,
    OrderState.LOOKING: _looking,
    OrderState.RECORDED: _recorded,
    OrderState.REFUSED: _refused,
    OrderState.NOT_SENT: _not_sent,
    OrderState.UNKNOWN: _unknown,
    OrderState.ABSENT: _absent,
}


def _told(  # noqa: PLR0913 - the parts of a card
    order: PaymentOrder,
    conventions: Conventions,
    status: Status,
    *,
    title: str = "",
    text: str = "",
    more: tuple[Fact, ...] = (),
    warnings: tuple[str, ...] = (),
    buttons: tuple[Button, ...] = (),
) -> Reply:
    paid = _("{amount} on {invoice}").format(amount=conventions.money(order.amount), invoice=order.invoice)
    when = conventions.instant(order.sent_at or order.confirmed_at or order.asked_at)
    told = _("{who}, {when}").format(who=order.sender_name, when=when)
    return Reply(
        title=title or _("Payment of {what}").format(what=paid),
        status=status,
        text=text,
        facts=(*_facts(order, conventions), *more, Fact(_("By"), told), *_others(order)),
        warnings=warnings,
        buttons=buttons,
        in_place=True,
        subject=order.id,
        state=order.state,
    )


def _others(order: PaymentOrder) -> tuple[Fact, ...]:
    """Who else had a say."""
    decided = _("Rejected by") if order.state is OrderState.REJECTED else _("Approved by")
    facts = (
        Fact(decided, order.decider_name or ""),
        Fact(_("Reason"), order.reason or ""),
        Fact(_("Settled by"), order.settler_name or ""),
    )
    return tuple(fact for fact in facts if fact.value)


def _facts(order: PaymentOrder, conventions: Conventions) -> tuple[Fact, ...]:
    facts = (
        Fact(_("Invoice"), order.invoice, said("invoice", order.invoice)),
        whose(order.customer, order.customer_name),
        Fact(_("Amount"), conventions.money(order.amount)),
        Fact(_("Method"), order.method),
        Fact(_("Reference"), order.reference),
    )
    return tuple(fact for fact in facts if fact.value)


def _after(order: PaymentOrder, conventions: Conventions) -> tuple[Fact, ...]:
    """What would be left; nobody reads a minus as "too much"."""
    if order.balance is None:
        return ()
    after = order.balance - order.amount
    label = _("Left to pay after") if after >= 0 else _("Too much by")
    return _money_fact(label, abs(after), conventions)


def _money_fact(label: str, amount: Decimal | None, conventions: Conventions) -> tuple[Fact, ...]:
    return () if amount is None else (Fact(label, conventions.money(amount)),)
