"""Everybody we know, in memory: those whom the settings name, and those who were let in from the chat."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.access.roles import Role
from bot.message import Chat, ChatKind, Sender
from bot.store import Grant, Identity, Register
from bot.words import _

_TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Granted:
    """A role that was given in the chat, by whom, and when."""

    role: Role
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A person: their accounts with the names that they show, what the settings say of them, and what the chat did."""

    id: str
    names: Mapping[str, str]
    named: Role = Role.STRANGER
    granted: Granted | None = None

    @property
    def role(self) -> Role:
        """What they may do."""
        return max(self.named, self.granted.role if self.granted else Role.STRANGER)

    @property
    def name(self) -> str:
        """A name to call them by."""
        return next(filter(None, self.names.values()), "") or next(iter(self.names))


class People:
    """Who may do what. Whoever runs the terminal on this machine is an admin there.

    `roles`: those of the settings, by key (`telegram:42`). They can't be taken away from the chat.
    """

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self.roles = dict(roles)
        self.edition = 0
        self._accounts: dict[str, Identity] = {}
        self._persons: dict[str, list[Identity]] = {}
        self._granted: dict[str, Granted] = {}
        self._groups: dict[str, Granted] = {}

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

    def learn(self, register: Register) -> None:
        """Everybody who was let in from the chat, as they are now."""
        self._accounts = {each.key: each for each in register.identities}
        self._persons = defaultdict(list)
        for each in register.identities:
            self._persons[each.person].append(each)
        self._granted = {each.whose: _granted(each) for each in register.grants}
        self._groups = {each.whose: _granted(each) for each in register.groups}
        self.edition = register.edition

    def role_of(self, sender: Sender) -> Role:
        """What this person may do: nothing, unless somebody said otherwise."""
        return Role.ADMIN if sender.platform == _TERMINAL else self.role_of_key(sender.key)

    def role_in(self, sender: Sender, chat: Chat) -> Role:
        """What this person may do here: in a group that was given a role, at least what that may."""
        return max(self.role_of(sender), self.group_role(chat))

    def group_role(self, chat: Chat) -> Role:
        """What everybody in a group may do: nothing, unless an admin said otherwise. Its threads are the group, too."""
        if chat.kind is not ChatKind.GROUP:
            return Role.STRANGER
        granted = self._groups.get(place_of(chat))
        return granted.role if granted else Role.STRANGER

    def role_of_key(self, key: str) -> Role:
        """What the person with this account may do."""
        return self.person(key).role

    def person(self, key: str) -> Known:
        """The person with this account, whether we know them or not."""
        account = self._accounts.get(key)
        if account is None:
            return Known(key, {key: ""}, self.roles.get(key, Role.STRANGER))
        return self._known(account.person, self._persons[account.person])

    def everybody(self) -> list[Known]:
        """Everybody who may do anything, the highest role first."""
        linked = [self._known(person, accounts) for person, accounts in self._persons.items()]
        alone = [self.person(key) for key in self.roles if key not in self._accounts]
        found = (each for each in [*linked, *alone] if each.role > Role.STRANGER)
        return sorted(found, key=lambda each: (-each.role, each.name.casefold()))

    def at_least(self, role: Role) -> list[str]:
        """The keys of everybody with this role or a higher one, all their accounts."""
        return [key for each in self.everybody() if each.role >= role for key in each.names]

    def are_one(self, one: str, other: str) -> bool:
        """Whether these accounts are one person's."""
        return one == other or self.person(one).id == self.person(other).id

    def way_in(self) -> str:
        """What somebody who may do nothing can do to be let in; a bot without any admin has nobody to ask."""
        if self.at_least(Role.ADMIN):
            return _("Send this id to an admin to be let in.")
        return _("No admin is named yet. If you run Casier, put this id into ADMINS in .env, and start it again.")

    def _known(self, person: str, accounts: list[Identity]) -> Known:
        named = max((self.roles.get(each.key, Role.STRANGER) for each in accounts), default=Role.STRANGER)
        return Known(person, {each.key: each.name for each in accounts}, named, self._granted.get(person))


def place_of(chat: Chat) -> str:
    """The key of a chat without its threads."""
    return f"{chat.platform}:{chat.id}"


def _granted(grant: Grant) -> Granted:
    return Granted(Role.read(grant.role), grant.granter_name or grant.granter, grant.granted_at)
