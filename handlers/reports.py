"""What came in and how things stand: over a month, a quarter, a year or any days."""

from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta

import structlog

from bot import cards
from bot.access import Role
from bot.arguments import Page
from bot.context import Context
from bot.dates import begins
from bot.pages import Pager
from bot.periods import Period, PeriodWords, read_period
from bot.pictures import PaintingError
from bot.reckoning import Received
from bot.reply import File, Reply
from bot.router import Router
from bot.sums import Sum
from bot.words import _
from handlers.owed import what_is_owed

log = structlog.get_logger(__name__)

router = Router()

_LARGEST = 10
# Billing's clock and ours may be some hours apart.
_MARGIN = timedelta(days=2)


@router.command(role=Role.VIEWER)
async def report(ctx: Context, period: PeriodWords | None = None) -> Reply:
    """Report on a month, a quarter, a year or any days: received, issued, and what is owed; with a picture."""
    period = period or _this_month(ctx)
    received = await _received(ctx, period)
    async with what_is_owed(ctx, cards.Asked()) as (view, owed):
        issued, largest = await view.issued(period), await view.debtors(0, _LARGEST)
    found = cards.Report(period, received, issued, owed, largest)
    return await _with_picture(ctx, found, cards.report_card(found, ctx.conventions))


@router.command(role=Role.VIEWER)
async def received(ctx: Context, period: PeriodWords | None = None, *, page: Page | None = None) -> Reply:
    """List what was received in a month, a quarter, a year or any days, day by day."""
    found = await _received(ctx, period or _this_month(ctx))
    days: Pager[tuple[date, Sum]] = Pager(lambda each: each[0], page or 1, descending=True)
    for each in found.by_day.items():
        days.add(each)
    return replace(cards.received_page(days.page(), found, ctx.conventions), in_place=page is not None)


@router.command(role=Role.VIEWER, hidden=True)
async def received_file(ctx: Context, period: PeriodWords | None = None) -> Reply:
    """Give what was received, day by day, as a file for spreadsheets."""
    found = await _received(ctx, period or _this_month(ctx))
    lines = [cards.received_line(day, each) for day, each in sorted(found.by_day.items())]
    return cards.listed_file(f"received-{found.period.spelled}.csv", cards.RECEIVED_LINE, lines, (), ctx.conventions)


def _this_month(ctx: Context) -> Period:
    return read_period("month", ctx.today)


async def _received(ctx: Context, period: Period) -> Received:
    """One pass over billing's payments, none of which is held."""
    zone = ctx.conventions.timezone
    since, until = begins(period.first, zone) - _MARGIN, begins(period.last, zone) + _MARGIN
    methods = await ctx.services.store.orders.methods(since, until)
    found = Received(period, ctx.conventions.received, zone, methods)
    async with aclosing(ctx.billing.payments()) as payments:
        async for payment in payments:
            found.add(payment)
    return found


async def _with_picture(ctx: Context, found: cards.Report, reply: Reply) -> Reply:
    """The figures are whole without it, and are not kept back by what goes wrong with it."""
    try:
        png = await ctx.services.painter.paint(cards.report_chart(found, ctx.conventions))
    except PaintingError as error:
        log.error("report.no_picture", reason=str(error))  # noqa: TRY400 - the reason is all there is
        return replace(reply, notes=(*reply.notes, _("The picture could not be drawn.")))
    return replace(reply, picture=File(f"report-{found.period.spelled}.png", "image/png", png))
