"""Who a payment is of."""

from bot.arguments import said
from bot.reply import Fact
from bot.words import _


def whose(customer: str | None, name: str | None) -> Fact:
    """The customer, by name where it is known."""
    named = f"{name} ({customer})" if name and customer else customer or name or ""
    return Fact(_("Customer"), named, said("customer", customer) if customer else None)
