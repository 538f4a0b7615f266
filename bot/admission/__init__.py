"""Letting people in: roles from the chat, asking for access, invitations."""

from bot.admission.desk import AccessDesk
from bot.admission.requests import Requests

__all__ = ["AccessDesk", "Requests"]
