"""The stand-in billing API: a thousand invoices, each with an amount and a day of its own."""

import msgspec

from benchmarks.wire import Respond, answer

KEY = "benchmark-key"
INVOICES = 997

_PREFIX = b"GET /invoices/2024-"


def number_of(index: int) -> str:
    """`2024-001` and onward."""
    return f"2024-{index % INVOICES + 1:03}"


def amount_of(number: str) -> str:
    """The amount of an invoice as people read it, `5,320.50`: no two are alike."""
    return f"{_amount(int(number.partition('-')[2])):,.2f}"


def handle(head: bytes, _body: bytes, respond: Respond) -> None:
    """Answer one request."""
    found = _ANSWERS.get(head.partition(b" HTTP/")[0])
    respond(found or answer(b'{"message":"No such thing"}', b"404 Not Found"))


def _amount(index: int) -> float:
    return 1000 + index * 7.37


def _invoice(index: int) -> bytes:
    amount, number = f"{_amount(index):.2f}", f"2024-{index:03}"
    day = index % 28 + 1
    return msgspec.json.encode(
        {
            "id": number,
            "customer_id": f"CL-{index % 200:03}",
            "number": number,
            "issued_at": f"2024-03-{day:02}",
            "due_at": f"2024-04-{day:02}",
            "amount": amount,
            "balance": amount,
            "status": "unpaid",
        }
    )


_PAYMENTS = {b"GET /payments": answer(b'{"data":[]}')}
_CUSTOMERS = {
    b"GET /customers/CL-%03d" % index: answer(
        msgspec.json.encode({"id": f"CL-{index:03}", "name": f"Customer {index}", "email": "", "phone": ""})
    )
    for index in range(200)
}
_ANSWERS = (
    _PAYMENTS | _CUSTOMERS | {b"%b%03d" % (_PREFIX, index): answer(_invoice(index)) for index in range(1, INVOICES + 1)}
)
