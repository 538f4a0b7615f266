"""The six endpoints of the contract."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from sandbox import ledger, reference
from sandbox.gate import check_key
from sandbox.options import ORDERS
from sandbox.orders import PaymentOrder, read_order
from sandbox.refusals import Refused
from sandbox.shapes import ListResponse, dressed, json_response
from sandbox.state import Desk, Sandbox

router = APIRouter(dependencies=[Depends(check_key)], tags=["billing"])

IfNoneMatch = Annotated[str | None, Header(include_in_schema=False)]


async def posted_order(request: Request) -> PaymentOrder:
    """Read the order in a request; not with FastAPI's own reader, which would turn the amount into a float."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(422, "Cererea trebuie trimisă ca application/json.")
    return read_order(await request.body())


@router.get("/customers", responses=reference.answers({"data": [reference.CUSTOMER]}))
def list_customers(desk: Desk, if_none_match: IfNoneMatch = None) -> Response:
    """All customers, in no particular order."""
    return _list_response(desk, "customers", if_none_match)


@router.get("/customers/{customer_id}", responses=reference.answers(reference.CUSTOMER_DETAIL))
def show_customer(desk: Desk, customer_id: str) -> Response:
    """One customer with its invoices in short, whose `id` is not the number that the other endpoints use."""
    customer = ledger.customer(desk.books, customer_id)
    return json_response(_dressed(desk, {**customer, "invoices": _summaries(desk, customer_id, with_balance=False)}))


@router.get("/customers/{customer_id}/invoices", responses=reference.answers({"data": [reference.SUMMARY]}))
def list_invoices_of_customer(desk: Desk, customer_id: str) -> Response:
    """The invoices of one customer; `bare_lists` and `summary_balance` choose between the readings of the contract."""
    ledger.customer(desk.books, customer_id)
    summaries = _summaries(desk, customer_id, with_balance=desk.options.summary_balance)
    return json_response(summaries if desk.options.bare_lists else _dressed(desk, {"data": summaries}))


@router.get("/invoices/{number}", responses=reference.answers(reference.INVOICE))
def show_invoice(desk: Desk, number: str) -> Response:
    """One invoice, asked for by its number."""
    return json_response(_dressed(desk, ledger.invoice(desk.books, number)))


@router.get("/payments", responses=reference.answers({"data": [reference.PAYMENT]}))
def list_payments(desk: Desk, if_none_match: IfNoneMatch = None) -> Response:
    """All payments, in no particular order, without method, reference or author."""
    return _list_response(desk, "payments", if_none_match)


@router.post(
    "/payments",
    status_code=201,
    responses=reference.answers(reference.RECORDED, 201),
    openapi_extra=reference.ORDER_BODY,
)
def record_payment(desk: Desk, order: Annotated[PaymentOrder, Depends(posted_order)]) -> Response:
    """Record a payment on an invoice. It can't be taken back, and sending it twice records two."""
    reject = desk.options.reject_overpayment
    payment_id = ledger.record(desk.books, order, desk.options.now(), reject_overpayment=reject)
    recorded: ledger.Record = {"message": reference.RECORDED_MESSAGE, "payment_id": payment_id}
    return json_response(_dressed(desk, recorded), 201)


def _list_response(desk: Sandbox, name: str, if_none_match: str | None) -> Response:
    headers = {}
    if desk.options.etag:
        # Read before the records: if one is added in between, the tag is too old, and the next answer a full one.
        headers["etag"] = f'"{name}-{ledger.edition(desk.books, name)}"'
        if _matches(if_none_match, headers["etag"]):
            return Response(status_code=304, headers=headers)
    order = ORDERS[desk.options.payments_order]
    records = ledger.customers(desk.books) if name == "customers" else ledger.payments(desk.books, order)
    return ListResponse(records, headers, extra_fields=desk.options.extra_fields)


def _matches(if_none_match: str | None, etag: str) -> bool:
    # RFC 9110, 13.1.2: a list of tags, compared without minding the W/ of weak ones, or a star for any.
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in known or "*" in known


def _summaries(desk: Sandbox, customer_id: str, *, with_balance: bool) -> list[ledger.Record]:
    summaries = ledger.invoices_of(desk.books, customer_id, with_balance=with_balance)
    return [_dressed(desk, summary) for summary in summaries]


def _dressed(desk: Sandbox, record: ledger.Record) -> ledger.Record:
    return dressed(record, extra_fields=desk.options.extra_fields)
