"""What people can ask, one file per family."""

from bot.router import Router
from handlers import access, audit, customers, invoices, lookup, orders, payments, start, subscriptions


def all_commands() -> Router:
    """Every family's commands in one directory."""
    families = (start, customers, invoices, payments, orders, subscriptions, access, audit, lookup)
    return Router(*(family.router for family in families))
