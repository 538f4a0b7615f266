import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

import httpx
import pytest

from sandbox import SandboxOptions, SandboxServer
from sandbox.state import REMEMBERED_REQUESTS, Sandbox

Connect = Callable[..., httpx.AsyncClient]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]

# It takes half a second at most; a busy machine may take another.
STOPPED_BY = 10

# Far more than the buffers between a server and a client take.
MANY = """
    INSERT INTO payments (invoice_id, amount_bani, status, paid_at, method)
    SELECT a.invoice_id, a.amount_bani, a.status, a.paid_at, a.method
    FROM payments a, payments b, payments c LIMIT 60000
"""


async def test_two_sandboxes_live_in_one_loop_and_leave_its_signals_alone(connect: Connect) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    async with SandboxServer() as one, SandboxServer() as other:
        assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
        assert one.url == f"http://127.0.0.1:{one.port}"
        assert one.port != other.port
        async with connect(one) as client, connect(other) as another:
            assert (await client.get("/invoices/2024-001")).status_code == 200
            assert (await another.get("/payments")).status_code == 200
        assert one.requests == [("GET", "/invoices/2024-001")]
        assert other.requests == [("GET", "/payments")]


async def test_a_taken_port_is_a_clear_oserror() -> None:
    async with SandboxServer() as server:
        with pytest.raises(OSError, match=f"can't listen on 127.0.0.1:{server.port}: Address already in use"):
            await SandboxServer(port=server.port).__aenter__()


async def test_a_port_can_be_chosen_and_is_free_again_at_once(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for _ in range(2):
        async with SandboxServer(port=port) as server, connect(server) as client:
            assert server.port == port
            assert (await client.get("/customers")).status_code == 200


async def test_it_stops_at_once_whoever_still_waits(connect: Connect, eventually: Eventually) -> None:
    async with SandboxServer() as server, connect(server) as client:
        for kind in ("hang", "delay", "slow-body", "hang-after-commit"):
            server.faults.add("GET", "*", kind, seconds=60)
        waiting = [asyncio.create_task(client.get("/payments")) for _ in range(4)]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await eventually(lambda: len(server.requests) == 4)
        started = perf_counter()
        await server.__aexit__(None, None, None)
        assert perf_counter() - started < STOPPED_BY
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert sum(isinstance(outcome, httpx.TransportError) for outcome in outcomes) >= 3
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_a_list_that_nobody_reads_does_not_keep_it_from_stopping() -> None:
    async with SandboxServer() as server:
        server.books.query(MANY)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(b"GET /payments HTTP/1.1\r\nhost: x\r\nx-api-key: sandbox-key\r\n\r\n")
        await asyncio.sleep(0.3)
        started = perf_counter()
    assert perf_counter() - started < STOPPED_BY
    writer.close()


async def test_a_client_that_leaves_a_long_list_in_the_middle_ties_nothing_up(connect: Connect) -> None:
    async with SandboxServer() as server:
        server.books.query(MANY)
        for _ in range(3):
            async with connect(server) as client, client.stream("GET", "/payments") as answer:
                await anext(answer.aiter_raw())
        async with connect(server) as client:
            order = {"invoice_id": "2024-001", "amount": 1, "payment_method": "card"}
            assert (await client.post("/payments", json=order)).status_code == 201
            assert len((await client.get("/payments")).json()["data"]) == 60_041


async def test_what_was_paid_is_still_there_when_it_opens_again(tmp_path: Path, connect: Connect) -> None:
    options = SandboxOptions(database=tmp_path / "billing.sqlite", demo=True)
    async with SandboxServer(options) as server, connect(server) as client:
        order = {"invoice_id": "2024-001", "amount": 5320.50, "payment_method": "card"}
        payment_id = (await client.post("/payments", json=order)).json()["payment_id"]
    async with SandboxServer(options) as server, connect(server) as client:
        assert (await client.get("/invoices/2024-001")).json()["status"] == "paid"
        assert payment_id in {payment["id"] for payment in (await client.get("/payments")).json()["data"]}


async def test_a_file_that_is_no_database_frees_the_port_again(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100)
    server = SandboxServer(SandboxOptions(database=path))
    with pytest.raises(Exception, match="not a database"):
        await server.__aenter__()
    with pytest.raises(RuntimeError, match="not open yet"):
        assert server.requests


def test_only_so_many_requests_are_remembered(tmp_path: Path) -> None:
    from sandbox.books import Books  # noqa: PLC0415

    sandbox = Sandbox(SandboxOptions(), Books(tmp_path / "unused.sqlite"))
    for number in range(REMEMBERED_REQUESTS + 5):
        sandbox.note("GET", f"/{number}")
    assert len(sandbox.requests) == REMEMBERED_REQUESTS
    assert sandbox.requests[0] == ("GET", "/5")


async def test_it_logs_nothing_of_ordinary_requests_and_never_the_key(
    caplog: pytest.LogCaptureFixture, connect: Connect
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SandboxServer() as server, connect(server) as client:
        await client.get("/payments")
        await client.post("/payments", content=b"{")
    ours = [record for record in caplog.records if record.name.startswith(("sandbox", "uvicorn"))]
    assert ours == []
    assert "sandbox-key" not in caplog.text
