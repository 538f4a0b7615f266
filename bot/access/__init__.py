"""Who may do what: deny by default, by the platforms' unchangeable ids."""

from bot.access.people import Granted, Known, People
from bot.access.roles import Role
from bot.access.words import PersonKey, RoleWord, role_called

__all__ = ["Granted", "Known", "People", "PersonKey", "Role", "RoleWord", "role_called"]
