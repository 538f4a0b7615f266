import json
from collections.abc import Callable

import httpx
import pytest

from sandbox import SandboxOptions, SandboxServer

Connect = Callable[..., httpx.AsyncClient]

READS = ("/customers", "/customers/CL-001", "/customers/CL-001/invoices", "/invoices/2024-001", "/payments")


async def test_the_customers_include_the_contracts_own(client: httpx.AsyncClient) -> None:
    answer = await client.get("/customers")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["data"]
    assert {
        "id": "CL-001",
        "name": "Client Premium",
        "email": "client@example.com",
        "phone": "+40 700 000 000",
        "billing_address": "Strada ...",
        "created_at": "2024-03-01 10:00:00",
    } in answer.json()["data"]


async def test_a_customer_is_a_bare_object_with_its_invoices_in_short(client: httpx.AsyncClient) -> None:
    answer = await client.get("/customers/CL-001")
    assert answer.json() == {
        "id": "CL-001",
        "name": "Client Premium",
        "email": "client@example.com",
        "phone": "+40 700 000 000",
        "billing_address": "Strada ...",
        "invoices": [
            {"id": "INV1", "number": "2024-001", "issued_at": "2024-03-01", "amount": "5320.50", "status": "paid"}
        ],
    }


async def test_the_invoices_of_a_customer_come_in_an_envelope_with_due_date_and_balance(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/customers/CL-001/invoices")
    assert answer.json() == {
        "data": [
            {
                "id": "INV1",
                "number": "2024-001",
                "issued_at": "2024-03-01",
                "due_at": "2024-03-30",
                "amount": "5320.50",
                "balance": "0.00",
                "status": "paid",
            }
        ]
    }


async def test_an_invoice_asked_for_by_itself_is_named_by_its_number(client: httpx.AsyncClient) -> None:
    answer = await client.get("/invoices/2024-001")
    assert answer.json() == {
        "id": "2024-001",
        "customer_id": "CL-001",
        "number": "2024-001",
        "issued_at": "2024-03-01",
        "due_at": "2024-03-30",
        "amount": "5320.50",
        "balance": "0.00",
        "status": "paid",
    }


async def test_the_payments_have_the_contracts_six_fields_and_no_order(client: httpx.AsyncClient) -> None:
    answer = await client.get("/payments")
    payments = answer.json()["data"]
    assert len(payments) == 40
    assert {
        "id": 15,
        "invoice_id": "2024-001",
        "amount": "5320.50",
        "status": "confirmed",
        "paid_at": "2024-03-02 12:41:00",
        "invoice_number": "2024-001",
    } in payments
    assert {tuple(payment) for payment in payments} == {tuple(payments[0])}
    ids = [payment["id"] for payment in payments]
    assert len(set(ids)) == 40
    assert ids not in (sorted(ids), sorted(ids, reverse=True))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/customers/CL-404", "Clientul CL-404 nu există."),
        ("/customers/CL-404/invoices", "Clientul CL-404 nu există."),
        ("/invoices/2024-404", "Factura 2024-404 nu există."),
        ("/invoices/INV1", "Factura INV1 nu există."),
        ("/invoices/țuică%20%3Cb%3E", "Factura țuică <b> nu există."),
        ("/nothing", "Adresa /nothing nu există."),
        ("/customers/", "Adresa /customers/ nu există."),
    ],
)
async def test_what_is_not_there_is_said_in_the_contracts_form(
    client: httpx.AsyncClient, path: str, message: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"message": message}


async def test_a_wrong_method_is_an_error_in_the_same_form(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/invoices/2024-001")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json() == {"message": "Metoda DELETE nu este permisă la /invoices/2024-001."}


@pytest.mark.parametrize("key", [None, "", "wrong", "sandbox-key2", "sandbox-ke", "șandbox-key"])
async def test_a_wrong_key_opens_nothing(server: SandboxServer, connect: Connect, key: str | None) -> None:
    async with connect(server, key) as stranger:
        answers = [await stranger.get(path) for path in READS]
    assert {answer.status_code for answer in answers} == {401}
    assert [answer.json() for answer in answers] == [{"message": "Unauthorized"}] * len(READS)


@pytest.mark.parametrize("path", ["/payments", "/sandbox/faults"])
async def test_a_wrong_key_writes_nothing_whatever_else_is_wrong(
    server: SandboxServer, connect: Connect, path: str
) -> None:
    async with connect(server, "wrong") as stranger:
        answer = await stranger.post(path, content=b"{")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert server.books.query("SELECT count(*) FROM payments") == [(40,)]


async def test_any_text_may_be_the_key(connect: Connect) -> None:
    async with SandboxServer(SandboxOptions(key="cheiță-ț")) as server, connect(server, "cheiță-ț") as client:
        assert (await client.get("/invoices/2024-001")).status_code == 200


async def test_a_mistake_of_the_sandbox_is_an_error_in_the_same_form(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    server.books.query("ALTER TABLE invoices RENAME TO gone")
    answer = await client.get("/invoices/2024-001")
    assert answer.status_code == 500
    assert answer.json() == {"message": "Eroare internă."}


async def test_the_page_describes_every_endpoint_without_a_key_or_another_server(
    server: SandboxServer, connect: Connect
) -> None:
    async with connect(server, None) as stranger:
        page = (await stranger.get("/docs")).text
        described = (await stranger.get("/openapi.json")).json()
    for path in ("/customers/{customer_id}/invoices", "/payments", "/sandbox/faults"):
        assert path in page
        assert path in described["paths"]
    assert "EUP123456789" in page
    assert "sandbox-key" not in page
    assert server.url in page
    assert not any(where in page for where in ("<script", "https://", "cdn"))
    assert described["paths"]["/payments"]["post"]["requestBody"]["required"]
    assert "sandbox-key" in json.dumps(described), "the default key is no secret"


async def test_the_api_goes_by_the_options_as_they_are_when_there_are_none() -> None:
    async with SandboxServer() as server:
        assert server.options == SandboxOptions()
