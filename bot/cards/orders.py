"""A payment that somebody asked for here: its card as it stands, and while one more word about it is waited for."""

from dataclasses import replace

from bot.arguments import said
from bot.cards import decided, undecided
from bot.cards.approval import awaiting
from bot.cards.doubts import named
from bot.conventions import Conventions
from bot.message import Chat
from bot.money import Currency
from bot.reply import Button, Reply, Status, Style, Tone
from bot.store import OrderState, PaymentOrder
from bot.words import _


def order_card(
    order: PaymentOrder, conventions: Conventions, chat: Chat | None = None, reached: int | None = None
) -> Reply:
    """A payment order as it stands: a draft to confirm, or what became of it, with no buttons left to press twice.

    `chat`: where it is shown; `reached`: how many were asked to approve it. Both count only while it awaits that.
    """
    shown = replace(conventions, currency=Currency(order.currency))
    if order.state is OrderState.AWAITING:
        return awaiting(order, shown, chat, reached)
    return _CARDS[order.state](order, shown)


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


def reason_card(order: PaymentOrder, conventions: Conventions, chat: Chat) -> Reply:
    """A payment that awaits approval, while whoever rejects it may say why."""
    awaits = order_card(order, conventions, chat)
    plain = Button(_("Reject without a reason"), said("rejected", order.id), Style.DANGER)
    others = (button for button in awaits.buttons if not button.command.startswith("/reject"))
    asked = _("To reject it, type the reason: {name} will read it.").format(name=order.sender_name)
    return replace(awaits, text=asked, buttons=(plain, *others))


def rejection(order: PaymentOrder) -> Reply:
    """The answer to a reason that was typed where the card of the payment is to be seen, and tells the rest."""
    return Reply(text=_("Rejected. {name} reads your reason on the card.").format(name=order.sender_name))


def look_again_card(order: PaymentOrder, conventions: Conventions, chat: Chat) -> Reply:
    """A payment that awaits approval, after a press that was made before what is odd about it was to be seen."""
    return replace(order_card(order, conventions, chat), status=Status(_("look again"), Tone.BAD), in_place=True)


_CARDS = {
    OrderState.DRAFT: undecided.draft,
    OrderState.CANCELLED: decided.cancelled,
    OrderState.EXPIRED: decided.expired,
    OrderState.REJECTED: decided.rejected,
    OrderState.HELD: undecided.held,
    OrderState.UNDONE: decided.undone,
    OrderState.SENDING: undecided.sending,
    OrderState.LOOKING: undecided.looking,
    OrderState.RECORDED: decided.recorded,
    OrderState.REFUSED: decided.refused,
    OrderState.NOT_SENT: decided.not_sent,
    OrderState.UNKNOWN: decided.unknown,
    OrderState.ABSENT: decided.absent,
}
