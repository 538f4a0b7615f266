"""The life of one payment: draft, confirmation, the one request, its verdict, and telling it."""

from bot.payments.desk import DeskOptions, PaymentDesk, Wish
from bot.payments.telling import Telling

__all__ = ["DeskOptions", "PaymentDesk", "Telling", "Wish"]
