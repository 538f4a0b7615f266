"""Payments: those in the books, and new ones."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from bot import cards
from bot.access import Role
from bot.arguments import Amount, Anyway, InvoiceNumber, Page, PaymentMethod, PaymentToken, Reference, said
from bot.billing import Invoice, Payment
from bot.context import Context
from bot.dates import now
from bot.pages import Pager
from bot.payments import Wish
from bot.reply import Reply
from bot.router import Router
from bot.store import OrderState
from bot.words import _, ngettext

router = Router()

_QUESTION = timedelta(minutes=10)


@router.command(role=Role.VIEWER)
async def payments(ctx: Context, invoice: InvoiceNumber | None = None, *, page: Page | None = None) -> Reply:
    """List the payments, the newest first; of one invoice or of all."""
    number = await ctx.directory.number_of(invoice) if invoice else None
    found: Pager[Payment] = Pager(lambda each: (each.paid_at or "", len(each.id), each.id), page or 1, descending=True)
    totals = cards.PaymentTotals(ctx.conventions.received)
    async for payment in ctx.billing.payments():
        if number is None or payment.invoice.casefold() == number.casefold():
            found.add(payment)
            totals.add(payment)
    if number and not totals.count:
        number = (await ctx.directory.invoice(number)).number
    shown = found.page()
    askers = await ctx.services.store.orders.askers(payment.id for payment in shown.entries)
    return cards.payments_page(shown, totals, number, askers, ctx.conventions, in_place=page is not None)


@router.command(role=Role.CASHIER)
async def pay(
    ctx: Context,
    invoice: InvoiceNumber,
    amount: Amount | None = None,
    method: PaymentMethod | None = None,
    reference: Reference | None = None,
) -> Reply:
    """Record a payment on an invoice. You confirm it before it is sent."""
    found = await ctx.directory.invoice(invoice)
    if amount is None:
        return await _ask_for_amount(ctx, found, await ctx.directory.name(found.customer_id))
    if method is None:
        return cards.ask_for_method(found, amount, ctx.conventions)
    name, doubts = await asyncio.gather(
        ctx.directory.name(found.customer_id), ctx.desk.guard.doubts(found, amount, reference)
    )
    wish = Wish(found, name, amount, ctx.conventions.currency.code, method, reference, doubts)
    order = await ctx.desk.drafts.add(ctx.message.sender, ctx.message.chat, wish)
    return cards.order_card(order, ctx.conventions)


@router.command(role=Role.CASHIER, hidden=True, goes_on=True)
async def confirm(ctx: Context, payment: PaymentToken, anyway: Anyway | None = None) -> AsyncIterator[Reply]:
    """Send a payment that you asked for."""
    order = await ctx.desk.drafts.confirm(payment, ctx.message.sender, ctx.message.chat, anyway=anyway)
    if order.state is OrderState.DRAFT:
        yield cards.insist_card(order, ctx.conventions)
        return
    yield cards.order_card(order, ctx.conventions, ctx.message.chat)
    if order.state is OrderState.AWAITING:
        asked = await ctx.desk.asked(order.id)
        if asked:
            yield cards.order_card(asked, ctx.conventions, ctx.message.chat, ctx.desk.reached(asked.id))


@router.command(role=Role.CASHIER)
async def undo(ctx: Context, payment: PaymentToken) -> Reply:
    """Take back a payment that you have just confirmed, before it is sent."""
    sender, is_admin = ctx.message.sender, ctx.role is Role.ADMIN
    order = await ctx.desk.decisions.undo(payment, sender, ctx.message.chat, is_admin=is_admin)
    return cards.order_card(order, ctx.conventions)


@router.command(role=Role.CASHIER)
async def cancel(ctx: Context, payment: PaymentToken | None = None) -> Reply:
    """Take back the payments that you asked for and have not confirmed."""
    if payment:
        order = await ctx.desk.decisions.cancel(payment, ctx.message.sender, ctx.message.chat)
        return cards.order_card(order, ctx.conventions)
    cancelled = await ctx.desk.decisions.cancel_all(ctx.message.sender, ctx.message.chat)
    if not cancelled:
        return Reply(text=_("Nothing of yours is waiting to be confirmed."))
    counted = ngettext(
        "{count} payment cancelled. Nothing was sent.", "{count} payments cancelled. Nothing was sent.", len(cancelled)
    )
    return Reply(text=counted.format(count=len(cancelled)))


async def _ask_for_amount(ctx: Context, invoice: Invoice, name: str | None) -> Reply:
    await ctx.questions.ask(ctx.message, said("pay", invoice.number), now() + _QUESTION)
    return cards.ask_for_amount(invoice, name, ctx.conventions)
