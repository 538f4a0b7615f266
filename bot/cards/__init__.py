"""How an invoice, a customer, a payment, a draft and a receipt look as a reply."""

from bot.cards.audit import audit_file, audit_page
from bot.cards.charts import report_chart
from bot.cards.customers import customer_card, customers_page
from bot.cards.files import DEBTOR_LINE, OWED_LINE, RECEIVED_LINE, debtor_line, listed_file, owed_line, received_line
from bot.cards.found import Footing, FoundOne, footing_notes, found_page
from bot.cards.index import as_of, how_far, refresh_card
from bot.cards.invoices import InvoiceTotals, invoice_card, invoices_page, is_called, no_such_status
from bot.cards.named import named_card
from bot.cards.notices import (
    Known,
    Sums,
    change_notice,
    mute_offer,
    payment_notice,
    sample_notice,
    summary_notice,
)
from bot.cards.orders import insist_card, look_again_card, order_card, reason_card, rejection
from bot.cards.owed import MOST_CALLED, Asked, WhatIsOwed, debtors_page, owed_page, several_called
from bot.cards.payments import PaymentTotals, payments_page
from bot.cards.questions import ask_for_amount, ask_for_method
from bot.cards.reading import Reading
from bot.cards.received import received_page
from bot.cards.report import Report, report_card
from bot.cards.statuses import is_status
from bot.cards.stories import others_card, pending_list, settle_card, story_card
from bot.cards.subscriptions import (
    audiences_card,
    ended_card,
    filter_words,
    subscribed_card,
    subscriptions_card,
    unsubscribe_choice,
    which_chat,
)
from bot.cards.trouble import back_notice, failing_notice, paused_notice

__all__ = [
    "DEBTOR_LINE",
    "MOST_CALLED",
    "OWED_LINE",
    "RECEIVED_LINE",
    "Asked",
    "Footing",
    "FoundOne",
    "InvoiceTotals",
    "Known",
    "PaymentTotals",
    "Reading",
    "Report",
    "Sums",
    "WhatIsOwed",
    "as_of",
    "ask_for_amount",
    "ask_for_method",
    "audiences_card",
    "audit_file",
    "audit_page",
    "back_notice",
    "change_notice",
    "customer_card",
    "customers_page",
    "debtor_line",
    "debtors_page",
    "ended_card",
    "failing_notice",
    "filter_words",
    "footing_notes",
    "found_page",
    "how_far",
    "insist_card",
    "invoice_card",
    "invoices_page",
    "is_called",
    "is_status",
    "listed_file",
    "look_again_card",
    "mute_offer",
    "named_card",
    "no_such_status",
    "order_card",
    "others_card",
    "owed_line",
    "owed_page",
    "paused_notice",
    "payment_notice",
    "payments_page",
    "pending_list",
    "reason_card",
    "received_line",
    "received_page",
    "refresh_card",
    "rejection",
    "report_card",
    "report_chart",
    "sample_notice",
    "settle_card",
    "several_called",
    "story_card",
    "subscribed_card",
    "subscriptions_card",
    "summary_notice",
    "unsubscribe_choice",
    "which_chat",
]
