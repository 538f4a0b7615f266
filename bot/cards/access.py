"""People, what they may do, and those who want to be let in."""

from collections.abc import Sequence

from bot.access import Known, Role
from bot.arguments import said
from bot.conventions import Conventions
from bot.message import Sender
from bot.reply import Button, Column, Fact, Reply, Row, Status, Style, Table, Tone
from bot.store import LET_IN, OPEN, AccessRequest, Invitation
from bot.words import _, ngettext

ROLES = (Role.VIEWER, Role.CASHIER, Role.APPROVER, Role.ADMIN)
_OFFERED = (Role.VIEWER, Role.CASHIER)


def people_page(everybody: Sequence[Known], group: Role | None, conventions: Conventions) -> Reply:
    """Everybody who may do anything. `group`: what everybody in the group may do where this is read."""
    columns = (Column(_("Who")), Column(_("Role")), Column(_("Since")))
    rows = tuple(Row(_cells(each, conventions), said("person", next(iter(each.names)))) for each in everybody)
    notes = [_("Press a person to change what they may do. /invite makes a link for somebody new.")]
    if group:
        notes.insert(0, _("Everybody in this group: {role}.").format(role=group.word))
    return Reply(
        title=ngettext("{count} person", "{count} people", len(rows)).format(count=conventions.count(len(rows))),
        table=Table(columns, rows),
        notes=tuple(notes),
        private=True,
    )


def person_card(person: Known, conventions: Conventions, *, changed: bool = False) -> Reply:
    """One person: what they may do, why, and what an admin can change."""
    key = next(iter(person.names))
    may_lose = person.granted is not None and person.granted.role > Role.STRANGER
    offered = (role for role in ROLES if role > person.named and role is not person.role)
    buttons = [Button(role.word, said("grant", key, role.stored)) for role in offered]
    if may_lose and person.named is Role.STRANGER:
        buttons.append(Button(_("Take the role away"), said("revoke", key), Style.DANGER))
    return Reply(
        title=person.name,
        status=Status(_("changed"), Tone.GOOD) if changed else None,
        facts=tuple(fact for fact in _about(person, conventions) if fact.value),
        buttons=tuple(buttons),
        private=True,
        in_place=changed,
    )


def request_card(request: AccessRequest, role: Role, conventions: Conventions) -> Reply:
    """Somebody wants to be let in; or what became of that, without buttons."""
    facts = [
        Fact(_("Who"), f"{request.name} ({request.key})" if request.name else request.key),
        Fact(_("Where"), request.chat if request.chat != request.key else _("in their own chat")),
        Fact(_("When"), conventions.instant(request.asked_at)),
    ]
    if request.state != OPEN:
        facts.append(Fact(_("By"), request.decider_name or request.decider or ""))
    offers = [Button(each.word, said("admit", request.id, each.stored), Style.PRIMARY) for each in _OFFERED]
    offers.append(Button(_("No"), said("turn_away", request.id), Style.DANGER))
    return Reply(
        title=_("Somebody asks for access"),
        status=_state(request, role),
        facts=tuple(facts),
        buttons=tuple(offers) if request.state == OPEN else (),
        in_place=True,
    )


def asked_card(*, is_new: bool) -> Reply:
    """For who asks: an admin will decide."""
    new = _("The admins have been asked. You will hear from me here as soon as one has decided.")
    again = _("You have asked already. You will hear from me as soon as an admin has decided.")
    return Reply(text=new if is_new else again, private=True)


def admission_notice(role: Role) -> Reply:
    """For who asked: what became of it."""
    return role_notice(role) if role > Role.STRANGER else Reply(text=_("An admin has decided not to give you access."))


def role_notice(role: Role) -> Reply:
    """For somebody whose role has changed."""
    if role is Role.STRANGER:
        return Reply(text=_("You have no access to this billing desk any more."))
    words = _("You have access to this billing desk now, as {role}: you {may}. /help shows what you can ask.")
    return Reply(text=words.format(role=role.word, may=role.may), buttons=(Button(_("Help"), "/help"),))


