"""What a text names, as buttons that open it."""

from bot.arguments import said
from bot.conventions import Conventions
from bot.mentions import Named
from bot.money import spell_amount
from bot.reply import Button, Fact, Reply, Style
from bot.words import _

_MOST_PAYMENTS = 4


def named_card(named: Named, conventions: Conventions, *, may_pay: bool) -> Reply:
    """Each invoice and customer opens; who may pay is offered each amount on each invoice."""
    amounts = ", ".join(map(conventions.money, named.amounts))
    facts = (
        Fact(_("Invoices"), ", ".join(named.invoices)),
        Fact(_("Customers"), ", ".join(named.customers)),
        Fact(_("Amounts"), amounts),
    )
    if not any(fact.value for fact in facts):
        return Reply(text=_("This message names no invoice, no customer's id and no amount."))
    return Reply(
        title=_("Named in the message"),
        facts=tuple(fact for fact in facts if fact.value),
        buttons=(
            *(Button(number, said("invoice", number), Style.PRIMARY) for number in named.invoices),
            *(Button(customer, said("customer", customer)) for customer in named.customers),
            *(_payments(named, conventions) if may_pay else ()),
        ),
    )


def _payments(named: Named, conventions: Conventions) -> list[Button]:
    return [
        Button(
            _("Pay {amount} on {invoice}").format(amount=conventions.money(amount), invoice=number),
            said("pay", number, spell_amount(amount, conventions.currency)),
        )
        for number in named.invoices
        for amount in named.amounts
    ][:_MOST_PAYMENTS]
