"""Starting, stopping, starting again; order; and who else fetches our updates."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import aiohttp
import pytest

from bot.logs import set_up_logs
from bot.message import Chat, Message
from bot.outlets import Outlet
from bot.platforms.telegram import Menu, WrongTokenError
from bot.reply import Reply
from bot.settings import SettingsError
from tests.telegram.phones import GROUP, IDS, SECRET, Talk, pressed, settled, written
from tests.telegram.strict import No, Reset, StrictTelegram

Strict = Talk[StrictTelegram]

LIBRARIES = ("httpx", "httpcore", "aiohttp", "asyncio", "telegram", "uvicorn", "stamina", "aiolimiter", "aiosqlite")


def words_in(log: pytest.LogCaptureFixture) -> str:
    return "\n".join(str(record.msg) for record in log.records)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what nobody is told of."""
    async with asyncio.timeout(5):
        while not happened():
            await asyncio.sleep(0.01)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every line of ours and of every library, through the same processors as in life."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    set_up_logs("DEBUG", "json", [])
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.handlers = [*root.handlers, *before, caplog.handler]
    yield caplog
    root.handlers = before
    root.setLevel(level)


async def test_a_wrong_token_ends_the_start_with_one_line(talk: Strict) -> None:
    talk.options = replace(talk.options, token="7000:wrong")
    with pytest.raises(WrongTokenError, match="TELEGRAM_BOT_TOKEN is wrong"):
        async with talk.running():
            raise AssertionError


async def test_what_is_under_way_at_the_end_is_finished_and_not_taken_again(talk: Strict) -> None:
    async with talk.running():
        draft = await talk.say("/pay 2024-001 10 cash")
        talk.sandbox.faults.add("POST", "/payments", "delay", seconds=0.5)
        await talk.telegram.push(pressed(draft, draft.labelled("Confirm"), "cashier"))
        await talk.looks(draft, "being recorded")
    assert "Receipt" in draft.text
    calls = len(talk.screen.of("sendMessage"))
    async with talk.running():
        await talk.say("/id")
    assert len(talk.screen.of("sendMessage")) == calls + 1
    assert talk.rows() == [(1000, "cash")]


async def test_who_is_waited_for_too_long_at_the_end_is_cut_short(talk: Strict) -> None:
    async def serve(_message: Message, _outlet: Outlet) -> None:
        await asyncio.sleep(60)

    talk.serve, talk.options = serve, replace(talk.options, stop=0.1)
    async with talk.running():
        await talk.tell("/id")
        await settled()
    assert talk.screen.of("sendMessage") == []


async def test_telegram_out_of_reach_is_tried_on_and_told_once(talk: Strict, logged: pytest.LogCaptureFixture) -> None:
    talk.telegram.faults["getMe"] = [No(502, "Bad Gateway"), Reset(), No(429, "Too Many Requests", retry_after=1)]
    async with talk.running():
        talk.telegram.faults["getUpdates"] = [Reset(), Reset(), Reset()]
        await talk.tell("/id")
        await talk.next(IDS["cashier"], 0)
    said = words_in(logged)
    assert said.count("telegram.unreachable") == 1
    assert said.count("telegram.reached") == 1
    assert said.count("can't be reached") == 1
    assert said.count("come in again") == 1


async def test_a_start_without_telegram_goes_on_in_the_background(talk: Strict) -> None:
    talk.telegram.faults["getMe"] = [Reset()] * 3
    async with talk.running_soon(patience=0.01):
        assert "telegram:3" in (await talk.say("/id")).text


@pytest.mark.parametrize(
    ("status", "description", "words"),
    [
        (409, "Conflict: terminated by other getUpdates request", "another program fetches"),
        (409, "Conflict: can't use getUpdates method while webhook is active", "a webhook is set"),
        (401, "Unauthorized", "it was revoked"),
        (429, "Too Many Requests: retry after 1", "more slowly"),
    ],
)
async def test_what_keeps_us_from_fetching_is_said_once_in_plain_words(
    talk: Strict, logged: pytest.LogCaptureFixture, status: int, description: str, words: str
) -> None:
    more = {"retry_after": 1} if status == 429 else {}
    talk.telegram.faults["getUpdates"] = [No(status, description, **more) for _time in range(1 if more else 3)]
    async with talk.running():
        await talk.say("/id")
    assert words_in(logged).count(words) == 1