def group_card(role: Role, *, changed: bool = False) -> Reply:
    """What everybody in a group may do from now on."""
    if role is Role.STRANGER:
        return Reply(text=_("In this group only people with a role of their own are answered."), in_place=changed)
    return Reply(
        text=_("Everybody in this group {may} here. Anything more takes a role of one's own.").format(may=role.may),
        buttons=(Button(_("End this"), said("revoke", "here")),),
    )


def invitation_card(invitation: Invitation, code: str, conventions: Conventions) -> Reply:
    """An invitation that was just made: the only time that its code is seen."""
    role = Role.read(invitation.role)
    return Reply(
        title=_("Invitation: {role}").format(role=role.word),
        text=_("Give this to one person. Whoever says it first is let in; I don't show it again."),
        facts=(
            Fact(_("To say"), said("join", code)),
            Fact(_("May"), role.may),
            Fact(_("Good until"), conventions.instant(invitation.expires_at)),
        ),
        buttons=(Button(_("Take it back"), said("uninvite", invitation.id), Style.DANGER),),
        private=True,
        opens=said("join", code),
    )


def invitations_page(invitations: Sequence[Invitation], conventions: Conventions) -> Reply:
    """The invitations that nobody has used yet."""
    if not invitations:
        return Reply(text=_("No invitation is open. /invite makes one."), private=True)
    columns = (Column(_("Role")), Column(_("By")), Column(_("Good until")))
    rows = tuple(
        Row(
            (Role.read(each.role).word, each.inviter_name, conventions.instant(each.expires_at)),
            said("uninvite", each.id),
        )
        for each in invitations
    )
    notes = (_("Press one to take it back."),)
    return Reply(title=_("Open invitations"), table=Table(columns, rows), notes=notes, private=True)


def _state(request: AccessRequest, role: Role) -> Status:
    if request.state == OPEN:
        return Status(_("waiting"), Tone.WAITING)
    return Status(role.word, Tone.GOOD) if request.state == LET_IN else Status(_("turned away"), Tone.BAD)


def _cells(person: Known, conventions: Conventions) -> tuple[str, ...]:
    name = next(filter(None, person.names.values()), "")
    who = f"{name} ({', '.join(person.names)})" if name else ", ".join(person.names)
    is_named = person.named >= person.role
    since = _("settings") if is_named or not person.granted else conventions.instant(person.granted.at)
    return who, person.role.word, since


def _about(person: Known, conventions: Conventions) -> list[Fact]:
    granted, role = person.granted, person.role
    given = _("{role}, by {name}, {when}")
    return [
        Fact(_("Accounts"), ", ".join(person.names)),
        Fact(_("Role"), _("{role}: {may}").format(role=role.word, may=role.may)),
        Fact(_("In the settings"), person.named.word if person.named > Role.STRANGER else ""),
        Fact(
            _("Given"),
            given.format(role=granted.role.word, name=granted.by, when=conventions.instant(granted.at))
            if granted and granted.role > Role.STRANGER
            else "",
        ),
    ]


def link_card(code: str) -> Reply:
    """A code that joins this account with another one, for the eyes of who asked only."""
    return Reply(
        title=_("Your code: {code}").format(code=code),
        text=_("Within ten minutes, say this to me on the other platform: link {code}").format(code=code),
        notes=(_("Give it to nobody: whoever says it is you from then on."),),
        private=True,
    )


def linked_card(person: Known) -> Reply:
    """Accounts that are one person's now."""
    return Reply(
        title=_("Joined: you are one person here and there"),
        facts=(
            Fact(_("Accounts"), ", ".join(person.names)),
            Fact(_("Role"), _("{role}: {may}").format(role=person.role.word, may=person.role.may)),
        ),
        private=True,
    )


def linked_notice(other: Sender) -> Reply:
    """For the account whose code was said elsewhere."""
    words = _("{key} ({name}) has said your code, and is you from now on. If that wasn't you, press Undo.")
    return Reply(
        text=words.format(key=other.key, name=other.name),
        buttons=(Button(_("Undo"), said("unlink", other.key), Style.DANGER),),
    )
