"""Who may do what: deny by default, by the platforms' unchangeable ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from bot.message import Sender
from bot.words import _, pgettext


class Role(IntEnum):
    """What somebody may do; each may do all that the ones below it may."""

    STRANGER = 0
    VIEWER = 1
    CASHIER = 2
    APPROVER = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        """The role in the reader's language."""
        return {
            Role.STRANGER: pgettext("role", "stranger"),
            Role.VIEWER: pgettext("role", "viewer"),
            Role.CASHIER: pgettext("role", "cashier"),
            Role.APPROVER: pgettext("role", "approver"),
            Role.ADMIN: pgettext("role", "admin"),
        }[self]

    @property
    def may(self) -> str:
        """What the role is for, in a few words."""
        return {
            Role.STRANGER: _("may ask for access"),
            Role.VIEWER: _("may look things up"),
            Role.CASHIER: _("may look things up and record payments"),
            Role.APPROVER: _("may record payments and approve those of others"),
            Role.ADMIN: _("may do everything"),
        }[self]


@dataclass(frozen=True)
class People:
    """Everybody we know, by key (`telegram:42`). Whoever runs the terminal on this machine is an admin there."""

    roles: dict[str, Role]

    @classmethod
    def named(
        cls,
        *,
        admins: Iterable[str],
        approvers: Iterable[str],
        cashiers: Iterable[str],
        viewers: Iterable[str],
    ) -> "People":
        """From the settings; somebody named more than once has the highest of these roles."""
        ranks = (
            (viewers, Role.VIEWER),
            (cashiers, Role.CASHIER),
            (approvers, Role.APPROVER),
            (admins, Role.ADMIN),
        )
        return cls({key: role for keys, role in ranks for key in keys})

    def at_least(self, role: Role) -> list[str]:
        """The keys of everybody with this role or a higher one."""
        return [key for key, theirs in self.roles.items() if theirs >= role]

    def way_in(self) -> str:
        """What somebody who may do nothing can do to be let in; a bot without any admin has nobody to ask."""
        if self.at_least(Role.ADMIN):
            return _("Send this id to an admin to be let in.")
        return _("No admin is named yet. If you run Casier, put this id into ADMINS in .env, and start it again.")

    def role_of(self, sender: Sender) -> Role:
        """What this person may do: nothing, unless somebody said otherwise."""
        if sender.platform == "terminal":
            return Role.ADMIN
        return self.roles.get(sender.key, Role.STRANGER)
