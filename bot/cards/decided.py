"""What became of a payment order, with no buttons left to press twice."""

from bot.arguments import said
from bot.cards.outline import Told, anew, money_fact, outlined, to_invoice
from bot.conventions import Conventions
from bot.reply import Button, Reply, Status, Style, Tone
from bot.store import PaymentOrder
from bot.words import _


def recorded(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A receipt."""
    told = Told(
        title=_("Receipt: payment {id}").format(id=order.payment),
        more=money_fact(_("Left to pay"), order.left, conventions),
        warnings=_words(order),
        buttons=to_invoice(order),
    )
    return outlined(order, conventions, Status(_("recorded"), Tone.GOOD), told)


def refused(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Billing said no, or has it as a payment that is no money."""
    if order.payment:
        text = _("{words}\nLook in the billing system before it is paid anew.").format(words=order.words or "")
        told = Told(text=text, buttons=(*to_invoice(order), *anew(_("Ask again"), order)))
        return outlined(order, conventions, Status(_("not received"), Tone.BAD), told)
    text = _("{words}\nNothing was recorded.").format(words=order.words or "")
    return outlined(order, conventions, Status(_("refused"), Tone.BAD), Told(text=text, buttons=to_invoice(order)))


def not_sent(order: PaymentOrder, conventions: Conventions) -> Reply:
    """No request was made."""
    unreached = _("The billing system could not be reached: nothing was sent, nothing is recorded.")
    told = Told(text=order.words or unreached, buttons=anew(_("Try again"), order))
    return outlined(order, conventions, Status(_("not sent"), Tone.BAD), told)


def unknown(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A person must look."""
    unproven = _(
        "It was sent, no answer came, and billing's list doesn't prove whether it was recorded. "
        "It will not be sent again. Look in the billing system; then an admin settles it here.",
    )
    label = _("Payments on {invoice}").format(invoice=order.invoice)
    look = Button(label, said("payments", order.invoice), Style.PRIMARY)
    buttons = (look, Button(_("Settle (admins)"), said("settle", order.id)))
    told = Told(warnings=(unproven, *_words(order)), buttons=buttons)
    return outlined(order, conventions, Status(_("unknown"), Tone.BAD), told)


def absent(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A person has looked."""
    told = Told(text=_("It is not in the books. It may be paid anew."), buttons=anew(_("Ask again"), order))
    return outlined(order, conventions, Status(_("never arrived"), Tone.BAD), told)


def cancelled(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Who asked for it took it back before it was held."""
    word = _("withdrawn") if order.confirmed_at else _("cancelled")
    return outlined(order, conventions, Status(word, Tone.NEUTRAL), Told(text=_("Nothing was sent.")))


def undone(order: PaymentOrder, conventions: Conventions) -> Reply:
    """It was taken back while it was held."""
    told = Told(text=_("Nothing was sent."), buttons=anew(_("Ask again"), order))
    return outlined(order, conventions, Status(_("undone"), Tone.NEUTRAL), told)


def rejected(order: PaymentOrder, conventions: Conventions) -> Reply:
    """A second person said no."""
    told = Told(text=_("Nothing was sent."), buttons=to_invoice(order))
    return outlined(order, conventions, Status(_("rejected"), Tone.BAD), told)


def expired(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Nobody confirmed or approved it."""
    late = _("It was not approved in time") if order.confirmed_at else _("It was not confirmed in time")
    told = Told(text=_("{why}: nothing was sent.").format(why=late), buttons=anew(_("Ask again"), order))
    return outlined(order, conventions, Status(_("expired"), Tone.NEUTRAL), told)


def _words(order: PaymentOrder) -> tuple[str, ...]:
    """What is to be said of what billing's list shows."""
    return (order.words,) if order.words else ()
