"""`casier run` and `casier doctor` as an operator uses them: real processes, Telegram and billing on loopback."""

import asyncio
import io
import logging
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from bot.platforms import terminal
from bot.server import free_port
from bot.start.examination import examined
from bot.start.stopping import ended
from bot.store import bots_on
from bot.store.alone import alone
from bot.store.company import keep_company
from sandbox import SandboxServer
from tests.cli.terminals import Ended, casier, end, settings_for, start
from tests.databases import WRITTEN
from tests.slack_app.standin import APP_TOKEN as SLACK_APP_TOKEN
from tests.slack_app.standin import SIGNING_SECRET, StandInSlack, own_channel
from tests.slack_app.standin import TOKEN as SLACK_TOKEN
from tests.slack_app.workspace import IDS as SLACK_IDS
from tests.slack_app.workspace import talk_over
from tests.telegram.phones import GROUP, person, place, pressed, written
from tests.telegram.screen import Shown
from tests.telegram.strict import No, StrictTelegram

Doctor = Callable[..., Awaitable[str]]

SECRET = "a-webhook-secret-of-ours"


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    """A sandbox to ask."""
    async with SandboxServer() as running:
        yield running


@pytest.fixture
async def telegram() -> AsyncIterator[StrictTelegram]:
    """Telegram, as its documentation says."""
    async with StrictTelegram().running() as running:
        yield running


@pytest.fixture
def env(server: SandboxServer, telegram: StrictTelegram, tmp_path: Path) -> dict[str, str]:
    """Settings that lead to both."""
    return {
        **settings_for(server, tmp_path),
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "HTTP_PORT": str(free_port("127.0.0.1", 0)),
        "ADMINS": "telegram:1",
        "CASHIERS": "telegram:3",
        "LOG_FORMAT": "json",
    }


async def shown(telegram: StrictTelegram, words: str) -> Shown:
    """Wait for a card with these words."""
    found: Shown = await telegram.screen.until(
        lambda: next((card for card in telegram.screen.cards.values() if words in card.text), None), 30
    )
    return found


