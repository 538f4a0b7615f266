"""What people can ask, one file per family."""

from bot.router import Router
from handlers import (
    access,
    audit,
    customers,
    find,
    invoices,
    linking,
    lookup,
    orders,
    owed,
    payments,
    refresh,
    reports,
    start,
    subscriptions,
)


def all_commands() -> Router:
    """Every family's commands in one directory."""
    families = (
        *(start, find, customers, invoices, payments, orders, owed),
        *(reports, subscriptions, access, linking, audit, refresh, lookup),
    )
    return Router(*(family.router for family in families))
