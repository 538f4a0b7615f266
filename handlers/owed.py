"""What is owed: which invoices, by whom, and the same as files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from bot import cards
from bot.access import Role
from bot.arguments import Page
from bot.context import Context
from bot.narrowing import CustomerCalled, CustomerWords, DaysLate, Sort, SortWord, compares
from bot.pages import page_of
from bot.reckoning import Standing
from bot.reply import Reply
from bot.router import Router
from bot.spelling import bare
from bot.store import Owing, View
from handlers.find import find

router = Router()


@router.command(role=Role.VIEWER)
async def overdue(
    ctx: Context,
    customer: CustomerWords = "",
    days: DaysLate = 1,
    *,
    sort: SortWord = Sort.AMOUNT,
    page: Page | None = None,
) -> Reply:
    """List the overdue invoices, of all customers or of one; only those that are late for more than so many days."""
    if compares(customer):
        return await find(ctx, f"overdue {customer}", page=page)
    return await _listed(ctx, await _asked(ctx, customer, sort, max(1, days)), page)


@router.command(role=Role.VIEWER)
async def open_(
    ctx: Context, customer: CustomerCalled = "", *, sort: SortWord = Sort.AMOUNT, page: Page | None = None
) -> Reply:
    """List the invoices with something left to pay, due or not, of all customers or of one."""
    return await _listed(ctx, await _asked(ctx, customer, sort), page)


@router.command(role=Role.VIEWER)
async def debtors(ctx: Context, *, page: Page | None = None) -> Reply:
    """List the customers who owe, the largest debt first, each with its share."""
    async with what_is_owed(ctx, cards.Asked()) as (view, found):
        shown = await page_of(page or 1, found.customers, view.debtors)
    return replace(cards.debtors_page(shown, found, ctx.conventions), in_place=page is not None)


@router.command(role=Role.VIEWER, hidden=True)
async def overdue_file(
    ctx: Context, customer: CustomerWords = "", days: DaysLate = 1, *, sort: SortWord = Sort.AMOUNT
) -> Reply:
    """Give the overdue invoices as a file for spreadsheets."""
    return await _as_file(ctx, await _asked(ctx, customer, sort, max(1, days)), "overdue.csv")


@router.command(role=Role.VIEWER, hidden=True)
async def open_file(ctx: Context, customer: CustomerCalled = "", *, sort: SortWord = Sort.AMOUNT) -> Reply:
    """Give the open invoices as a file for spreadsheets."""
    return await _as_file(ctx, await _asked(ctx, customer, sort), "open.csv")


@router.command(role=Role.VIEWER, hidden=True)
async def debtors_file(ctx: Context) -> Reply:
    """Give the customers who owe as a file for spreadsheets."""
    async with what_is_owed(ctx, cards.Asked()) as (view, found):
        lines = [cards.debtor_line(each, ctx.today) async for each in view.all_debtors()]
    return cards.listed_file(
        "debtors.csv", cards.DEBTOR_LINE, lines, found.reading.gaps(ctx.conventions), ctx.conventions
    )


@asynccontextmanager
async def what_is_owed(ctx: Context, asked: cards.Asked) -> AsyncIterator[tuple[View, cards.WhatIsOwed]]:
    """The sums over what was asked for, and a view of the same moment. Its state is asked first: never too whole."""
    state = await ctx.services.store.index.state()
    async with ctx.services.store.receivables.view() as view:
        standing = Standing.of(await view.standings(asked.customer), ctx.today, asked.least)
        customers = await view.customers(_owing(ctx, asked))
        yield view, cards.WhatIsOwed(standing, customers, cards.Reading(ctx.today, state, standing.unsaid))


async def _listed(ctx: Context, asked: cards.Asked, page: int | None) -> Reply:
    async with what_is_owed(ctx, asked) as (view, found):
        shown = await page_of(page or 1, found.standing.owed.count, partial(view.owed, _owing(ctx, asked)))
    return replace(cards.owed_page(shown, found, asked, ctx.conventions), in_place=page is not None)


async def _as_file(ctx: Context, asked: cards.Asked, name: str) -> Reply:
    async with what_is_owed(ctx, asked) as (view, found):
        lines = [cards.owed_line(each, ctx.today) async for each in view.all_owed(_owing(ctx, asked))]
    return cards.listed_file(name, cards.OWED_LINE, lines, found.reading.gaps(ctx.conventions), ctx.conventions)


def _owing(ctx: Context, asked: cards.Asked) -> Owing:
    if asked.least is None:
        return Owing(asked.customer, sort=asked.sort)
    return Owing.late(asked.least, ctx.today, asked.customer, asked.sort)


async def _asked(ctx: Context, customer: str, sort: Sort, least: int | None = None) -> cards.Asked:
    """What was asked for, with the customer that is meant."""
    asked = cards.Asked(least, sort=sort)
    if not customer:
        return asked
    async with ctx.services.store.receivables.view() as view:
        found = await view.called(customer, cards.MOST_CALLED + 1)
    same = [each for each in found if bare(each.name or "") == bare(customer)]
    if not found:
        there = await ctx.directory.customer(customer)
        return replace(asked, customer=there.id, name=there.name)
    if len(found) > 1 and len(same) != 1:
        raise cards.several_called(customer, found, asked)
    meant = (same or found)[0]
    return replace(asked, customer=meant.id, name=meant.name)