async def healthy(env: dict[str, str]) -> dict[str, object]:
    """Wait until the bot says that it is well."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for _try in range(300):
            try:
                answer = await client.get(f"http://127.0.0.1:{env['HTTP_PORT']}/health")
            except httpx.TransportError:
                pass
            else:
                if answer.status_code == 200:
                    report: dict[str, object] = answer.json()
                    return report
            await asyncio.sleep(0.1)
    raise AssertionError("never well")


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_the_bot_answers_on_telegram_and_ends_when_told(
    env: dict[str, str], telegram: StrictTelegram, mode: str
) -> None:
    if mode == "webhook":
        hook = f"http://127.0.0.1:{env['HTTP_PORT']}/telegram"
        env |= {"TELEGRAM_MODE": mode, "TELEGRAM_WEBHOOK_URL": hook, "TELEGRAM_WEBHOOK_SECRET": SECRET}
    process = await start(env, "run")
    report = await healthy(env)
    assert report["platforms"]
    await telegram.push(written("2024-001", "cashier"))
    card = await shown(telegram, "Invoice 2024-001")
    await telegram.push(pressed(card, "/payments 2024-001", "cashier"))
    await shown(telegram, "Payments on 2024-001")
    async with httpx.AsyncClient(trust_env=False) as client:
        if mode == "webhook":
            forged = await client.post(env["TELEGRAM_WEBHOOK_URL"], json={"update_id": 1})
            assert forged.status_code == 403
    ended = await end(process, signal.SIGTERM)
    assert ended.code == 0, ended.err
    assert telegram.token not in ended.out + ended.err
    assert "casier.stopping" in ended.err
    assert telegram.refused == []


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_the_bot_answers_on_slack_alone_and_ends_when_told(
    env: dict[str, str], server: SandboxServer, mode: str, tmp_path: Path
) -> None:
    async with StandInSlack().running() as slack:
        env |= {
            "TELEGRAM_BOT_TOKEN": "",
            "SLACK_BOT_TOKEN": SLACK_TOKEN,
            "SLACK_APP_TOKEN": SLACK_APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_MODE": mode,
            "SLACK_API_URL": slack.url,
            "CASHIERS": f"slack:{SLACK_IDS['cashier']}",
        }
        if mode == "http":
            slack.deliveries.hook = f"http://127.0.0.1:{env['HTTP_PORT']}/slack/events"
        talk = talk_over(slack, server, tmp_path)
        process = await start(env, "run")
        report = await healthy(env)
        assert report["platforms"]
        await talk.command("invoice 2024-001")
        card = await talk.next(own_channel(SLACK_IDS["cashier"]), 0)
        assert card.lines[0] == "Invoice 2024-001"
        ended = await end(process, signal.SIGTERM)
    assert ended.code == 0, ended.err
    assert "casier.stopping" in ended.err
    assert not [secret for secret in (SLACK_TOKEN, SLACK_APP_TOKEN, SIGNING_SECRET) if secret in ended.err]


async def test_the_cards_of_a_group_that_puts_the_bot_out_are_forgotten(
    env: dict[str, str], telegram: StrictTelegram
) -> None:
    process = await start(env, "run")
    await telegram.push(written("/pay 2024-001 1 cash", "cashier", GROUP))
    await shown(telegram, "not sent yet")
    with closing(sqlite3.connect(env["DATABASE_URL"].removeprefix("sqlite:///"))) as database:

        async def kept(count: int) -> None:
            async with asyncio.timeout(30):
                while database.execute("SELECT count(*) FROM cards").fetchone() != (count,):
                    await asyncio.sleep(0.02)

        await kept(1)
        member = {"chat": place(GROUP), "from": person("cashier"), "date": 1, "new_chat_member": {"status": "kicked"}}
        for _time in range(2):
            await telegram.push({"my_chat_member": member})
        await kept(0)
    assert (await end(process, signal.SIGTERM)).err.count("telegram.closed") == 1


async def test_a_sick_part_shows_in_the_health(env: dict[str, str], server: SandboxServer) -> None:
    server.faults.add("GET", "*", "unauthorized", times=1)
    process = await start(env, "run")
    address = f"http://127.0.0.1:{env['HTTP_PORT']}/health"
    async with httpx.AsyncClient(trust_env=False) as client:
        for _try in range(300):
            try:
                answer = await client.get(address)
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        else:
            raise AssertionError("never there")
    assert answer.status_code == 503
    assert answer.json()["api"] == {"ok": False, "why": "KeyRefused"}
    assert answer.json()["database"] == {"ok": True}
    assert (await end(process, signal.SIGINT)).code == 0


async def test_a_start_names_the_bot_and_says_what_is_hardly_meant(
    env: dict[str, str], telegram: StrictTelegram
) -> None:
    process = await start({**env, "BILLING_API_KEY": "wrong", "ADMINS": ""}, "run")
    assert process.stderr
    lines: list[str] = []
    while not any("casier.billing" in line for line in lines):
        lines.append((await asyncio.wait_for(process.stderr.readline(), 60)).decode())
        assert lines[-1], lines
    assert any("@casier_bot" in line for line in lines)
    assert any("casier.no_admin" in line for line in lines)
    assert "put the right key into BILLING_API_KEY" in lines[-1]
    # It answers all the same.
    await telegram.push(written("/id", "cashier"))
    await shown(telegram, "You are telegram:3")
    assert (await end(process, signal.SIGTERM)).code == 0


async def test_a_second_bot_on_the_same_file_is_refused_and_a_question_is_not(env: dict[str, str]) -> None:
    process = await start(env, "run")
    await healthy(env)
    second = await casier({**env, "HTTP_PORT": str(free_port("127.0.0.1", 0))}, "run")
    assert second.code == 2
    assert "Another casier run is using this database" in second.err
    assert (await casier(env, "ask", "/id")).code == 0
    await end(process, signal.SIGKILL)
    process = await start(env, "run")
    await healthy(env)
    assert (await end(process, signal.SIGTERM)).code == 0


async def test_a_second_bot_on_the_same_server_is_told_of_in_the_log(
    env: dict[str, str], begun_postgres_url: str
) -> None:
    there: list[int] = []
    first = asyncio.create_task(keep_company(begun_postgres_url, there.append, 0.05))
    try:
        process = await start({**env, "DATABASE_URL": begun_postgres_url}, "run")
        await healthy(env)
        assert there == [1]
        log = (await end(process, signal.SIGTERM)).err
    finally:
        await ended(first)
    (told,) = [line for line in log.splitlines() if "casier.not_alone" in line]
    assert "stop all but one" in told
    assert WRITTEN not in log


async def test_a_start_that_cannot_be_says_what_to_do(env: dict[str, str]) -> None:
    async def told(**changed: str) -> str:
        ended: Ended = await casier({**env, **changed}, "run")
        assert ended.code == 2
        assert "Traceback" not in ended.err
        return " ".join(ended.err.split())

    none, wrong, insecure = await asyncio.gather(
        told(TELEGRAM_BOT_TOKEN=""), told(TELEGRAM_BOT_TOKEN="1:wrong"), told(TELEGRAM_MODE="webhook")
    )
    assert "put TELEGRAM_BOT_TOKEN or SLACK_BOT_TOKEN into .env" in none
    assert "TELEGRAM_BOT_TOKEN is wrong: Telegram refuses it" in wrong
    assert "needs TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET" in insecure


async def test_a_taken_port_stops_the_start(env: dict[str, str]) -> None:
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", int(env["HTTP_PORT"]))
    async with taken:
        ended = await casier(env, "run")
    assert ended.code == 2
    assert f"Can't listen on 127.0.0.1:{env['HTTP_PORT']}" in ended.err
    assert "HTTP_PORT chooses another port" in ended.err


@pytest.fixture
def doctor(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Doctor]:
    """What `casier doctor` says with some settings changed, asked within this process: a start takes seconds."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level

    async def ask(**changed: str) -> str:
        for name, value in {**env, **changed}.items():
            monkeypatch.setenv(name, value)
        paper = io.StringIO()
        async for finding in examined():
            terminal.tell(finding, Console(file=paper, width=300))
        return paper.getvalue()

    yield ask
    root.handlers[:] = before
    root.setLevel(level)


