"""The command line, as somebody at a terminal uses it: real processes against a real sandbox."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sandbox import SandboxOptions, SandboxServer
from tests.cli.terminals import casier, end, line_of, settings_for, start


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    """A sandbox to ask."""
    async with SandboxServer(SandboxOptions(demo=True)) as running:
        yield running


@pytest.fixture
def env(server: SandboxServer, tmp_path: Path) -> dict[str, str]:
    """Settings that lead to it."""
    return settings_for(server, tmp_path)


async def test_ask_answers_refuses_and_says_what_is_misuse(env: dict[str, str]) -> None:
    away = {**env, "BILLING_API_URL": "http://127.0.0.1:1", "LOG_LEVEL": "WARNING"}
    answered, refused, misused, wrong, unasked, unheard = await asyncio.gather(
        casier(env, "ask", "/invoice", "2024-001"),
        casier(env, "ask", "/invoice 2024-404"),
        casier(env, "ask", "/pay"),
        casier(env, "ask"),
        casier(away, "ask", "/invoice 2024-001"),
        casier(env, "ask", "/frobnicate"),
    )
    assert (unasked.code, unasked.err) == (1, "")
    assert unasked.out.startswith("The billing system does not answer right now")
    assert unheard.out == "There is no command /frobnicate.\n  /help\n"
    assert answered.code == 0
    assert "Invoice 2024-001  [overdue]" in answered.out
    assert re.search(r"/pay 2024-001\s+Pay RON.5,320.50", answered.out)
    assert answered.err == ""
    assert (refused.code, refused.out) == (1, "There is no invoice 2024-404.\n")
    assert misused.code == 2
    assert "Usage: /pay <invoice>" in misused.out
    assert wrong.code == 2


async def test_a_payment_from_the_terminal_waits_for_its_verdict(env: dict[str, str], server: SandboxServer) -> None:
    draft = json.loads((await casier(env, "ask", "--json", "/pay 2024-001 10 cash")).out)
    receipt = json.loads((await casier(env, "ask", "--json", draft["buttons"][0]["command"])).out)
    assert receipt["status"] == {"word": "recorded", "tone": "good"}
    assert server.books.query("SELECT amount_bani FROM payments WHERE invoice_id = '2024-001'") == [(1000,)]


async def test_chat_answers_line_after_line(env: dict[str, str]) -> None:
    ended = await casier(env, "chat", typed="/id\n/pay 2024-001 6000 card\nquit\n")
    assert ended.code == 0
    assert "You are terminal:" in ended.out
    assert "⚠ This is more than the" in ended.out
    assert (await casier(env, "chat", typed="/id\n")).code == 0


async def test_chat_ends_with_ctrl_c(env: dict[str, str]) -> None:
    process = await start(env, "chat")
    assert process.stdin
    process.stdin.write(b"/id\n")
    await line_of(process, "You are terminal")
    assert process.stdout
    # It waits for the next line only now: before, the answer would have been interrupted.
    await asyncio.wait_for(process.stdout.readuntil(b"casier> "), 60)
    ended = await end(process, signal.SIGINT)
    assert ended.code in {0, 130}
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"BILLING_API_KEY": ""}, "BILLING_API_KEY is missing: put it into .env"),
        ({"ADMINS": "everybody"}, "ADMINS is wrong: “everybody” is nobody"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/a.db"}, "check DATABASE_URL"),
    ],
)
async def test_a_start_that_cannot_be_is_one_line(env: dict[str, str], changed: dict[str, str], told: str) -> None:
    ended = await casier({**env, **changed}, "ask", "/id")
    assert ended.code == 2
    assert told in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


async def test_what_is_longer_than_the_terminal_is_wide_is_printed_whole(env: dict[str, str]) -> None:
    ended = await casier({**env, "COLUMNS": "40"}, "ask", "/help", "invoices")
    assert "all with something left to pay." in ended.out


async def test_a_wrong_key_is_explained_to_who_can_mend_it(env: dict[str, str]) -> None:
    ended = await casier({**env, "BILLING_API_KEY": "wrong-key"}, "ask", "/payments")
    assert ended.code == 1
    assert "put the right one into BILLING_API_KEY" in " ".join(ended.out.split())
    assert "wrong-key" not in ended.out + ended.err


async def test_the_sandbox_is_served_alone_and_ends_when_told(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start(env, "sandbox", "--port", str(port), "--customers", "3", "--key", "k")
        await line_of(process, f"Port {port} is taken: using")
        url = (await line_of(process, r"(http://127\.0\.0\.1:\d+) "))[1]
    async with httpx.AsyncClient(headers={"x-api-key": "k"}) as client:
        assert len((await client.get(f"{url}/customers")).json()["data"]) == 3
    assert (await end(process, signal.SIGTERM)).code == 0


async def test_the_demo_needs_no_account_and_ctrl_c_ends_all_of_it(env: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start(env, "demo", "--port", str(port), "--keep", str(tmp_path / "kept"))
        await line_of(process, f"Port {port} is taken: using")
        address = (await line_of(process, r"http://\S+"))[0]
    async with httpx.AsyncClient(follow_redirects=True) as client:
        page = await client.get(address)
        assert page.status_code == 200
        assert "Casier" in page.text
    ended = await end(process, signal.SIGINT)
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert (tmp_path / "kept" / "casier.db").exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), 1).close()


async def test_version_and_help_are_there(env: dict[str, str]) -> None:
    helped = await casier(env, "--help")
    assert helped.code == 0
    for command in ("ask", "chat", "demo", "sandbox"):
        assert command in helped.out
    assert "<bool>" not in helped.out + (await casier(env, "backup", "-h")).out
    assert "2 a setting can't be read" in " ".join(
        (await casier({**env, "COLUMNS": "200"}, "doctor", "-h")).out.split()
    )
    assert re.fullmatch(r"casier \d+\.\d+\.\d+\n", (await casier(env, "--version")).out)
