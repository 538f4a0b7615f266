"""What Casier itself remembers: one database, an SQLite file or on a PostgreSQL server."""

from bot.store.addresses import file_of, shown_url
from bot.store.backup import Backup, back_up
from bot.store.database import Store, open_store
from bot.store.faults import StoreError
from bot.store.migrating import Migrated, migrate_store
from bot.store.order import (
    BLOCKING,
    UNDER_WAY,
    WEIGHTY,
    Doubt,
    Oddity,
    OrderState,
    PaymentOrder,
    made_reference,
)
from bot.store.orders import Orders
from bot.store.questions import Questions
from bot.store.trail import Deed, Entry, Head, Record, TrailRows, Wanted
from bot.store.transaction import Transaction

__all__ = [
    "BLOCKING",
    "UNDER_WAY",
    "WEIGHTY",
    "Backup",
    "Deed",
    "Doubt",
    "Entry",
    "Head",
    "Migrated",
    "Oddity",
    "OrderState",
    "Orders",
    "PaymentOrder",
    "Questions",
    "Record",
    "Store",
    "StoreError",
    "TrailRows",
    "Transaction",
    "Wanted",
    "back_up",
    "file_of",
    "made_reference",
    "migrate_store",
    "open_store",
    "shown_url",
]
