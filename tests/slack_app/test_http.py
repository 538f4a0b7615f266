"""Slack over HTTP: signed, fresh, and each request once."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.slack_app.standin import Broken, own_channel
from tests.slack_app.workspace import IDS, Talk

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OWN = own_channel(IDS["cashier"])


@pytest.fixture
async def called(talk: Talk) -> AsyncIterator[Talk]:
    """A bot that Slack calls."""
    talk.listen()
    async with talk.running():
        yield talk


def signed(talk: Talk, body: str, age: int = 0) -> dict[str, str]:
    return {**FORM, **talk.slack.deliveries.signed(body, str(int(time.time()) - age))}


async def test_a_request_that_slack_has_not_signed_is_refused(called: Talk) -> None:
    deliveries, body = called.slack.deliveries, urlencode(called.slash("invoice 2024-001"))
    forged = {**signed(called, body), "X-Slack-Signature": "v0=" + "0" * 64}
    for headers in (FORM, forged, signed(called, body + "&text=id")):
        assert (await deliveries.post(body, headers))[0] == 401
    assert called.screen.cards == {}
    assert called.sandbox.requests == []


async def test_an_old_request_is_refused_and_so_is_a_replay(called: Talk) -> None:
    deliveries, body = called.slack.deliveries, urlencode(called.slash("invoice 2024-001"))
    assert (await deliveries.post(body, signed(called, body, age=301)))[0] == 401
    headers = signed(called, body)
    assert (await deliveries.post(body, headers))[0] == 200
    assert (await deliveries.post(body, headers))[0] == 401
    await called.next(OWN, 0)
    assert len(called.screen.seen_in(OWN)) == 1


async def test_slack_is_told_that_the_address_is_ours(called: Talk) -> None:
    body = '{"type": "url_verification", "challenge": "3eZbrw1a"}'
    headers = {"Content-Type": "application/json", **called.slack.deliveries.signed(body, str(int(time.time())))}
    assert await called.slack.deliveries.post(body, headers) == (200, {"challenge": "3eZbrw1a"})


async def test_what_is_too_long_or_no_post_is_refused(called: Talk) -> None:
    body = "x" * ((1 << 20) + 1)
    assert (await called.slack.deliveries.post(body, signed(called, body)))[0] == 413
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(called.slack.deliveries.hook)).status_code == 405


async def test_a_request_is_acknowledged_before_the_work_is_done(called: Talk) -> None:
    called.sandbox.faults.add("GET", "*", "delay", seconds=0.5)
    began = time.monotonic()
    await called.command("invoice 2024-001")
    assert time.monotonic() - began < 0.4
    assert called.screen.cards == {}
    assert (await called.next(OWN, 0)).lines[0] == "Invoice 2024-001"


async def test_who_hangs_up_and_who_comes_too_early_disturbs_nobody(talk: Talk) -> None:
    talk.listen()
    talk.slack.faults["auth.test"] = [Broken() for _time in range(30)]
    async with talk.running(patience=0.01):
        body = urlencode(talk.slash("id"))
        assert (await talk.slack.deliveries.post(body, signed(talk, body)))[0] == 503
        talk.slack.faults.clear()
        async with asyncio.timeout(10):
            while not talk.chat.state()["ok"]:
                await asyncio.sleep(0.02)
        _reader, writer = await asyncio.open_connection("127.0.0.1", talk.port)
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()
        writer.close()
        await talk.command("id")
        assert (await talk.next(OWN, 0)).lines[0] == f"You are slack:{IDS['cashier']}"
