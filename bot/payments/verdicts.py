"""An order by its one-shot id, or why it can't be decided any more, in the words of who comes too late."""

from bot.dates import now
from bot.refusals import Late
from bot.reply import Button
from bot.store import Orders, OrderState, PaymentOrder
from bot.words import _


def unheard_of() -> Late:
    """There is no such order."""
    return Late(_("This payment is not known here."))


async def found(orders: Orders, order_id: str) -> PaymentOrder:
    """The order, if there is one of this id."""
    order = await orders.get(order_id)
    if order is None:
        raise unheard_of()
    return order


def decided(order: PaymentOrder) -> str:
    """What became of it before."""
    if order.state is OrderState.AWAITING and order.expires_at <= now():
        return _("It was not approved in time. Nothing was sent.")
    return {
        OrderState.DRAFT: _("The time to confirm this payment has passed. Nothing was sent."),
        OrderState.EXPIRED: _("The time to confirm this payment has passed. Nothing was sent."),
        OrderState.CANCELLED: _("This payment was cancelled before. Nothing was sent."),
        OrderState.AWAITING: _("This payment is confirmed already, and waits for a second person."),
        OrderState.REJECTED: _("This payment was rejected before. Nothing was sent."),
        OrderState.HELD: _("This payment is confirmed already, and about to be sent. It is sent only once."),
        OrderState.UNDONE: _("This payment was undone before. Nothing was sent."),
        OrderState.SENDING: _("This payment is being recorded already. It is sent only once."),
        OrderState.LOOKING: _("This payment was sent already, and is being looked for. It is sent only once."),
        OrderState.RECORDED: _("This payment is recorded already, as {id}. It was sent only once."),
        OrderState.REFUSED: _("This payment was refused before. Ask for a new one."),
        OrderState.NOT_SENT: _("This payment could not be sent before. Ask for a new one."),
        OrderState.UNKNOWN: _("This payment's outcome is unknown. It will not be sent again."),
        OrderState.ABSENT: _("This payment never arrived, as {settler} has found. Ask for a new one."),
    }[order.state].format(id=order.payment, settler=order.settler_name)


def overtaken(order: PaymentOrder) -> Late:
    """Something else happened on its invoice."""
    return Late(
        _("Meanwhile another payment on this invoice was sent. Look at it, and ask for this one anew."),
        buttons=(Button(_("Payments"), f"/payments {order.invoice}"),),
    )


def beside(other: PaymentOrder) -> Late:
    """Another payment of ours on its invoice comes first."""
    follow = Button(_("Follow it"), f"/payment {other.id}")
    if other.state is OrderState.UNKNOWN:
        words = _(
            "An earlier payment on this invoice, by {name}, has an unknown outcome. An admin has to settle it first.",
        )
    else:
        words = _("A payment by {name} on this invoice is under way. No other is sent meanwhile.")
    return Late(words.format(name=other.sender_name), buttons=(follow,))
