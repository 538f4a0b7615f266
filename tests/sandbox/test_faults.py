import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import httpx
import pytest

from sandbox import FaultKind, SandboxOptions, SandboxServer, create_app
from sandbox.exchange import Answer

Raw = Callable[..., Awaitable[bytes]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]

ORDER: dict[str, Any] = {"invoice_id": "2024-001", "amount": 5320.50, "payment_method": "card"}


def recorded(server: SandboxServer) -> int:
    return len(server.books.query("SELECT 1 FROM payments")) - 40


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_error_before_the_commit_writes_nothing(server: SandboxServer, raw: Raw, status: int) -> None:
    server.faults.add("POST", "/payments", "error-before-commit", status=status, retry_after=7)
    answer = await raw("POST", "/payments", ORDER)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"retry-after: 7\r\n" in answer
    assert json.loads(body_of(answer)) == {"message": "Serviciul nu este disponibil."}
    assert recorded(server) == 0


async def test_an_error_after_the_commit_has_written(server: SandboxServer, raw: Raw) -> None:
    server.faults.add("POST", "/payments", "error-after-commit", status=502, body="<h1>Bad Gateway</h1>")
    answer = await raw("POST", "/payments", ORDER)
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert body_of(answer) == b"<h1>Bad Gateway</h1>"
    assert recorded(server) == 1


@pytest.mark.parametrize(("kind", "written"), [("drop-before-commit", 0), ("drop-after-commit", 1)])
async def test_a_drop_ends_the_connection_without_a_byte(
    server: SandboxServer, raw: Raw, kind: str, written: int
) -> None:
    server.faults.add("POST", "/payments", kind)
    assert await raw("POST", "/payments", ORDER) == b""
    assert recorded(server) == written


@pytest.mark.parametrize(("kind", "written"), [("drop-before-commit", 0), ("drop-after-commit", 1)])
async def test_a_drop_can_be_a_reset(server: SandboxServer, raw: Raw, kind: str, written: int) -> None:
    server.faults.add("POST", "/payments", kind, reset=True)
    with pytest.raises(ConnectionResetError):
        await raw("POST", "/payments", ORDER)
    assert recorded(server) == written


