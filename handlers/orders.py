"""What becomes of a payment that was asked for here: approved, followed, settled."""

from contextlib import aclosing
from datetime import timedelta

from bot import cards
from bot.access import Role
from bot.arguments import Anyway, BillingId, BillingIds, PaymentToken, Reason, said
from bot.context import Context
from bot.dates import now
from bot.refusals import Unknown
from bot.reply import Reply
from bot.router import Router
from bot.store import OrderState
from bot.words import _

router = Router()

_QUESTION = timedelta(minutes=10)
_NEVER = "never"


@router.command(role=Role.CASHIER)
async def pending(ctx: Context) -> Reply:
    """List the payments that wait, are held, or have an unknown outcome."""
    return cards.pending_list(await ctx.desk.pending(), ctx.conventions)


@router.command(role=Role.VIEWER)
async def payment(ctx: Context, payment: BillingId) -> Reply:
    """Show one payment's whole story."""
    order = await ctx.desk.order(payment)
    if order:
        return cards.story_card(order, ctx.conventions, ctx.message.chat, ctx.desk.reached(order.id))
    async with aclosing(ctx.billing.payments()) as payments:
        async for each in payments:
            if each.id == payment:
                return cards.others_card(each, ctx.conventions)
    raise Unknown(_("There is no payment {id}.").format(id=payment))


@router.command(role=Role.APPROVER, hidden=True, goes_on=True)
async def approve(ctx: Context, payment: PaymentToken, anyway: Anyway | None = None) -> Reply:
    """Approve a payment that somebody else asked for."""
    order = await ctx.desk.decisions.approve(payment, ctx.message.sender, ctx.message.chat, anyway=anyway)
    if order.state is OrderState.AWAITING:
        return cards.look_again_card(order, ctx.conventions, ctx.message.chat)
    return cards.order_card(order, ctx.conventions)


@router.command(role=Role.APPROVER, hidden=True)
async def reject(ctx: Context, payment: PaymentToken, reason: Reason | None = None) -> Reply:
    """Reject a payment that somebody else asked for; say why, if you like."""
    if reason:
        told = await ctx.desk.decisions.reject(payment, ctx.message.sender, reason, ctx.message.chat)
        is_shown = await ctx.desk.is_shown(told.id, ctx.message.chat)
        return cards.rejection(told) if is_shown else cards.order_card(told, ctx.conventions)
    order = await ctx.desk.decisions.waiting(payment, ctx.message.sender)
    await ctx.questions.ask(ctx.message, said("reject", payment), now() + _QUESTION)
    return cards.reason_card(order, ctx.conventions, ctx.message.chat)


@router.command(role=Role.APPROVER, hidden=True)
async def rejected(ctx: Context, payment: PaymentToken) -> Reply:
    """Reject a payment without a reason."""
    told = await ctx.desk.decisions.reject(payment, ctx.message.sender, None, ctx.message.chat)
    return cards.order_card(told, ctx.conventions)


@router.command(role=Role.ADMIN)
async def settle(
    ctx: Context, payment: PaymentToken, outcome: BillingId | None = None, seen: BillingIds = frozenset()
) -> Reply:
    """Say what became of a payment with an unknown outcome, after a fresh look at billing's list.

    It never arrived only for who has seen every new payment that it might be.
    """
    settling, sender, chat = ctx.desk.settling, ctx.message.sender, ctx.message.chat
    look = await settling.look(payment)
    is_never = outcome is not None and outcome.casefold() == _NEVER
    if outcome is None or (is_never and not look.new <= seen):
        return cards.settle_card(look.order, look.alike, look.new, look.worthless, ctx.conventions)
    if is_never:
        return cards.order_card(await settling.never_arrived(look, sender, chat), ctx.conventions)
    return cards.order_card(await settling.is_in_the_books(look, outcome, sender, chat), ctx.conventions)
