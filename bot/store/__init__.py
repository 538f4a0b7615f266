"""What Casier itself remembers: one database, an SQLite file or on a PostgreSQL server."""

from bot.store.addresses import file_of, shown_url
from bot.store.admission import LET_IN, OPEN, TURNED_AWAY, AccessRequest, Admissions, Invitation
from bot.store.backup import Backup, back_up
from bot.store.buckets import Seen
from bot.store.company import bots_on
from bot.store.database import Store, open_store
from bot.store.faults import StoreError
from bot.store.index import CustomerIndex
from bot.store.index_turns import IndexTurns, Taken
from bot.store.indexed import ID_MARK, PHONE_END_MARK, PHONE_MARK, IndexedCustomer, IndexedInvoice, IndexState
from bot.store.known import KnownPayments, OvertakenError, WatchState
from bot.store.lessons import Learned
from bot.store.links import LinkOffer
from bot.store.migrating import Migrated, migrate_store
from bot.store.notices import Held, Notice, PaymentEvent
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
from bot.store.people import Grant, Identity, PeopleRows, Register
from bot.store.questions import Questions
from bot.store.receivables import Called, Debtor, Owed, Owing, Receivables, Standings, View
from bot.store.search import IndexLook, IndexSearch, InvoiceFilter, Spelt
from bot.store.subscription import Audience, CardStyle, Filter, Subscription
from bot.store.trail import Deed, Entry, Head, Record, TrailRows, Wanted
from bot.store.transaction import Transaction

__all__ = [
    "BLOCKING",
    "ID_MARK",
    "LET_IN",
    "OPEN",
    "PHONE_END_MARK",
    "PHONE_MARK",
    "TURNED_AWAY",
    "UNDER_WAY",
    "WEIGHTY",
    "AccessRequest",
    "Admissions",
    "Audience",
    "Backup",
    "Called",
    "CardStyle",
    "CustomerIndex",
    "Debtor",
    "Deed",
    "Doubt",
    "Entry",
    "Filter",
    "Grant",
    "Head",
    "Held",
    "Identity",
    "IndexLook",
    "IndexSearch",
    "IndexState",
    "IndexTurns",
    "IndexedCustomer",
    "IndexedInvoice",
    "Invitation",
    "InvoiceFilter",
    "KnownPayments",
    "Learned",
    "LinkOffer",
    "Migrated",
    "Notice",
    "Oddity",
    "OrderState",
    "Orders",
    "OvertakenError",
    "Owed",
    "Owing",
    "PaymentEvent",
    "PaymentOrder",
    "PeopleRows",
    "Questions",
    "Receivables",
    "Record",
    "Register",
    "Seen",
    "Spelt",
    "Standings",
    "Store",
    "StoreError",
    "Subscription",
    "Taken",
    "TrailRows",
    "Transaction",
    "View",
    "Wanted",
    "WatchState",
    "back_up",
    "bots_on",
    "file_of",
    "made_reference",
    "migrate_store",
    "open_store",
    "shown_url",
]
