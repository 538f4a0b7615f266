"""Accounts on two platforms that are one person's."""

from bot.access import PersonKey, Role
from bot.arguments import Code
from bot.cards.access import link_card, linked_card
from bot.context import Context
from bot.refusals import Forbidden
from bot.reply import Reply
from bot.router import Router
from bot.words import _

router = Router()


@router.command(role=Role.STRANGER)
async def link(ctx: Context, code: Code | None = None) -> Reply:
    """Be one person on Telegram and on Slack: get a code here, and say /link with it there."""
    if code:
        return linked_card(await ctx.access.linking.join(code, ctx.message))
    if ctx.role is Role.STRANGER:
        raise Forbidden(
            _("Say /link where you have access already: it gives you a code. Then say /link and that code here.")
        )
    return link_card(await ctx.access.linking.offer(ctx.message))


@router.command(role=Role.VIEWER, hidden=True)
async def unlink(ctx: Context, person: PersonKey | None = None) -> Reply:
    """Take an account out of a person: this one, or for admins any."""
    key = person or ctx.message.sender.key
    if ctx.role < Role.ADMIN and not ctx.services.people.are_one(key, ctx.message.sender.key):
        raise Forbidden(_("Only an admin decides that for somebody else."))
    await ctx.access.linking.part(key, ctx.message)
    return Reply(text=_("{key} is an account of its own again.").format(key=key), private=True)
