"""What Casier itself remembers: one database, an SQLite file."""

from bot.store.database import Store, open_store
from bot.store.faults import StoreError
from bot.store.orders import Oddity, OrderState, PaymentOrder, made_reference
from bot.store.questions import Questions
from bot.store.trail import Deed, Entry, Head, Record, TrailRows, Wanted

__all__ = [
    "Deed",
    "Entry",
    "Head",
    "Oddity",
    "OrderState",
    "PaymentOrder",
    "Questions",
    "Record",
    "Store",
    "StoreError",
    "TrailRows",
    "Wanted",
    "made_reference",
    "open_store",
]
