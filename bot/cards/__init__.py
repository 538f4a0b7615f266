"""How an invoice, a customer, a payment, a draft and a receipt look as a reply."""

from bot.cards.audit import audit_file, audit_page
from bot.cards.customers import customer_card, customers_page
from bot.cards.invoices import InvoiceTotals, invoice_card, invoices_page, is_called, no_such_status
from bot.cards.orders import insist_card, look_again_card, order_card, reason_card, rejection
from bot.cards.payments import PaymentTotals, payments_page
from bot.cards.questions import ask_for_amount, ask_for_method
from bot.cards.statuses import is_status
from bot.cards.stories import others_card, pending_list, settle_card, story_card

__all__ = [
    "InvoiceTotals",
    "PaymentTotals",
    "ask_for_amount",
    "ask_for_method",
    "audit_file",
    "audit_page",
    "customer_card",
    "customers_page",
    "insist_card",
    "invoice_card",
    "invoices_page",
    "is_called",
    "is_status",
    "look_again_card",
    "no_such_status",
    "order_card",
    "others_card",
    "payments_page",
    "pending_list",
    "reason_card",
    "rejection",
    "settle_card",
    "story_card",
]
