"""Invoices, one or many."""

from dataclasses import replace

from bot import cards
from bot.access import Role
from bot.arguments import CustomerId, InvoiceNumber, Page, StatusWord, said
from bot.billing import InvoiceSummary
from bot.context import Context
from bot.pages import Pager
from bot.reply import Reply
from bot.router import Router

router = Router()


@router.command(role=Role.VIEWER)
async def invoices(
    ctx: Context,
    customer: CustomerId,
    status: StatusWord | None = None,
    *,
    page: Page | None = None,
) -> Reply:
    """List a customer's invoices; with a status those that have it, with "unpaid" all with something left to pay."""
    found: Pager[InvoiceSummary] = Pager(
        lambda each: (each.issued_at or "", each.number),
        page or 1,
        descending=True,
    )
    totals, statuses = cards.InvoiceTotals(), set[str]()
    async for invoice in ctx.directory.invoices_of(customer):
        statuses.add(invoice.status or "")
        if status is None or cards.is_called(invoice, status):
            found.add(invoice)
            totals.add(invoice)
    if status and not totals.count and not cards.is_status(status):
        raise cards.no_such_status(status, customer, statuses)
    name = ctx.directory.name_of(customer) or ctx.directory.name_of(customer.upper())
    whose = f"{name} ({customer})" if name else customer
    whose = f"{whose}: {status}" if status else whose
    reply = cards.invoices_page(found.page(), totals, said("invoices", customer, status), whose, ctx.conventions)
    return replace(reply, in_place=page is not None)


@router.command(role=Role.VIEWER)
async def invoice(ctx: Context, invoice: InvoiceNumber) -> Reply:
    """Show one invoice."""
    found = await ctx.directory.invoice(invoice)
    name = ctx.directory.name_of(found.customer_id)
    return cards.invoice_card(found, name, ctx.today, ctx.conventions, may_pay=ctx.role >= Role.CASHIER)
