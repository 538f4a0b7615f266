"""People: who may do what, asking to be let in, invitations."""

from datetime import timedelta

from bot.access import PersonKey, Role, RoleWord, role_called
from bot.arguments import Code, Hours, RequestName
from bot.cards.access import (
    asked_card,
    group_card,
    invitation_card,
    invitations_page,
    people_page,
    person_card,
)
from bot.context import Context
from bot.message import ChatKind, Sender
from bot.refusals import Late, Misused
from bot.reply import Reply
from bot.router import Router
from bot.words import _

router = Router()

_HERE = "here"
_HOURS = 24


@router.command(role=Role.ADMIN)
async def people(ctx: Context) -> Reply:
    """Show everybody who has access, and what they may do."""
    group = ctx.services.people.group_role(ctx.message.chat)
    return people_page(ctx.access.everybody(), group if group > Role.STRANGER else None, ctx.conventions)


@router.command(role=Role.ADMIN, hidden=True)
async def person(ctx: Context, person: PersonKey) -> Reply:
    """Show one person, and what can be changed."""
    return person_card(ctx.access.person(_key(ctx, person)), ctx.conventions)


@router.command(role=Role.ADMIN)
async def grant(ctx: Context, person: PersonKey, role: RoleWord | None = None) -> Reply:
    """Let somebody do more, or less; "here" is everybody in this group. Or answer a message of theirs."""
    wanted = role or role_called(person)
    if wanted is None:
        raise Misused(_("What may they do? For example: {example}").format(example=f"/grant {person} cashier"))
    if person == _HERE:
        return await _grant_group(ctx, wanted)
    changed = await ctx.access.grant(_whom(ctx, person) if role else _answered(ctx), wanted, ctx.message)
    await ctx.access.tell(changed)
    return person_card(changed, ctx.conventions, changed=True)


@router.command(role=Role.ADMIN)
async def revoke(ctx: Context, person: PersonKey | None = None) -> Reply:
    """Take somebody's role away; "here" is everybody in this group. Or answer a message of theirs."""
    if person == _HERE:
        return await _grant_group(ctx, Role.STRANGER)
    whom = _answered(ctx) if person is None else _whom(ctx, person)
    before = await ctx.access.revoke(whom.key, ctx.message)
    await ctx.access.tell(before)
    return person_card(ctx.access.person(whom.key), ctx.conventions, changed=True)


@router.command(role=Role.STRANGER, hidden=True)
async def ask_access(ctx: Context) -> Reply:
    """Ask the admins to be let in."""
    if ctx.role > Role.STRANGER:
        raise Late(_("You have access already: {role}.").format(role=ctx.role.word))
    if not ctx.services.people.at_least(Role.ADMIN):
        raise Late(ctx.services.people.way_in())
    _request, is_new = await ctx.access.requests.ask(ctx.message)
    return asked_card(is_new=is_new)


@router.command(role=Role.ADMIN, hidden=True)
async def admit(ctx: Context, request: RequestName, role: RoleWord) -> Reply:
    """Let somebody in who has asked."""
    return person_card(await ctx.access.admit(request, role, ctx.message), ctx.conventions, changed=True)


@router.command(role=Role.ADMIN, hidden=True)
async def turn_away(ctx: Context, request: RequestName) -> Reply:
    """Say no to somebody who has asked."""
    await ctx.access.admit(request, None, ctx.message)
    return Reply(text=_("They have been told."), private=True)


@router.command(role=Role.ADMIN)
async def invite(ctx: Context, role: RoleWord, hours: Hours | None = None) -> Reply:
    """Make an invitation: whoever uses it first gets this role. It is good for a day, or as many hours."""
    made, code = await ctx.access.invite(role, timedelta(hours=hours or _HOURS), ctx.message)
    return invitation_card(made, code, ctx.conventions)


@router.command(role=Role.ADMIN)
async def invitations(ctx: Context) -> Reply:
    """Show the invitations that nobody has used yet."""
    return invitations_page(await ctx.access.invited(), ctx.conventions)


@router.command(role=Role.ADMIN, hidden=True)
async def uninvite(ctx: Context, invitation: RequestName) -> Reply:
    """Take an invitation back."""
    await ctx.access.uninvite(invitation, ctx.message)
    return Reply(text=_("The invitation was taken back: nobody can use it."), private=True, in_place=True)


@router.command(role=Role.STRANGER, hidden=True)
async def join(ctx: Context, code: Code) -> Reply:
    """Use an invitation."""
    role = await ctx.access.join(code, ctx.message)
    words = _("Welcome. You are {role} now: you {may}. /help shows what you can ask.")
    return Reply(text=words.format(role=role.word, may=role.may))


async def _grant_group(ctx: Context, role: Role) -> Reply:
    if ctx.message.chat.kind is not ChatKind.GROUP:
        raise Misused(_("“here” is for groups: say it in one."))
    if role > Role.VIEWER:
        raise Misused(_("A whole group may look things up (viewer). Anything more takes a role of one's own."))
    await ctx.access.grant_group(ctx.message.chat, role, ctx.message)
    return group_card(role, changed=ctx.message.card is not None)


def _whom(ctx: Context, person: str) -> Sender:
    key = _key(ctx, person)
    platform, _colon, name = key.partition(":")
    return Sender(platform, name, ctx.access.person(key).names.get(key, ""))


def _answered(ctx: Context) -> Sender:
    """Whose message this one answers."""
    if ctx.message.answered is None:
        words = _("Whom? Answer a message of theirs, or name them by their id, as /id shows it: telegram:42.")
        raise Misused(words)
    return ctx.message.answered


def _key(ctx: Context, person: str) -> str:
    """`42` is somebody on the platform where it is said."""
    return person if ":" in person else f"{ctx.message.sender.platform}:{person}"
