import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import SandboxOptions, SandboxServer
from sandbox.orders import read_order
from sandbox.refusals import Refused

Connect = Callable[..., httpx.AsyncClient]

OPEN_INVOICE = "SELECT number FROM invoices WHERE status = 'unpaid' OR status = 'overdue' ORDER BY number LIMIT 1"
JSON = {"content-type": "application/json"}


def open_invoice(server: SandboxServer) -> str:
    return str(server.books.query(OPEN_INVOICE)[0][0])


def state_of(server: SandboxServer, number: str) -> tuple[int, str]:
    ((balance, status),) = server.books.query("SELECT balance_bani, status FROM invoices WHERE number = ?", number)
    return balance, status


def order_of(number: str, amount: float | str = 1, **fields: object) -> dict[str, Any]:
    return {"invoice_id": number, "amount": amount, "payment_method": "card", **fields}


async def test_a_payment_is_recorded_with_all_that_was_said(server: SandboxServer, client: httpx.AsyncClient) -> None:
    number = open_invoice(server)
    balance, _ = state_of(server, number)
    order = order_of(number, 10.5, reference="O'P „ț” 1", payment_method="tichet", something="else")
    answer = await client.post("/payments", json=order)
    assert answer.status_code == 201
    recorded = answer.json()
    assert recorded == {"message": "Plata a fost înregistrată.", "payment_id": recorded["payment_id"]}
    sql = "SELECT invoice_id, amount_bani, status, method, reference, paid_at FROM payments WHERE id = ?"
    (row,) = server.books.query(sql, recorded["payment_id"])
    assert row[:5] == (number, 1050, "confirmed", "tichet", "O'P „ț” 1")
    assert str(row[5]).startswith("2026-03-10 ")
    assert state_of(server, number) == (balance - 1050, "partial")


