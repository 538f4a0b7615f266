"""What the cards of a payment order have in common: what it is about, who had a say, where to go from here."""

from dataclasses import dataclass
from decimal import Decimal

from bot.arguments import said
from bot.cards.people import whose
from bot.conventions import Conventions
from bot.money import Currency, spell_amount
from bot.reply import Button, Fact, Reply, Status
from bot.store import OrderState, PaymentOrder, made_reference
from bot.words import _


@dataclass(frozen=True, slots=True)
class Told:
    """What a card says besides that; no title: the usual one."""

    title: str = ""
    text: str = ""
    more: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


def outlined(order: PaymentOrder, conventions: Conventions, status: Status, told: Told) -> Reply:
    """A card of an order that is confirmed, or over; it takes the place of what was shown before."""
    paid = _("{amount} on {invoice}").format(amount=conventions.money(order.amount), invoice=order.invoice)
    when = conventions.instant(order.sent_at or order.confirmed_at or order.asked_at)
    asked = Fact(_("By"), _("{who}, {when}").format(who=order.sender_name, when=when))
    return Reply(
        title=told.title or _("Payment of {what}").format(what=paid),
        status=status,
        text=told.text,
        facts=(*order_facts(order, conventions), *told.more, asked, *_others(order)),
        warnings=told.warnings,
        buttons=told.buttons,
        in_place=True,
        subject=order.id,
        state=order.state,
    )


def order_facts(order: PaymentOrder, conventions: Conventions) -> tuple[Fact, ...]:
    """What is to be paid, and how."""
    facts = (
        Fact(_("Invoice"), order.invoice, said("invoice", order.invoice)),
        whose(order.customer, order.customer_name),
        Fact(_("Amount"), conventions.money(order.amount)),
        Fact(_("Method"), order.method),
        Fact(_("Reference"), order.reference),
    )
    return tuple(fact for fact in facts if fact.value)


def money_fact(label: str, amount: Decimal | None, conventions: Conventions) -> tuple[Fact, ...]:
    """An amount, where it is known."""
    return () if amount is None else (Fact(label, conventions.money(amount)),)


def to_invoice(order: PaymentOrder) -> tuple[Button, ...]:
    """Lead to its invoice."""
    return (Button(_("Invoice"), said("invoice", order.invoice)),)


def anew(label: str, order: PaymentOrder) -> tuple[Button, ...]:
    """Ask for the same payment anew; a reference that was made for it is made anew, too."""
    reference = None if order.reference == made_reference(order.id) else order.reference
    amount = spell_amount(order.amount, Currency(order.currency))
    return (Button(label, said("pay", order.invoice, amount, order.method, reference)),)


def _others(order: PaymentOrder) -> tuple[Fact, ...]:
    """Who else had a say."""
    decided = _("Rejected by") if order.state is OrderState.REJECTED else _("Approved by")
    facts = (
        Fact(decided, order.decider_name or ""),
        Fact(_("Reason"), order.reason or ""),
        Fact(_("Settled by"), order.settler_name or ""),
    )
    return tuple(fact for fact in facts if fact.value)
