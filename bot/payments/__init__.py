"""The life of one payment: draft, doubts, approval, the one request, its verdict, and telling it."""

from bot.payments.approvals import Approvals
from bot.payments.desk import Parts, PaymentDesk
from bot.payments.drafts import DeskOptions, Wish
from bot.payments.oddities import Guard
from bot.payments.posting import Posting
from bot.payments.proof import Proof
from bot.payments.running import Patience, Running
from bot.payments.settling import Look, Settling
from bot.payments.telling import Telling

__all__ = [
    "Approvals",
    "DeskOptions",
    "Guard",
    "Look",
    "Parts",
    "Patience",
    "PaymentDesk",
    "Posting",
    "Proof",
    "Running",
    "Settling",
    "Telling",
    "Wish",
]
