"""People and roles as they are said."""

import re
from typing import Annotated

from bot.access.roles import Role
from bot.arguments import Argument
from bot.conventions import Conventions
from bot.words import _

_GIVEN = (Role.VIEWER, Role.CASHIER, Role.APPROVER, Role.ADMIN)
_LONGEST = 64
_MENTION = re.compile(r"<@([A-Z0-9]{1,40})(?:\|[^>]*)?>")
_KEY = re.compile(r"[a-z]{1,16}:[A-Za-z0-9._-]{1,60}")
_BARE = re.compile(r"[A-Za-z0-9._-]{1,60}")


def role_called(word: str) -> Role | None:
    """The role that is called so, in the reader's language or as the settings write it; None: none."""
    return next((role for role in _GIVEN if word.casefold() in (role.stored, role.word.casefold())), None)


def _role(word: str, _conventions: Conventions) -> Role:
    role = role_called(word)
    if role is None:
        roles = ", ".join(each.stored for each in _GIVEN)
        raise ValueError(_("“{word}” is no role: {roles}.").format(word=word[:_LONGEST], roles=roles))
    return role


def _person(word: str, _conventions: Conventions) -> str:
    """`telegram:42`, `42`, Slack's `<@U042>`; a name is nobody, because anybody can call themselves so."""
    mention = _MENTION.fullmatch(word)
    if mention:
        return f"slack:{mention[1]}"
    if _KEY.fullmatch(word) or _BARE.fullmatch(word):
        return word
    words = _("I know people by their ids only: answer a message of theirs, or write the id that /id shows them.")
    raise ValueError(words)


PersonKey = Annotated[str, Argument(_person, "telegram:42")]
RoleWord = Annotated[
    Role, Argument(_role, "cashier", choices=lambda _conventions: tuple(role.stored for role in _GIVEN))
]
