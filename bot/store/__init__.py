"""What Casier itself remembers: one database, an SQLite file."""

from bot.store.database import Store, open_store
from bot.store.faults import StoreError
from bot.store.orders import Oddity, OrderState, PaymentOrder, made_reference
from bot.store.questions import Questions

__all__ = ["Oddity", "OrderState", "PaymentOrder", "Questions", "Store", "StoreError", "made_reference", "open_store"]
