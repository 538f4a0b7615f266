"""Reading everything again."""

import time
from collections.abc import AsyncIterator

from bot import cards
from bot.access import Role
from bot.context import Context
from bot.refusals import Refusal
from bot.reply import Reply
from bot.router import Router
from bot.words import _

router = Router()

# As often as a chat may be told something.
_SECONDS = 1.0


@router.command(role=Role.ADMIN, is_long=True)
async def refresh(ctx: Context) -> AsyncIterator[Reply]:
    """Read all customers and invoices again for the index, and show how far that is."""
    if not ctx.rounds.are_kept:
        raise Refusal(
            _("No index is kept here."),
            for_admins=_("No index is kept here: DIRECTORY_REQUESTS_PER_SECOND is 0."),
        )
    shown, told_at = False, -_SECONDS
    async for progress in ctx.rounds.refresh():
        if progress.is_over or time.monotonic() - told_at >= _SECONDS:
            told_at = time.monotonic()
            yield cards.refresh_card(
                progress.done, progress.total, ctx.conventions, is_over=progress.is_over, in_place=shown
            )
            shown = True
