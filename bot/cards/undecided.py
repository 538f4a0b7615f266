"""A payment order on its way: its draft, while it is held, sent and looked for."""

import math
from datetime import timedelta

from bot.arguments import said
from bot.cards.doubts import followed, warnings
from bot.cards.outline import Told, money_fact, order_facts, outlined
from bot.conventions import Conventions
from bot.dates import now
from bot.reply import Button, Fact, Reply, Status, Style, Tone
from bot.store import PaymentOrder
from bot.words import _

_SOON = timedelta(hours=6)


def draft(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Ask whether it is meant so."""
    confirm = Button(_("Confirm…"), said("confirm", order.id), Style.DANGER)
    return Reply(
        title=_("Pay {amount} on {invoice}?").format(amount=conventions.money(order.amount), invoice=order.invoice),
        status=Status(_("not sent yet"), Tone.WAITING),
        facts=(
            *order_facts(order, conventions),
            *money_fact(_("Left to pay now"), order.balance, conventions),
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


def held(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Say how long it can be taken back."""
    seconds = math.ceil((order.send_at - now()).total_seconds()) if order.send_at else 0
    if seconds <= 0:
        return sending(order, conventions)
    status = Status(_("will be sent in {seconds} s").format(seconds=seconds), Tone.WAITING)
    undo = Button(_("Undo"), said("undo", order.id), Style.DANGER)
    return outlined(order, conventions, status, Told(buttons=(undo,)))


def sending(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Say that it can't be taken back any more."""
    return outlined(order, conventions, Status(_("being recorded…"), Tone.WAITING), Told())


def looking(order: PaymentOrder, conventions: Conventions) -> Reply:
    """Say that nobody knows yet."""
    text = _("It was sent, and no answer came. Casier looks for it in billing's list, and doesn't send it again.")
    return outlined(order, conventions, Status(_("no answer yet"), Tone.WAITING), Told(text=text))


def _until(order: PaymentOrder, conventions: Conventions) -> str:
    if order.expires_at - order.asked_at < _SOON:
        return conventions.clock(order.expires_at)
    return conventions.instant(order.expires_at)


def _after(order: PaymentOrder, conventions: Conventions) -> tuple[Fact, ...]:
    """What would be left; nobody reads a minus as "too much"."""
    if order.balance is None:
        return ()
    after = order.balance - order.amount
    label = _("Left to pay after") if after >= 0 else _("Too much by")
    return money_fact(label, abs(after), conventions)
