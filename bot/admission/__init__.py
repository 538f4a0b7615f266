"""Letting people in: roles from the chat, asking for access, invitations."""

from bot.admission.desk import AccessDesk
from bot.admission.linking import Linking
from bot.admission.requests import Requests

__all__ = ["AccessDesk", "Linking", "Requests"]
