"""Searching everything."""

from bot import cards
from bot.access import Role
from bot.arguments import Page, SearchText
from bot.context import Context
from bot.directory import Found, Hit, read_search
from bot.pages import PAGE_SIZE
from bot.pages import Page as Pages
from bot.refusals import Unknown
from bot.reply import Button, Reply
from bot.router import Router
from bot.words import _

router = Router()


@router.command(role=Role.VIEWER)
async def find(ctx: Context, text: SearchText, *, page: Page | None = None) -> Reply:
    """Find customers and invoices: names, numbers, amounts, phones, "unpaid acme", "overdue > 1000", "march"."""
    asked = read_search(text, ctx.today, ctx.conventions)
    found = await ctx.search.find(asked, ctx.today)
    if not found.hits and not found.state.customers:
        raise nothing_read(ctx)
    return await hits_page(ctx, found, text, page)


async def hits_page(ctx: Context, found: Found, text: str, page: int | None) -> Reply:
    """A page of what was found."""
    pages = max(1, -(-len(found.hits) // PAGE_SIZE))
    number = min(page or 1, pages)
    shown = found.hits[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    entries = tuple(cards.FoundOne(hit.customer, hit.invoice) for hit in await ctx.search.owned(shown))
    return cards.found_page(
        Pages(entries, number, pages, found.count),
        text,
        footing(ctx, found, shown),
        ctx.conventions,
        is_more=found.is_more,
        in_place=page is not None,
    )


def footing(ctx: Context, found: Found, shown: tuple[Hit, ...]) -> cards.Footing:
    """What these hits stand on; where nothing was found, the oldest reading of all."""
    read = [hit.as_of for hit in shown]
    oldest = min(filter(None, read), default=None) if shown else found.state.oldest
    return cards.Footing(found.state, oldest or found.state.listed_at, ctx.today)


def nothing_read(ctx: Context) -> Unknown:
    """The refusal of a search while there is nothing to search."""
    button = (Button("/refresh", "/refresh"),) if ctx.role is Role.ADMIN else (Button(_("Customers"), "/customers"),)
    return Unknown(
        _("No customers have been read yet, so nothing can be found by parts of names or numbers. Try again soon."),
        for_admins=_("No customers have been read yet: the running bot reads them by itself, /refresh does it now."),
        buttons=button,
    )