async def test_whoever_watches_is_told_how_it_is(talk: Strict) -> None:
    async with talk.running() as chat:
        fresh = {"ok": True, "mode": "polling", "trouble": None, "last_update_seconds_ago": None}
        assert chat.state() == fresh
        await talk.say("/id")
        assert chat.state()["last_update_seconds_ago"] < 5
        talk.telegram.faults["getUpdates"] = [No(409, "Conflict: terminated")] * 3
        await talk.say("/id")
        await talk.screen.until(lambda: len(talk.telegram.refused) == 1)
        await settled(0.02)
        assert (chat.state()["ok"], chat.state()["trouble"]) == (False, "conflict")
    assert chat.state()["ok"] is False


async def test_a_webhook_of_before_is_removed_where_updates_are_fetched(talk: Strict) -> None:
    talk.telegram.webhook = {"url": "https://old.example", "secret_token": "x"}
    async with talk.running():
        assert talk.telegram.webhook == {}
        assert talk.screen.of("deleteWebhook") == [{"drop_pending_updates": False}]


async def test_only_what_is_used_is_fetched(talk: Strict) -> None:
    async with talk.running():
        await talk.say("/id")
    wanted = ["message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
    assert all(each["allowed_updates"] == wanted for each in talk.screen.of("getUpdates"))
    assert talk.telegram.offsets[-1] == 102


async def test_a_confirmation_that_fails_is_tried_again_and_then_let_be(
    talk: Strict, logged: pytest.LogCaptureFixture
) -> None:
    async with talk.running():
        await talk.say("/id")
        await settled()
        talk.telegram.faults["getUpdates"] = [Reset()] * 3
    assert "telegram.unconfirmed" in words_in(logged)


async def test_one_person_s_messages_are_answered_in_order_and_nobody_waits_for_another(talk: Strict) -> None:
    async with talk.running():
        await talk.say("/id")
        talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.6)
        for number in ("2024-001", "2024-002", "2024-003"):
            await talk.tell(f"/invoice {number}")
        await asyncio.gather(*(talk.say("/id", who) for who in ("admin", "viewer", "colleague")))
        await talk.say("/id", chat=GROUP)
        assert len(talk.screen.in_chat(IDS["cashier"])) == 1
        last = await talk.next(IDS["cashier"], 3)
        shown = [card.text for card in talk.screen.in_chat(IDS["cashier"])]
        assert ["2024-001" in shown[1], "2024-002" in shown[2], "2024-003" in last.text] == [True] * 3


async def test_a_long_button_and_a_text_behind_it_keep_their_order(talk: Strict) -> None:
    heard: list[str] = []

    async def serve(message: Message, _outlet: Outlet) -> None:
        heard.append(message.text)

    talk.serve = serve
    command = "/customers " + "x" * 60
    short = await talk.shorts.put(command)
    async with talk.running() as chat:
        card = await chat.send(written_chat(), Reply(text="a card"))
        shown = talk.screen.cards[3, int(card.message)]
        for number in range(10):
            await talk.telegram.push(pressed(shown, f"~{short}", "cashier"))
            await talk.tell(str(number))
        await talk.screen.until(lambda: len(talk.screen.of("answerCallbackQuery")) == 10)
    assert heard == [text for number in range(10) for text in (command, str(number))]


async def test_a_flood_of_one_person_is_bounded_told_once_and_harms_nobody(talk: Strict) -> None:
    gate = asyncio.Event()

    async def serve(message: Message, outlet: Outlet) -> None:
        if message.sender.id == "3":
            await gate.wait()
        await outlet.send(message.chat, Reply(text="answered"), message)

    talk.serve, talk.options = serve, replace(talk.options, most=40, most_each=5)
    async with talk.running():
        for _time in range(60):
            await talk.tell("/id")
        assert (await talk.say("/id", "viewer")).text == "answered"
        gate.set()
        await talk.screen.until(lambda: len(talk.screen.in_chat(3)) == 6)
        texts = [card.text for card in talk.screen.in_chat(3)]
        assert texts.count("answered") == 5
        assert sum("more than I can answer" in text for text in texts) == 1
        assert (await talk.say("/id")).text == "answered"