async def test_a_drop_leaves_no_complaint_in_the_log(
    server: SandboxServer, raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    for kind in ("drop-before-commit", "drop-after-commit", "half-body", "hang"):
        server.faults.add("*", "*", kind, seconds=0.05)
        await raw("GET", "/payments")
    assert [record for record in caplog.records if record.levelno >= logging.INFO and record.name != "httpx"] == []


async def test_half_a_body_is_less_than_its_length_promises(server: SandboxServer, raw: Raw) -> None:
    server.faults.add("POST", "/payments", "half-body")
    answer = await raw("POST", "/payments", ORDER)
    assert answer.startswith(b"HTTP/1.1 201 ")
    whole = len('{"message":"Plata a fost înregistrată.","payment_id":41}'.encode())
    assert f"content-length: {whole}\r\n".encode() in answer
    assert len(body_of(answer)) == whole // 2
    assert recorded(server) == 1


async def test_half_a_list_ends_without_its_last_chunk(server: SandboxServer, raw: Raw) -> None:
    whole = await raw("GET", "/payments")
    server.faults.add("GET", "/payments", "half-body")
    answer = await raw("GET", "/payments")
    assert b"transfer-encoding: chunked\r\n" in answer.lower()
    assert whole.endswith(b"\r\n0\r\n\r\n")
    assert not answer.endswith(b"\r\n0\r\n\r\n")
    assert len(whole) / 3 < len(answer) < len(whole) * 2 / 3


async def test_half_a_body_is_a_broken_answer_for_an_http_client(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    server.faults.add("GET", "*", "half-body", times=2)
    for path in ("/invoices/2024-001", "/payments"):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(path)
    assert (await client.get("/invoices/2024-001")).status_code == 200


@pytest.mark.parametrize("body", [None, "OK"])
async def test_wrong_json_keeps_the_status_and_is_not_json(server: SandboxServer, raw: Raw, body: str | None) -> None:
    parameters = {} if body is None else {"body": body}
    server.faults.add("*", "/payments", "wrong-json", times=2, **parameters)  # type: ignore[arg-type]
    for method, order, status in (("GET", None, b"200"), ("POST", ORDER, b"201")):
        answer = await raw(method, "/payments", order)
        assert answer.split()[1] == status
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(body_of(answer))
    assert recorded(server) == 1


async def test_a_wrong_shape_is_json_without_what_was_promised(
    server: SandboxServer, client: httpx.AsyncClient
) -> None:
    server.faults.add("POST", "/payments", "wrong-shape")
    server.faults.add("GET", "/customers", "wrong-shape", body='{"data": 7}')
    answer = await client.post("/payments", json=ORDER)
    assert (answer.status_code, list(answer.json())) == (201, ["unexpected"])
    assert (await client.get("/customers")).json() == {"data": 7}
    assert recorded(server) == 1


async def test_the_key_can_be_found_wrong(server: SandboxServer, client: httpx.AsyncClient) -> None:
    server.faults.add("*", "*", "unauthorized")
    answer = await client.post("/payments", json=ORDER)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert recorded(server) == 0


@pytest.mark.parametrize(("after", "header"), [(None, "1"), (30, "30"), ("Fri, 31 Dec 2027 23:59:59 GMT", None)])
async def test_too_many_requests_say_when_to_come_back(
    server: SandboxServer, client: httpx.AsyncClient, after: int | str | None, header: str | None
) -> None:
    if after is None:
        server.faults.add("GET", "/payments", "too-many")
    else:
        server.faults.add("GET", "/payments", "too-many", retry_after=after)
    answer = await client.get("/payments")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == (header or after)
    assert answer.json() == {"message": "Prea multe cereri."}


@pytest.mark.parametrize(("status", "expected"), [(None, 302), (307, 307)])
async def test_a_redirect_points_where_it_was_told(
    server: SandboxServer, client: httpx.AsyncClient, status: int | None, expected: int
) -> None:
    parameters = {} if status is None else {"status": status}
    server.faults.add("POST", "/payments", "redirect", location="http://example.com/x", **parameters)  # type: ignore[arg-type]
    answer = await client.post("/payments", json=ORDER)
    assert (answer.status_code, answer.headers["location"]) == (expected, "http://example.com/x")
    assert recorded(server) == 0


async def test_a_delay_answers_late(server: SandboxServer, client: httpx.AsyncClient) -> None:
    server.faults.add("GET", "/invoices/*", "delay", seconds=0.2)
    started = perf_counter()
    assert (await client.get("/invoices/2024-001")).status_code == 200
    assert 0.2 <= perf_counter() - started < 5


async def test_a_delayed_payment_is_recorded_though_its_sender_gave_up(
    server: SandboxServer, client: httpx.AsyncClient, eventually: Eventually
) -> None:
    server.faults.add("POST", "/payments", "delay", seconds=0.5)
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/payments", json=ORDER, timeout=0.05)
    assert recorded(server) == 0
    await eventually(lambda: recorded(server) == 1)


@pytest.mark.parametrize(("kind", "written"), [("hang", 0), ("hang-after-commit", 1)])
async def test_a_hang_says_nothing_for_as_long_as_the_client_waits(
    server: SandboxServer, client: httpx.AsyncClient, kind: str, written: int
) -> None:
    server.faults.add("POST", "/payments", kind)
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/payments", json=ORDER, timeout=0.2)
    assert recorded(server) == written


async def test_a_hang_hangs_up_after_its_time(server: SandboxServer, raw: Raw) -> None:
    server.faults.add("GET", "/payments", "hang", seconds=0.1)
    started = perf_counter()
    assert await raw("GET", "/payments") == b""
    assert 0.1 <= perf_counter() - started < 5


async def test_a_slow_body_is_complete_and_slow(server: SandboxServer, client: httpx.AsyncClient) -> None:
    whole = [(await client.get(path)).content for path in ("/payments", "/invoices/2024-001")]
    server.faults.add("GET", "*", "slow-body", times=2, seconds=0.3)
    for path, expected in zip(("/payments", "/invoices/2024-001"), whole, strict=True):
        started = perf_counter()
        async with client.stream("GET", path) as answer:
            first = perf_counter() - started
            pieces = [piece async for piece in answer.aiter_raw()]
        assert b"".join(pieces) == expected
        assert len(pieces) > 2
        assert perf_counter() - started - first > 0.2


async def test_a_fault_strikes_so_many_times_and_then_no_more(server: SandboxServer, client: httpx.AsyncClient) -> None:
    server.faults.add("GET", "/customers/*", "error-before-commit", times=2)
    codes = [(await client.get("/customers/CL-001/invoices")).status_code for _ in range(3)]
    assert codes == [503, 503, 200]
    assert len(server.faults) == 0


async def test_a_fault_waits_for_the_request_it_fits(server: SandboxServer, client: httpx.AsyncClient) -> None:
    server.faults.add("post", "/payments", "too-many")
    server.faults.add("GET", "/invoices/*", "unauthorized")
    assert (await client.get("/payments")).status_code == 200
    assert (await client.get("/invoices/2024-001")).status_code == 401
    assert [fault.kind for fault in server.faults] == [FaultKind.TOO_MANY]
    assert server.faults.clear() == 1
    assert (await client.post("/payments", json=ORDER)).status_code == 201


async def test_faults_can_be_ordered_over_http(server: SandboxServer, client: httpx.AsyncClient) -> None:
    order = {"method": "GET", "path": "/payments", "kind": "error-before-commit", "times": 3, "status": 500}
    added = await client.post("/sandbox/faults", json=order)
    assert added.status_code == 201
    assert (await client.get("/payments")).status_code == 500
    (waiting,) = (await client.get("/sandbox/faults")).json()["data"]
    assert waiting == {**added.json(), "times": 2}
    assert (await client.delete("/sandbox/faults")).json() == {"forgotten": 1}
    assert (await client.get("/payments")).status_code == 200
    assert server.requests == [("GET", "/payments")] * 2


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"kind": "gremlins"}, "Cererea nu este validă: kind."),
        ({"kind": "hang", "times": 0, "colour": "red"}, "Cererea nu este validă: colour, times."),
        (None, "Cererea nu este validă: corpul lipsește."),
    ],
)
async def test_a_fault_that_does_not_exist_is_refused(
    client: httpx.AsyncClient, order: dict[str, object] | None, message: str
) -> None:
    answer = await client.post("/sandbox/faults", json=order)
    assert (answer.status_code, answer.json()) == (422, {"message": message})


async def test_a_fault_that_does_not_exist_is_refused_in_python_too(server: SandboxServer) -> None:
    with pytest.raises(ValueError, match="gremlins"):
        server.faults.add("GET", "/payments", "gremlins")


async def test_without_a_real_connection_a_drop_is_an_exception() -> None:
    app = create_app(SandboxOptions())
    app.state.sandbox.faults.add("GET", "*", "drop-before-commit")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client,
    ):
        with pytest.raises(ConnectionResetError):
            await client.get("/payments")


async def test_a_client_that_leaves_in_the_middle_of_its_order_ordered_nothing(
    server: SandboxServer, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /payments HTTP/1.1\r\nhost: x\r\nx-api-key: sandbox-key\r\ncontent-length: 99\r\n\r\n{")
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert recorded(server) == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_an_answer_is_put_together_from_its_pieces() -> None:
    answer = Answer()
    await answer.hear({"type": "http.response.start", "status": 200, "headers": []})
    await answer.hear({"type": "http.response.body", "body": b"a", "more_body": True})
    await answer.hear({"type": "http.response.body"})
    assert (answer.status, bytes(answer.body)) == (200, b"a")
