"""The first steps: what this is, what it can do, who you are."""

from bot.access import Role
from bot.arguments import CommandName
from bot.command import Command
from bot.context import Context
from bot.message import ChatKind
from bot.refusals import Unknown
from bot.reply import Button, Column, Fact, Reply, Row, Style, Table
from bot.router import Router
from bot.words import _

router = Router()


@router.command(role=Role.VIEWER)
async def start(ctx: Context) -> Reply:
    """Say hello, and what can be done here."""
    buttons = [
        Button(_("Customers"), "/customers", Style.PRIMARY),
        Button(_("Payments"), "/payments"),
        Button(_("Help"), "/help"),
    ]
    return Reply(
        title=_("Casier: the billing desk"),
        text=_hello(ctx),
        facts=(Fact(_("You"), _("{role}: {may}").format(role=ctx.role.word, may=ctx.role.may)),),
        buttons=tuple(buttons),
    )


def _hello(ctx: Context) -> str:
    """What to type: in a group, a bot hears commands."""
    name = f"@{ctx.message.bot_name}" if ctx.message.bot_name else ""
    if ctx.message.chat.kind is ChatKind.GROUP:
        asking = _("Type /invoice{name} 2024-001 or /customer{name} CL-001 and you see it.").format(name=name)
    else:
        asking = _("Type an invoice number (2024-001) or a customer's id (CL-001) and you see it.")
    paying = _("A payment is /pay, an invoice, an amount and how it was paid: you confirm it before anything is sent.")
    return f"{asking} {paying}"


@router.command(role=Role.VIEWER)
async def help_(ctx: Context, command: CommandName | None = None) -> Reply:
    """Show every command, or how one of them is used."""
    allowed = ctx.services.router.allowed(ctx.role)
    if command is None:
        return _all_commands(allowed, ctx)
    # What buttons say can be asked about by its name, too.
    found = ctx.services.router.find(command)
    if found and found.role <= ctx.role:
        return _one_command(found, ctx)
    near = ctx.services.router.near(command, ctx.role)
    raise Unknown(
        _("There is no command /{name}.").format(name=command[:32]),
        buttons=tuple(Button(f"/help {each.name}", f"/help {each.name}") for each in near),
    )


@router.command(role=Role.STRANGER)
async def id_(ctx: Context) -> Reply:
    """Show your own id and what you may do; in a group, its id too."""
    sender, chat = ctx.message.sender, ctx.message.chat
    role = Fact(_("Role"), _("{role}: {may}").format(role=ctx.role.word, may=ctx.role.may))
    return Reply(
        title=_("You are {id}").format(id=sender.key),
        facts=(role, Fact(_("This chat"), chat.key)) if chat.kind is ChatKind.GROUP else (role,),
        text=ctx.services.people.way_in() if ctx.role is Role.STRANGER else "",
    )


def _all_commands(allowed: list[Command], ctx: Context) -> Reply:
    rows = tuple(Row((each.usage(ctx.conventions), each.summary), f"/help {each.name}") for each in allowed)
    return Reply(
        title=_("What you can ask"),
        table=Table((Column(_("Command")), Column(_("What it does"))), rows),
        notes=(_("<…> is needed, […] may be left out. A bare 2024-001 or CL-001 works, too."),),
    )


def _one_command(command: Command, ctx: Context) -> Reply:
    return Reply(
        title=f"/{command.name}",
        text=command.summary,
        facts=(
            Fact(_("Usage"), command.usage(ctx.conventions)),
            Fact(_("Example"), command.example(ctx.conventions)),
            Fact(_("For"), _("{role} and above").format(role=command.role.word)),
        ),
    )