async def test_the_new_payment_and_the_new_balance_are_there_to_read(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    number = open_invoice(server)
    due = (await client.get(f"/invoices/{number}")).json()["balance"]
    body = f'{{"invoice_id": "{number}", "amount": {due}, "payment_method": "cash", "reference": null}}'
    answer = await client.post("/payments", content=body, headers=JSON)
    invoice = (await client.get(f"/invoices/{number}")).json()
    assert (invoice["balance"], invoice["status"]) == ("0.00", "paid")
    payments = (await client.get("/payments")).json()["data"]
    (payment,) = [one for one in payments if one["id"] == answer.json()["payment_id"]]
    assert (payment["amount"], payment["status"], payment["invoice_number"]) == (due, "confirmed", number)


async def test_more_than_the_balance_is_taken_and_the_balance_stays_at_zero(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    assert (await client.post("/payments", json=order_of("2024-001", 5320.50))).status_code == 201
    assert state_of(server, "2024-001") == (0, "paid")


async def test_more_than_the_balance_can_be_refused(connect: Connect) -> None:
    options = SandboxOptions(reject_overpayment=True, today=date(2026, 3, 10))
    async with SandboxServer(options) as server, connect(server) as client:
        number = open_invoice(server)
        due = (await client.get(f"/invoices/{number}")).json()["balance"]
        over = await client.post("/payments", json=order_of(number, float(due) + 1))
        exact = await client.post("/payments", json=order_of(number, float(due)))
        again = await client.post("/payments", json=order_of(number, 0.01))
    assert (over.status_code, over.json()) == (422, {"message": f"Suma depășește soldul facturii {number} ({due})."})
    assert (exact.status_code, again.status_code) == (201, 422)


async def test_a_cancelled_invoice_takes_no_payment(server: SandboxServer, client: httpx.AsyncClient) -> None:
    number = open_invoice(server)
    server.books.query("UPDATE invoices SET status = 'cancelled' WHERE number = ?", number)
    answer = await client.post("/payments", json=order_of(number))
    assert (answer.status_code, answer.json()) == (422, {"message": f"Factura {number} este anulată."})


@pytest.mark.parametrize("number", ["2024-404", "INV1", "2024-001 ", "' OR 1=1"])
async def test_an_unknown_invoice_takes_no_payment(client: httpx.AsyncClient, number: str) -> None:
    answer = await client.post("/payments", json=order_of(number))
    assert (answer.status_code, answer.json()) == (404, {"message": f"Factura {number} nu există."})


NUMBER = "Suma trebuie să fie un număr."
POSITIVE = "Suma trebuie să fie mai mare decât zero."
DECIMALS = "Suma poate avea cel mult două zecimale."
INVALID = "Cererea nu este JSON valid."
WRONG_AMOUNTS = {
    '"10.00"': NUMBER,
    "true": NUMBER,
    "null": NUMBER,
    "[1]": NUMBER,
    "{}": NUMBER,
    "0": POSITIVE,
    "0.00": POSITIVE,
    "-0.0": POSITIVE,
    "-5": POSITIVE,
    "1.005": DECIMALS,
    "5320.499999": DECIMALS,
    "5320.500": DECIMALS,
    "0.001": DECIMALS,
    "1e-999999": DECIMALS,
    "10000000000": "Suma este prea mare.",
    "1e999999": "Suma este prea mare.",
    "NaN": INVALID,
    "Infinity": INVALID,
    "-Infinity": INVALID,
    "1e99999999999999999999": INVALID,
    "1" * 5000: INVALID,
    "[" * 20000: INVALID,
    "01": INVALID,
}


@pytest.mark.parametrize(("amount", "message"), WRONG_AMOUNTS.items(), ids=[one[:22] for one in WRONG_AMOUNTS])
async def test_an_amount_is_a_number_above_zero_with_two_decimals(
    server: SandboxServer, client: httpx.AsyncClient, amount: str, message: str
) -> None:
    body = f'{{"invoice_id": "2024-001", "amount": {amount}, "payment_method": "card"}}'
    answer = await client.post("/payments", content=body, headers=JSON)
    assert (answer.status_code, answer.json()) == (422, {"message": message})
    assert server.books.query("SELECT count(*) FROM payments") == [(40,)]


OBJECT = "Cererea trebuie să fie un obiect JSON."
WRONG_BODIES = [
    (b"", INVALID),
    (b"{", INVALID),
    (b"amount=1", INVALID),
    (b"\xff\xfe\xfa", INVALID),
    (b"[]", OBJECT),
    (b"null", OBJECT),
    (b'"text"', OBJECT),
    (b"{}", "Câmpul invoice_id este obligatoriu."),
    (b'{"invoice_id": 7, "amount": 1, "payment_method": "card"}', "Câmpul invoice_id trebuie să fie un text."),
    (b'{"invoice_id": " ", "amount": 1, "payment_method": "card"}', "Câmpul invoice_id este obligatoriu."),
    (b'{"invoice_id": "\\ud800", "amount": 1, "payment_method": "x"}', "Câmpul invoice_id trebuie să fie un text."),
    (b'{"invoice_id": "2024-001", "payment_method": "card"}', NUMBER),
    (b'{"invoice_id": "2024-001", "amount": 1}', "Câmpul payment_method este obligatoriu."),
    (b'{"invoice_id": "2024-001", "amount": 1, "payment_method": ""}', "Câmpul payment_method este obligatoriu."),
    (b'{"invoice_id": "2024-001", "amount": 1, "payment_method": 1}', "Câmpul payment_method trebuie să fie un text."),
    (
        b'{"invoice_id": "2024-001", "amount": 1, "payment_method": "x", "reference": 1}',
        "Câmpul reference trebuie să fie un text.",
    ),
]


@pytest.mark.parametrize(("body", "message"), WRONG_BODIES)
async def test_a_body_that_is_no_order_is_refused(
    server: SandboxServer, client: httpx.AsyncClient, body: bytes, message: str
) -> None:
    answer = await client.post("/payments", content=body, headers=JSON)
    assert (answer.status_code, answer.json()) == (422, {"message": message})
    assert server.books.query("SELECT count(*) FROM payments") == [(40,)]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_an_order_is_sent_as_json(client: httpx.AsyncClient, media_type: str) -> None:
    body = b'{"invoice_id": "2024-001", "amount": 1, "payment_method": "card"}'
    answer = await client.post("/payments", content=body, headers={"content-type": media_type})
    assert (answer.status_code, answer.json()) == (422, {"message": "Cererea trebuie trimisă ca application/json."})


async def test_the_media_type_may_name_its_encoding(client: httpx.AsyncClient) -> None:
    body = '{"invoice_id": "2024-001", "amount": 1, "payment_method": "numerar în lei"}'.encode()
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await client.post("/payments", content=body, headers=headers)).status_code == 201


async def test_a_huge_body_is_not_read_to_its_end(server: SandboxServer, client: httpx.AsyncClient) -> None:
    answer = await client.post("/payments", json=order_of("2024-001", reference="x" * 100_000))
    assert (answer.status_code, answer.json()) == (413, {"message": "Cererea este prea mare."})
    assert server.books.query("SELECT count(*) FROM payments") == [(40,)]


async def test_payments_at_the_same_time_all_count_once(server: SandboxServer, client: httpx.AsyncClient) -> None:
    server.books.query("UPDATE invoices SET amount_bani = 10000, balance_bani = 10000, status = 'unpaid'")
    number = open_invoice(server)
    answers = await asyncio.gather(*(client.post("/payments", json=order_of(number, 2.5)) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    ids = {answer.json()["payment_id"] for answer in answers}
    assert len(ids) == 40
    assert state_of(server, number) == (0, "paid")


async def test_with_overpayment_refused_no_race_gets_more_than_the_balance_in(connect: Connect) -> None:
    options = SandboxOptions(reject_overpayment=True, demo=True)
    async with SandboxServer(options) as server, connect(server) as client:
        sends = (client.post("/payments", json=order_of("2024-001", 1000)) for _ in range(20))
        codes = [answer.status_code for answer in await asyncio.gather(*sends)]
        assert sorted(codes) == [201] * 5 + [422] * 15
        assert state_of(server, "2024-001") == (32050, "partial")
        total = "SELECT sum(amount_bani) FROM payments WHERE invoice_id = '2024-001'"
        assert server.books.query(total) == [(500000,)]


async def test_a_payment_that_fails_half_way_leaves_nothing_behind(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    number = open_invoice(server)
    before = state_of(server, number)
    server.books.query("CREATE TRIGGER broken BEFORE UPDATE ON invoices BEGIN SELECT raise(ABORT, 'out of ink'); END")
    assert (await client.post("/payments", json=order_of(number))).status_code == 500
    assert server.books.query("SELECT count(*) FROM payments") == [(40,)]
    assert state_of(server, number) == before
    server.books.query("DROP TRIGGER broken")
    assert (await client.post("/payments", json=order_of(number))).status_code == 201


@given(st.integers(1, 999_999_999_999), st.booleans())
def test_an_amount_is_read_to_the_last_digit(bani: int, short: bool) -> None:  # noqa: FBT001
    digits = f"{bani // 100}.{bani % 100:02}"
    written = digits.rstrip("0").rstrip(".") if short else digits
    body = f'{{"invoice_id": "2024-001", "amount": {written}, "payment_method": "card"}}'
    assert read_order(body.encode()).bani == bani


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_an_order_or_a_refusal(body: bytes) -> None:
    with pytest.raises(Refused):
        read_order(body)
