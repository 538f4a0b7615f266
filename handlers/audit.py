"""The trail, for those who have to know who did what."""

import re
from datetime import date, timedelta

from bot import cards
from bot.access import Role
from bot.arguments import Page, TrailSubject
from bot.context import Context
from bot.dates import begins, read_day
from bot.reply import File, Reply
from bot.router import Router
from bot.store import Wanted

router = Router()

_MOST_ROWS = 10_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEY = re.compile(r"[a-z]+:\S+")


@router.command(role=Role.ADMIN)
async def audit(ctx: Context, about: TrailSubject | None = None, *, page: Page | None = None) -> Reply:
    """Show who did what, the newest first; of a person, an invoice or a day, or all of it."""
    found = await ctx.trail.entries(_wanted(about or "", ctx), page or 1)
    return cards.audit_page(found, about, ctx.today, ctx.conventions, in_place=page is not None)


@router.command(role=Role.ADMIN)
async def audit_file(ctx: Context, about: TrailSubject | None = None) -> Reply:
    """Give the trail as a file for spreadsheets; that of a person, an invoice or a day, or all of it."""
    wanted = _wanted(about or "", ctx)
    count = (await ctx.trail.entries(wanted, 1)).count
    pieces = [piece async for piece in ctx.trail.export(wanted, _MOST_ROWS)]
    file = File("audit.csv", "text/csv", "".join(pieces).encode())
    return cards.audit_file(file, count, min(count, _MOST_ROWS), ctx.conventions)


def _wanted(about: str, ctx: Context) -> Wanted:
    """`today` and `2026-11-25` are days, `telegram:42` is a person with all accounts; else an invoice or a name."""
    day = _day(about, ctx)
    if day:
        zone = ctx.conventions.timezone
        return Wanted(since=begins(day, zone), until=begins(day + timedelta(days=1), zone))
    if _KEY.fullmatch(about):
        return Wanted(actors=tuple(ctx.services.people.person(about).names))
    return Wanted(about=about)


def _day(word: str, ctx: Context) -> date | None:
    if word.casefold() == "today":
        return ctx.today
    return read_day(word) if _DAY.fullmatch(word) else None