async def test_the_doctor_finds_out_who_else_fetches_and_takes_nothing_away(
    env: dict[str, str], telegram: StrictTelegram, doctor: Doctor
) -> None:
    process = await start(env, "run")
    await healthy(env)
    told = await doctor()
    assert "somebody is fetching them right now" in told
    assert f"✓ Port: casier run listens on 127.0.0.1:{env['HTTP_PORT']}" in told
    assert "is up to date, and casier run is on it" in told
    await telegram.push(written("2024-001", "cashier"))
    await shown(telegram, "Invoice 2024-001")
    assert (await end(process, signal.SIGTERM)).code == 0


async def test_the_doctor_finds_all_well(env: dict[str, str]) -> None:
    ended = await casier(env, "doctor")
    assert ended.code == 0, ended.out
    assert "✗" not in ended.out
    for part in ("People", "Database", "Billing", "Time zone", "Port", "Telegram", "Telegram, groups"):
        assert f"✓ {part}: " in ended.out
    assert "we are @casier_bot" in ended.out
    assert re.search(r"they can be fetched, nobody else does; \d+ are waiting", ended.out)


@pytest.mark.parametrize(
    ("changed", "found", "remedy"),
    [
        ({"BILLING_API_KEY": "wrong"}, "✗ Billing: The billing system refuses our key", "put the right key into"),
        (
            {"BILLING_API_URL": "http://127.0.0.1:1"},
            "✗ Billing: The billing system does not answer",
            "check BILLING_API_URL",
        ),
        ({"DATABASE_URL": "sqlite:////no/such/a.db"}, "✗ Database: ", "check DATABASE_URL"),
        ({"ADMINS": ""}, "✗ People: 0 admins", "put what it says into ADMINS"),
        ({"TELEGRAM_BOT_TOKEN": "1:wrong"}, "✗ Telegram: it doesn't know our token", "copy TELEGRAM_BOT_TOKEN again"),
        ({"TELEGRAM_API_URL": "http://127.0.0.1:1"}, "✗ Telegram: it can't be reached", "check the connection"),
        ({"TIMEZONE": "America/Los_Angeles"}, "✗ Time zone: ", "set TIMEZONE to the one"),
        ({"TELEGRAM_BOT_TOKEN": ""}, "✓ Telegram: TELEGRAM_BOT_TOKEN is not set", ""),
        ({"TELEGRAM_MODE": "polling"}, "✓ Slack: SLACK_BOT_TOKEN is not set", ""),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": "http://127.0.0.1:1/api/"},
            "✗ Slack: it can't be reached",
            "check the connection, and SLACK_API_URL",
        ),
    ],
)
async def test_the_doctor_names_what_is_wrong_and_the_remedy(
    doctor: Doctor, server: SandboxServer, changed: dict[str, str], found: str, remedy: str
) -> None:
    with server.books.writing() as books:
        moment = server.options.now().strftime("%Y-%m-%d %H:%M:%S")
        books.execute("UPDATE payments SET paid_at = ? WHERE id = 15", (moment,))
    told = await doctor(**changed)
    assert found in told
    assert remedy in told


async def test_the_doctor_says_where_casier_run_could_not_listen(env: dict[str, str], doctor: Doctor) -> None:
    answers = [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]"]

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", int(env["HTTP_PORT"])):
        with alone(env["DATABASE_URL"]):
            told = [await doctor(), await doctor()]
        told.append(await doctor())
    assert answers == []
    for each in told:
        assert f"✗ Port: casier run can't listen on 127.0.0.1:{env['HTTP_PORT']} (Address already in use)" in each
        assert "choose another port (HTTP_PORT)" in each
    assert "✗ Port: casier run can't listen on no.such.host" in await doctor(HTTP_HOST="no.such.host")
    lost = await doctor(HTTP_HOST="203.0.113.1", DATABASE_URL="postgresql://casier@127.0.0.1:1/books")
    assert "✗ Port: casier run can't listen on 203.0.113.1" in lost


