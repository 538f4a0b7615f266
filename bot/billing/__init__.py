"""The billing API, asked in our own words."""

from bot.billing.client import Billing
from bot.billing.front import Mark, Window
from bot.billing.models import (
    Customer,
    CustomerDetail,
    Invoice,
    InvoiceSummary,
    NewPayment,
    Payment,
    Recorded,
    Sighting,
)
from bot.billing.options import BillingOptions
from bot.billing.reading import Part

__all__ = [
    "Billing",
    "BillingOptions",
    "Customer",
    "CustomerDetail",
    "Invoice",
    "InvoiceSummary",
    "Mark",
    "NewPayment",
    "Part",
    "Payment",
    "Recorded",
    "Sighting",
    "Window",
]
