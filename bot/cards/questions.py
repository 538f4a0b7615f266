"""The questions before a payment: how much, and by which method."""

from decimal import Decimal

from bot.arguments import said
from bot.billing import Invoice
from bot.cards.people import whose
from bot.conventions import Conventions
from bot.money import is_payable, spell_amount
from bot.reply import Button, Fact, Reply
from bot.words import _


def ask_for_amount(invoice: Invoice, customer_name: str | None, conventions: Conventions) -> Reply:
    """Ask how much, and by which method. The rest is a press away."""
    rest = invoice.balance if invoice.balance and is_payable(invoice.balance, conventions.currency) else None
    left = Fact(_("Left to pay"), "" if invoice.balance is None else conventions.money(invoice.balance))
    facts = (whose(invoice.customer_id, customer_name), left)
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


def _by_method(invoice: str, amount: Decimal, conventions: Conventions) -> tuple[Button, ...]:
    label = _("{amount} by {method}")
    spelled = spell_amount(amount, conventions.currency)
    return tuple(
        Button(label.format(amount=conventions.money(amount), method=method), said("pay", invoice, spelled, method))
        for method in conventions.methods
    )