async def test_when_too_much_is_under_way_the_rest_waits_at_telegram(talk: Strict) -> None:
    gate, begun = asyncio.Event(), [0]

    async def serve(message: Message, outlet: Outlet) -> None:
        begun[0] += 1
        await gate.wait()
        await outlet.send(message.chat, Reply(text="answered"), message)

    talk.serve, talk.options = serve, replace(talk.options, most=3)
    async with talk.running():
        for chat in range(10, 16):
            await talk.telegram.push(written("/id", "cashier", chat))
        await settled(0.2)
        assert begun == [3]
        gate.set()
        await talk.screen.until(lambda: len(talk.screen.cards) == 6)


async def test_menus_are_set_where_they_differ_and_left_alone_where_not(talk: Strict) -> None:
    entries = [("/invoice <invoice>", "Show one invoice."), ("help", "x" * 300), ("/Not-one", "no"), ("/empty", " ")]
    menu = Menu(private=entries, group=entries[:1], admin=entries[:2], admins=("1", "9"))
    talk.menus = {"": menu, "pt_BR": Menu(private=[("/invoice", "Mostra uma fatura.")])}
    talk.telegram.unknown.add(9)
    async with talk.running():
        await talk.screen.until(lambda: len(talk.screen.of("setMyCommands")) == 4)
        assert talk.telegram.menus["all_private_chats  "] == [
            {"command": "invoice", "description": "Show one invoice."},
            {"command": "help", "description": "x" * 256},
        ]
        assert len(talk.telegram.menus["all_group_chats  "]) == 1
        assert len(talk.telegram.menus["chat 1 "]) == 2
        assert talk.telegram.menus["all_private_chats  pt"][0]["description"] == "Mostra uma fatura."
    async with talk.running():
        await talk.say("/id")
        await settled()
    assert len(talk.screen.of("setMyCommands")) == 4


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "ö"])
def test_there_is_no_webhook_without_a_secret(talk: Strict, secret: str) -> None:
    from bot.platforms.telegram.webhook import Webhook  # noqa: PLC0415

    async def take(_update: object) -> None:
        raise AssertionError

    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_SECRET"):
        Webhook(secret, take, 1)
    assert talk.options.token not in repr(talk.options)


