"""The billing API, asked in our own words."""

from bot.billing.client import Billing, BillingOptions
from bot.billing.models import (
    Customer,
    CustomerDetail,
    Invoice,
    InvoiceSummary,
    NewPayment,
    Payment,
    Recorded,
)

__all__ = [
    "Billing",
    "BillingOptions",
    "Customer",
    "CustomerDetail",
    "Invoice",
    "InvoiceSummary",
    "NewPayment",
    "Payment",
    "Recorded",
]
