"""What is odd about a payment, in words: as a warning, and short enough for a button."""

from bot.conventions import Conventions
from bot.dates import read_moment
from bot.reply import Button
from bot.store import WEIGHTY, Doubt, Oddity, PaymentOrder
from bot.words import _


def warnings(order: PaymentOrder, conventions: Conventions) -> tuple[str, ...]:
    """Everything that is odd about it, a sentence each."""
    return tuple(_warning(doubt, order, conventions) for doubt in order.doubts)


def named(order: PaymentOrder) -> str:
    """What is odd about it, in a few words."""
    return ", ".join(dict.fromkeys(_NAMES[doubt.oddity]() for doubt in order.doubts if doubt.oddity in WEIGHTY))


def followed(order: PaymentOrder) -> tuple[Button, ...]:
    """What leads to the payments that make it odd."""
    others = dict.fromkeys(doubt.payment for doubt in order.doubts if doubt.payment)
    return tuple(Button(_("Show the other one"), f"/payment {other}") for other in list(others)[:1])


_NAMES = {
    Oddity.PAID: lambda: _("paid already"),
    Oddity.CANCELLED: lambda: _("cancelled"),
    Oddity.TEN_TIMES: lambda: _("ten times the rest"),
    Oddity.TENTH: lambda: _("a tenth of the rest"),
    Oddity.TOO_MUCH: lambda: _("more than the rest"),
    Oddity.TWIN: lambda: _("a second time"),
    Oddity.REFERENCE: lambda: _("reference used before"),
    Oddity.UNKNOWN_BEFORE: lambda: _("one is unknown"),
}


def _warning(doubt: Doubt, order: PaymentOrder, conventions: Conventions) -> str:
    balance = "" if order.balance is None else conventions.money(order.balance)
    words = {
        Oddity.PAID: _("This invoice is paid already."),
        Oddity.CANCELLED: _("This invoice is cancelled."),
        Oddity.TEN_TIMES: _("This is ten times the {balance} that is left to pay."),
        Oddity.TENTH: _("This is just a tenth of the {balance} that is left to pay."),
        Oddity.TOO_MUCH: _("This is more than the {balance} that is left to pay."),
        Oddity.TWIN: _("The same amount was recorded on this invoice lately: payment {payment}{origin}."),
        Oddity.REFERENCE: _("This reference was used before{origin}."),
        Oddity.UNDER_WAY: _("Another payment on this invoice is under way{origin}."),
        Oddity.DRAFTED: _("Another payment on this invoice is drafted, and not confirmed{origin}."),
        Oddity.UNSEEN: _(
            "Billing's list could not be read in time: whether the same amount was recorded elsewhere before, "
            "Casier doesn't know."
        ),
        Oddity.UNKNOWN_BEFORE: _(
            "An earlier payment on this invoice has an unknown outcome{origin}. An admin has to settle it first."
        ),
    }[doubt.oddity]
    return words.format(balance=balance, payment=doubt.payment or "", origin=_origin(doubt, conventions))


def _origin(doubt: Doubt, conventions: Conventions) -> str:
    """`, by Ioana, 5 Mar 2024`: as much of it as is known."""
    moment = read_moment(doubt.when)
    when = conventions.instant(moment) if moment and moment.tzinfo else conventions.day(doubt.when) if moment else ""
    if not doubt.who:
        return f", {when}" if when else ""
    told = _(", by {name}").format(name=doubt.who)
    return f"{told}, {when}" if when else told