async def test_the_doctor_counts_the_bots_on_a_server(begun_postgres_url: str, doctor: Doctor) -> None:
    company = [asyncio.create_task(keep_company(begun_postgres_url, lambda _others: None, 0.05)) for _bot in range(2)]
    try:
        async with asyncio.timeout(20):
            while await bots_on(begun_postgres_url) < len(company):
                await asyncio.sleep(0.05)
        told = await doctor(DATABASE_URL=begun_postgres_url)
    finally:
        for each in company:
            await ended(each)
    assert "✗ Database: 2 casier run are on postgresql://casier:***@/" in told
    assert "stop all but one" in told


async def test_the_doctor_is_not_taken_in_by_a_wrong_path(doctor: Doctor, server: SandboxServer) -> None:
    told = await doctor(BILLING_API_URL=f"{server.url}/docs")
    assert f"✗ Billing: {server.url}/docs answers, but there are no customers" in told
    assert "BILLING_API_URL" in told


async def test_the_doctor_says_which_chats_can_be_told_of_payments(doctor: Doctor, telegram: StrictTelegram) -> None:
    telegram.closed.add(-100)
    telegram.moved[-200] = -1000200
    told = await doctor(NOTIFY="telegram:-300:5,telegram:-100,telegram:-200")
    assert "✓ Telegram, payments: the chat -300 can be told of them" in told
    assert "✗ Telegram, payments: the chat -100 of NOTIFY is closed to us" in told
    assert "add the bot to it" in told
    assert "✗ Telegram, payments: the group -200 of NOTIFY has become a supergroup" in told
    assert "write telegram:-1000200" in told


async def test_the_doctor_reads_the_file_and_sees_who_else_can(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    file.write_text("APPROVER=telegram:9\n", encoding="utf-8")
    file.chmod(0o644)
    told = await doctor()
    assert "✗ Settings: there is no setting APPROVER, so nobody reads it" in told
    assert "did you mean APPROVERS?" in told
    assert f"✗ Files: everybody on this machine can read {file}" in told
    file.chmod(0o600)
    (tmp_path / "casier.db").chmod(0o644)
    assert f"chmod 600 {tmp_path / 'casier.db'}" in await doctor()
    (tmp_path / "casier.db").chmod(0o600)
    assert "Files" not in await doctor()


async def test_the_doctor_s_exit_code_says_that_something_is_wrong(env: dict[str, str]) -> None:
    ended = await casier({**env, "BILLING_API_KEY": "wrong", "TELEGRAM_BOT_TOKEN": "1:wrong"}, "doctor")
    assert ended.code == 1
    assert "✗ Billing: The billing system refuses our key" in ended.out
    assert "✗ Telegram: it doesn't know our token" in ended.out
    assert "Traceback" not in ended.err


async def test_the_doctor_knows_a_webhook_and_another_program(doctor: Doctor, telegram: StrictTelegram) -> None:
    telegram.webhook = {"url": "https://elsewhere.example/x", "last_error_message": "Connection refused"}
    assert "✗ Telegram, updates: TELEGRAM_MODE is polling, and a webhook is set" in await doctor()
    hooked = {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": SECRET}
    other = await doctor(**hooked, TELEGRAM_WEBHOOK_URL="https://ours.example/x")
    assert "✗ Telegram, updates: the webhook is set to https://elsewhere.example/x" in other
    ours = await doctor(**hooked, TELEGRAM_WEBHOOK_URL="https://elsewhere.example/x")
    assert "✗ Telegram, updates: Telegram could not deliver: Connection refused" in ours
    telegram.webhook = {"url": "https://ours.example/x", "pending_update_count": 5}
    late = await doctor(**hooked, TELEGRAM_WEBHOOK_URL="https://ours.example/x")
    assert "✗ Telegram, updates: the webhook is set, and 5 are waiting to be delivered" in late
    assert "start casier run; if they stay, see that TELEGRAM_WEBHOOK_URL leads to HTTP_HOST" in late
    telegram.webhook = {}
    polling = {"TELEGRAM_MODE": "polling"}
    telegram.faults["getUpdates"].append(No(409, "Conflict: terminated by other getUpdates request"))
    assert "✓ Telegram, updates: somebody is fetching them right now" in await doctor(**polling)
    telegram.faults["getUpdates"].append(No(500, "Internal"))
    assert "✗ Telegram, updates: they can't be fetched" in await doctor(**polling)
