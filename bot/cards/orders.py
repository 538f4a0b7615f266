"""A payment that somebody asked for here: the questions before it, its draft, and what became of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.arguments import said
from bot.billing import Invoice
from bot.conventions import Conventions
from bot.money import Currency, is_payable, spell_amount
from bot.reply import Button, Fact, Reply, Status, Style, Tone
from bot.store import Oddity, OrderState, PaymentOrder, made_reference
from bot.words import _

_SOON = timedelta(hours=6)


def ask_for_amount(invoice: Invoice, customer_name: str | None, conventions: Conventions) -> Reply:
    """Ask how much, and by which method. The rest is a press away."""
    rest = invoice.balance if invoice.balance and is_payable(invoice.balance, conventions.currency) else None
    left = Fact(_("Left to pay"), "" if invoice.balance is None else conventions.money(invoice.balance))
    facts = (_whose(invoice.customer_id, customer_name), left)
    return Reply(
        title=_("Pay invoice {number}").format(number=invoice.number),
        facts=tuple(fact for fact in facts if fact.value),
        text=_("Choose how the rest is paid, or type an amount.") if rest else _("Type the amount."),
        buttons=_by_method(invoice.number, rest, conventions) if rest else (),
    )


def ask_for_method(invoice: Invoice, amount: Decimal, conventions: Conventions) -> Reply:
    """Ask by which method."""
    return Reply(
        title=_("Pay invoice {number}").format(number=invoice.number),
        text=_("How is it paid?"),
        buttons=_by_method(invoice.number, amount, conventions),
    )


def order_card(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A payment order as it stands: a draft to confirm, or what became of it, with no buttons left to press twice."""
    return _CARDS[order.state](order, replace(conventions, currency=Currency(order.currency)))


def _by_method(invoice: str, amount: Decimal, conventions: Conventions) -> tuple[Button, ...]:
    label = _("{amount} by {method}")
    spelled = spell_amount(amount, conventions.currency)
    return tuple(
        Button(label.format(amount=conventions.money(amount), method=method), said("pay", invoice, spelled, method))
        for method in conventions.methods
    )


def _again(order: PaymentOrder) -> str:
    """The same payment, asked for anew; a reference that was made for it is made anew, too."""
    reference = None if order.reference == made_reference(order.id) else order.reference
    return said("pay", order.invoice, spell_amount(order.amount, Currency(order.currency)), order.method, reference)


def _draft(order: PaymentOrder, conventions: Conventions) -> Reply:
    after = None if order.balance is None else order.balance - order.amount
    return Reply(
        title=_("Pay {amount} on {invoice}?").format(amount=conventions.money(order.amount), invoice=order.invoice),
        status=Status(_("not sent yet"), Tone.WAITING),
        facts=(
            *_facts(order, conventions),
            *_money_fact(_("Left to pay now"), order.balance, conventions),
            *_money_fact(_("Left to pay after"), after, conventions),
        ),
        warnings=tuple(_warning(oddity, order, conventions) for oddity in order.oddities),
        notes=(_("Can be confirmed until {time}.").format(time=_until(order, conventions)),),
        buttons=(
            Button(_("Confirm"), said("confirm", order.id), Style.DANGER if order.oddities else Style.PRIMARY),
            Button(_("Cancel"), said("cancel", order.id)),
        ),
        subject=order.id,
        state=order.state,
    )


def _until(order: PaymentOrder, conventions: Conventions) -> str:
    if order.expires_at - order.asked_at < _SOON:
        return conventions.clock(order.expires_at)
    return conventions.instant(order.expires_at)


def _sending(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(order, conventions, Status(_("being recorded…"), Tone.WAITING))


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
                "The payment was sent, but no answer says whether it was recorded. "
                "It will not be sent again. Look at the invoice's payments before anybody repeats it.",
            ),
        ),
        buttons=(
            Button(_("Look at its payments"), said("payments", order.invoice), Style.PRIMARY),
            Button(_("Invoice"), said("invoice", order.invoice)),
        ),
    )


def _cancelled(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(order, conventions, Status(_("cancelled"), Tone.NEUTRAL), text=_("Nothing was sent."))


def _expired(order: PaymentOrder, conventions: Conventions) -> Reply:
    return _told(
        order,
        conventions,
        Status(_("expired"), Tone.NEUTRAL),
        text=_("It was not confirmed in time: nothing was sent."),
        buttons=(Button(_("Ask again"), _again(order)),),
    )


_CARDS = {
    OrderState.DRAFT: _draft,
    OrderState.CANCELLED: _cancelled,
    OrderState.EXPIRED: _expired,
    OrderState.SENDING: _sending,
    OrderState.RECORDED: _recorded,
    OrderState.REFUSED: _refused,
    OrderState.NOT_SENT: _not_sent,
    OrderState.UNKNOWN: _unknown,
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
    when = conventions.instant(order.settled_at or order.sent_at or order.asked_at)
    told = _("{who}, {when}").format(who=order.sender_name, when=when)
    return Reply(
        title=title or _("Payment of {what}").format(what=paid),
        status=status,
        text=text,
        facts=(*_facts(order, conventions), *more, Fact(_("By"), told)),
        warnings=warnings,
        buttons=buttons,
        in_place=True,
        subject=order.id,
        state=order.state,
    )


def _facts(order: PaymentOrder, conventions: Conventions) -> tuple[Fact, ...]:
    facts = (
        Fact(_("Invoice"), order.invoice, said("invoice", order.invoice)),
        _whose(order.customer, order.customer_name),
        Fact(_("Amount"), conventions.money(order.amount)),
        Fact(_("Method"), order.method),
        Fact(_("Reference"), order.reference),
    )
    return tuple(fact for fact in facts if fact.value)


def _whose(customer: str | None, name: str | None) -> Fact:
    named = f"{name} ({customer})" if name and customer else customer or name or ""
    return Fact(_("Customer"), named, said("customer", customer) if customer else None)


def _money_fact(label: str, amount: Decimal | None, conventions: Conventions) -> tuple[Fact, ...]:
    return () if amount is None else (Fact(label, conventions.money(amount)),)


def _warning(oddity: Oddity, order: PaymentOrder, conventions: Conventions) -> str:
    balance = "" if order.balance is None else conventions.money(order.balance)
    return {
        Oddity.PAID: _("This invoice is paid already."),
        Oddity.CANCELLED: _("This invoice is cancelled."),
        Oddity.TOO_MUCH: _("This is more than the {balance} that is left to pay.").format(balance=balance),
        Oddity.UNDER_WAY: _(
            "Another payment on this invoice is under way: somebody has asked for it, or is sending it."
        ),
        Oddity.UNKNOWN_BEFORE: _(
            "An earlier payment on this invoice has an unknown outcome: look at its payments first.",
        ),
    }[oddity]
