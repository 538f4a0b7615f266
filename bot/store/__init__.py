"""What Casier itself remembers: one database, an SQLite file."""

from bot.store.database import Store, StoreError, open_store
from bot.store.orders import Oddity, OrderState, PaymentOrder

__all__ = ["Oddity", "OrderState", "PaymentOrder", "Store", "StoreError", "open_store"]
