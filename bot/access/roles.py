"""What somebody may do."""

from enum import IntEnum

from bot.words import _, pgettext


class Role(IntEnum):
    """What somebody may do; each may do all that the ones below it may."""

    STRANGER = 0
    VIEWER = 1
    CASHIER = 2
    APPROVER = 3
    ADMIN = 4

    @classmethod
    def read(cls, name: str | None) -> "Role":
        """As it is stored; what nobody knows any more is a stranger's."""
        return cls.__members__.get((name or "").upper(), cls.STRANGER)

    @property
    def stored(self) -> str:
        """`viewer`, `cashier`: as it is stored, and as the settings are called."""
        return self.name.lower()

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
