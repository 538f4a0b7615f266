"""Customers, one or many."""

from bot import cards
from bot.access import Role
from bot.arguments import CustomerId, Page, SearchText
from bot.billing import Customer
from bot.context import Context
from bot.directory import matches, sort_name
from bot.pages import Pager
from bot.reply import Reply
from bot.router import Router

router = Router()


@router.command(role=Role.VIEWER)
async def customers(ctx: Context, text: SearchText | None = None, *, page: Page | None = None) -> Reply:
    """List the customers, or those with these words in their name, id or e-mail."""
    found: Pager[Customer] = Pager(lambda each: (sort_name(each.name or ""), each.id), page or 1)
    async for customer in ctx.directory.customers():
        if text is None or matches(customer, text):
            found.add(customer)
    return cards.customers_page(found.page(), text, ctx.conventions, in_place=page is not None)


@router.command(role=Role.VIEWER)
async def customer(ctx: Context, customer: CustomerId) -> Reply:
    """Show one customer."""
    return cards.customer_card(await ctx.directory.customer(customer), ctx.conventions, ctx.contacts)
