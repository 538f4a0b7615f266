"""What people can ask, one file per family."""

from bot.router import Router
from handlers import audit, customers, invoices, lookup, payments, start


def all_commands() -> Router:
    """Every family's commands in one directory."""
    return Router(start.router, customers.router, invoices.router, payments.router, audit.router, lookup.router)
