import asyncio
import time

import pytest
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut

from bot.platforms.telegram import UNLIMITED
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.request import Fields, WireRequest
from bot.reply import File
from tests.billing.wire import Script, always, answer, once, silent, wired

GOOD = answer({"ok": True, "result": True})
FILE = File("receipt.pdf", "application/pdf", b"%PDF")


async def test_a_server_of_one_s_own_may_stand_below_a_path_and_behind_a_password() -> None:
    async with wired(always(GOOD)) as wire:
        root = f"http://us%20er:pass%3Aword@127.0.0.1:{wire.port}/telegram"
        async with WireRequest(root, 1) as request:
            assert await request.post(f"{root}/bot7:token/getMe", Fields({"chat_id": 7}))
    (heard,) = wire.heard
    assert heard.startswith(b"POST /telegram/bot7:token/getMe HTTP/1.1\r\n")
    assert b"authorization: Basic dXMgZXI6cGFzczp3b3Jk\r\n" in heard
    assert f"host: 127.0.0.1:{wire.port}\r\n".encode() in heard
    assert heard.endswith(b'\r\n\r\n{"chat_id":7}')


@pytest.mark.parametrize("file", [None, FILE], ids=["JSON", "a file"])
@pytest.mark.parametrize(
    ("script", "fault"),
    [
        pytest.param(silent, TimedOut, id="silence"),
        pytest.param(once(b""), NetworkError, id="cut"),
        pytest.param(once(b"nonsense\r\n\r\n"), NetworkError, id="no HTTP"),
        pytest.param(always(answer(b"<html>", 200)), NetworkError, id="no JSON"),
        pytest.param(always(answer(b"<html>", 502)), NetworkError, id="a proxy's page"),
    ],
)
async def test_no_fault_shows_the_address_because_the_token_is_in_it(
    script: Script, fault: type[TelegramError], file: File | None
) -> None:
    async with wired(script) as wire, WireRequest(wire.url, 0.2) as request:
        with pytest.raises(fault) as said:
            await request.post(f"{wire.url}/bot7:token/sendDocument", Fields({}, "document", file))
    assert "token" not in repr(said.value)
    assert said.value.__cause__ is None or "token" not in repr(said.value.__cause__)
    assert len(wire.heard) == 1


async def test_a_429_is_obeyed_a_few_times_and_then_told() -> None:
    tries = 0

    async def post() -> None:
        nonlocal tries
        tries += 1
        raise RetryAfter(0)

    with pytest.raises(RetryAfter):
        await Pace(UNLIMITED).keep(post, 7)
    assert tries == 6


async def test_while_a_chat_rests_nothing_goes_there_and_all_goes_elsewhere() -> None:
    sent: list[tuple[int, float]] = []

    async def post(chat: int) -> None:
        sent.append((chat, time.monotonic()))
        if len(sent) == 1:
            raise RetryAfter(1)

    pace = Pace(UNLIMITED)
    started = time.monotonic()
    first = asyncio.create_task(pace.keep(post, 7, chat=7))
    await asyncio.sleep(0.05)
    await asyncio.gather(first, pace.keep(post, 7, chat=7), pace.keep(post, 8, chat=8))
    assert [chat for chat, _when in sent] == [7, 8, 7, 7]
    assert [when - started > 1 for _chat, when in sent] == [False, False, True, True]
