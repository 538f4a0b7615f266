"""The life of one payment: draft, confirmation, the one request, its verdict."""

from bot.payments.desk import DeskOptions, PaymentDesk, Wish

__all__ = ["DeskOptions", "PaymentDesk", "Wish"]
