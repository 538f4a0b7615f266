"""A message that is no command: a number, an id, or a name to look up."""

from bot import cards
from bot.access import Role
from bot.arguments import SearchText, looks_like_customer, looks_like_invoice
from bot.context import Context
from bot.directory import Hit, read_search
from bot.mentions import named_in
from bot.refusals import Unknown
from bot.reply import Button, Reply
from bot.router import Router
from bot.words import _
from handlers.customers import customer, customers
from handlers.find import hits_page
from handlers.invoices import invoice
from handlers.start import start

router = Router()

_MOST = 3


@router.command(role=Role.VIEWER, hidden=True)
async def look(ctx: Context, text: SearchText | None = None) -> Reply:
    """Show what a bare number, id or name stands for."""
    if text is None:
        return await start(ctx)
    if looks_like_invoice(text):
        return await invoice(ctx, text)
    if looks_like_customer(text):
        return await customer(ctx, text)
    found = await ctx.search.find(read_search(text, ctx.today, ctx.conventions), ctx.today)
    if found.hits:
        return await (_opened(ctx, found.hits[0]) if found.is_sure else hits_page(ctx, found, text, None))
    return await _unfound(ctx, text)


async def _unfound(ctx: Context, text: str) -> Reply:
    """The index has nothing, or not everything yet: ask billing."""
    if any(mark.isdigit() for mark in text):
        return await _number(ctx, text)
    return await _name(ctx, text)


@router.command(role=Role.VIEWER, hidden=True)
async def look_in(ctx: Context, text: SearchText) -> Reply:
    """Find the invoices, customers and amounts that a text names."""
    named = named_in(text, ctx.conventions)
    if len(named.invoices) == 1 and not (named.customers or named.amounts):
        return await invoice(ctx, named.invoices[0])
    if len(named.customers) == 1 and not (named.invoices or named.amounts):
        return await customer(ctx, named.customers[0])
    return cards.named_card(named, ctx.conventions, may_pay=ctx.role >= Role.CASHIER)


async def _opened(ctx: Context, hit: Hit) -> Reply:
    """The only one that is meant: its card, fresh."""
    if hit.invoice:
        return await invoice(ctx, hit.invoice.number)
    return await customer(ctx, hit.customer.id if hit.customer else "")


async def _number(ctx: Context, text: str) -> Reply:
    """Some numbers look like neither: an invoice, a customer, or a part of a name."""
    if " " in text or not text.isascii():
        return await _name(ctx, text)
    try:
        return await invoice(ctx, text)
    except Unknown as no_invoice:
        try:
            return await customer(ctx, text)
        except Unknown as no_customer:
            meant = (*no_invoice.buttons, *no_customer.buttons)[:_MOST]
            raise Unknown(_("There is no invoice and no customer {id}.").format(id=text), buttons=meant) from None


async def _name(ctx: Context, text: str) -> Reply:
    found = await customers(ctx, text)
    if found.table:
        return found
    near = ctx.services.router.near(text.partition(" ")[0], ctx.role)
    raise Unknown(
        _("There is nothing called “{text}”. /help shows what can be asked.").format(text=text[:64]),
        buttons=tuple(Button(f"/{each.name}", f"/{each.name}") for each in near) or (Button("/help", "/help"),),
    )