async def test_the_webhook_lets_in_nobody_but_telegram(talk: Strict) -> None:
    talk.listen()
    own = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with talk.running(), aiohttp.ClientSession() as session:
        (told,) = talk.screen.of("setWebhook")
        assert (told["secret_token"], told["max_connections"]) == (SECRET, 40)
        update = {"update_id": 1, **written("/id", "cashier")}
        url = talk.options.webhook_url

        async def status(headers: dict[str, str], body: bytes | dict[str, object]) -> int:
            data = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
            async with session.post(url, headers=headers, data=data) as answer:
                return answer.status

        assert await status({}, update) == 403
        assert await status({"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}, update) == 403
        assert talk.screen.of("sendMessage") == []
        assert [await status(own, body) for body in (b"{", b"[]", b'{"update_id": "x"}', b"{}")] == [400] * 4
        assert await status(own, b"x" * ((1 << 20) + 1)) == 413
        assert [await status(own, update) for _time in range(3)] == [200] * 3
        await talk.next(IDS["cashier"], 0)
        await settled()
        assert len(talk.screen.of("sendMessage")) == 1
        async with session.get(url, headers=own) as answer:
            assert answer.status == 405


async def test_a_confirmation_is_acknowledged_once_its_claim_is_written_and_a_lookup_at_once(talk: Strict) -> None:
    talk.listen()
    async with talk.running():
        draft = await talk.say("/pay 2024-001 10 cash")
        talk.sandbox.faults.add("GET", "/invoices/*", "delay", seconds=0.5)
        await talk.tell("/invoice 2024-001", "viewer")
        await until(lambda: talk.telegram.deliveries == [200] * 2)
        assert talk.screen.in_chat(IDS["viewer"]) == []
        path = talk.settings.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as database:
            await until(lambda: _taken(database))
            await talk.telegram.push(pressed(draft, draft.labelled("Confirm"), "cashier"))
            await talk.next(IDS["viewer"], 0)
            assert talk.telegram.deliveries == [200] * 2
            database.execute("ROLLBACK")
        await talk.looks(draft, "Receipt")
        await until(lambda: talk.telegram.deliveries == [200] * 3)


def _taken(database: sqlite3.Connection) -> bool:
    """Whether nobody else can write any more. Waiting within SQLite would keep the bot from ending what it writes."""
    try:
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


async def test_a_confirmation_that_takes_too_long_to_write_is_acknowledged_all_the_same() -> None:
    from bot.platforms.telegram.webhook import Webhook  # noqa: PLC0415

    async def take(_update: object) -> asyncio.Event:
        return asyncio.Event()

    started = time.monotonic()
    assert await Webhook(SECRET, take, 1, begin_seconds=0.05)._taken(b'{"update_id": 1}') == 200  # noqa: SLF001
    assert 0.05 <= time.monotonic() - started < 1


async def test_a_webhook_sends_telegram_away_while_we_start_and_stop(talk: Strict) -> None:
    talk.listen()
    async with talk.running():
        chat = talk.chat
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b'{"update_id": 7}'}

    async def hung_up() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(part: object) -> None:
        assert isinstance(part, dict)
        sent.append(part)

    assert chat.webhook
    scope = {"method": "POST", "headers": [(b"x-telegram-bot-api-secret-token", SECRET.encode())]}
    await chat.webhook(scope, receive, send)
    await chat.webhook(scope, hung_up, send)
    assert [part["status"] for part in sent if "status" in part] == [503, 413]


async def test_a_webhook_s_address_that_telegram_refuses_ends_the_start(talk: Strict) -> None:
    talk.listen()
    talk.telegram.faults["setWebhook"] = [No(400, "Bad Request: bad webhook: HTTPS url must be provided")]
    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_URL is wrong"):
        async with talk.running():
            raise AssertionError


async def test_what_fails_for_good_after_the_start_is_in_the_log(
    talk: Strict, logged: pytest.LogCaptureFixture
) -> None:
    talk.listen()
    talk.telegram.faults["getMe"] = [Reset()] * 3
    talk.telegram.faults["setWebhook"] = [No(400, "Bad Request: bad webhook")]
    async with talk.running_soon(patience=0.01):
        await settled(0.6)
    assert "telegram.ended" in words_in(logged)


async def test_many_known_deliveries_are_forgotten_in_time(talk: Strict) -> None:
    from bot.platforms.telegram.webhook import Webhook  # noqa: PLC0415

    taken: list[int] = []

    async def take(update: dict[str, int]) -> None:
        taken.append(update["update_id"])

    webhook = Webhook(SECRET, take, 1)
    for number in [*range(2100), 0]:
        await webhook._taken(b'{"update_id": %d}' % number)  # noqa: SLF001
    assert taken == [*range(2100), 0]
    assert all(first != second for first, second in pairwise(taken))
    assert talk.options.most


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_no_secret_is_in_any_log_whatever_happens(
    talk: Strict, logged: pytest.LogCaptureFixture, mode: str
) -> None:
    ours = logging.getLogger().handlers[0].formatter
    assert ours
    await _walk(talk, mode)
    lines = {record: logging.Formatter().format(record) + ours.format(record) for record in logged.records}
    assert len(lines) > 10
    secret = talk.options.token.partition(":")[2]
    assert [line for line in lines.values() if secret in line or SECRET in line] == []
    own = [line for record, line in lines.items() if record.name.startswith("bot.")]
    assert [line for line in own if "Cashier" in line or "Client Premium" in line or "5,320" in line] == []


async def _walk(talk: Strict, mode: str) -> None:
    asyncio.get_running_loop().set_debug(enabled=True)
    if mode == "webhook":
        talk.listen()
    faults = talk.telegram.faults
    faults["getMe"] = [No(502, "Bad Gateway"), Reset()]
    faults["getUpdates"] = [No(409, "Conflict: terminated"), Reset()]
    talk.options = replace(talk.options, request=1, stop=1)
    async with talk.running() as chat:
        draft = await talk.say("/pay 2024-001 10 cash")
        faults["editMessageText"] = [Reset(), No(500, "Oops"), No(429, "Too Many", retry_after=1)]
        await talk.press(draft, "Confirm")
        await talk.looks(draft, "Receipt")
        faults["sendMessage"] = [No(400, "Bad Request: can't parse entities: x"), No(400, "Bad Request: strange")]
        await talk.say("CL-001")
        await talk.say("/invoice 2024-001")
        faults["sendMessage"] = [Reset()] * 5
        await talk.tell("/invoice 2024-001")
        await talk.screen.until(lambda: len(talk.screen.calls))
        await settled(0.2)
        faults["sendMessage"].clear()
        talk.telegram.closed.add(3)
        with pytest.raises(Exception, match="closed to us"):
            await chat.send(written_chat(), Reply(text="x"))


def written_chat() -> Chat:
    return Chat("telegram", "3")
