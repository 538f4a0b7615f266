"""The contract's own examples, as the API's page and its OpenAPI description show them."""

from typing import Any

CUSTOMER: dict[str, Any] = {
    "id": "CL-001",
    "name": "Client Premium",
    "email": "client@example.com",
    "phone": "+40 700 000 000",
    "billing_address": "Strada ...",
    "created_at": "2024-03-01 10:00:00",
}
SUMMARY = {"id": "INV1", "number": "2024-001", "issued_at": "2024-03-01", "amount": "5320.50", "status": "paid"}
CUSTOMER_DETAIL = {**{name: CUSTOMER[name] for name in CUSTOMER if name != "created_at"}, "invoices": [SUMMARY]}
INVOICE = {
    "id": "2024-001",
    "customer_id": "CL-001",
    "number": "2024-001",
    "issued_at": "2024-03-01",
    "due_at": "2024-03-30",
    "amount": "5320.50",
    "balance": "0.00",
    "status": "paid",
}
PAYMENT = {
    "id": 15,
    "invoice_id": "2024-001",
    "amount": "5320.50",
    "status": "confirmed",
    "paid_at": "2024-03-02 12:41:00",
    "invoice_number": "2024-001",
}
ORDER = {"invoice_id": "2024-001", "amount": 5320.50, "payment_method": "card", "reference": "EUP123456789"}
RECORDED_MESSAGE = "Plata a fost înregistrată."
RECORDED = {"message": RECORDED_MESSAGE, "payment_id": 56}

ORDER_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": ORDER,
                "schema": {
                    "type": "object",
                    "required": ["invoice_id", "amount", "payment_method"],
                    "properties": {
                        "invoice_id": {"type": "string", "description": "the invoice's number"},
                        "amount": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01},
                        "payment_method": {"type": "string", "minLength": 1},
                        "reference": {"type": "string", "nullable": True},
                    },
                },
            }
        },
    }
}


def answers(example: object, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Describe what an endpoint answers, well and badly."""
    errors = {"application/json": {"example": {"message": "Factura 2024-404 nu există."}}}
    return {
        status: {"description": "As asked.", "content": {"application/json": {"example": example}}},
        "4XX": {"description": "401 wrong key, 404 not there, 422 not valid.", "content": errors},
    }
