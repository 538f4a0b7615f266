"""Who gets in, and who doesn't."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.message import Message
from bot.platforms.web.said import MOST_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="session")

Say = Callable[..., Awaitable[httpx.Response]]

HELLO = {"person": "admin", "chat": "private", "text": "hello"}


async def test_the_printed_address_opens_the_page_and_drops_the_token_from_it(outside: httpx.AsyncClient) -> None:
    answer = await outside.get("/", params={"token": "sesame/öffne dich"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "sesame" not in answer.headers["set-cookie"]
    page = await outside.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("token", ["", "sesame", "sésame", "sesame/öffne dich "])
async def test_another_token_opens_nothing(outside: httpx.AsyncClient, token: str) -> None:
    answer = await outside.get("/", params={"token": token})
    assert answer.status_code == 403
    assert "open the address that casier printed" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/chat.js", "/people", "/menu?person=admin", "/events?person=admin", "/files/1", "/x"]
)
async def test_nothing_is_served_to_who_has_not_shown_the_token(outside: httpx.AsyncClient, path: str) -> None:
    answer = await outside.get(path)
    assert answer.status_code == 403
    assert "ends in ?token=" in answer.text


async def test_nothing_is_taken_from_who_has_not_shown_the_token(
    outside: httpx.AsyncClient, address: str, heard: list[Message]
) -> None:
    assert (await outside.post("/say", json=HELLO, headers={"origin": address})).status_code == 403
    assert heard == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"])
async def test_another_name_of_this_machine_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/people", headers={"host": host})
    assert (answer.status_code, answer.text) == (403, "This page is served under its own address only.")


async def test_localhost_is_as_good_as_127_0_0_1(client: httpx.AsyncClient, port: int) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"host": f"localhost:{port}", "origin": f"http://localhost:{port}", "cookie": cookies}
    assert (await client.post("/say", json=HELLO, headers=headers)).status_code == 202


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", ""])
@pytest.mark.parametrize("path", ["/say", "/events?person=admin"])
async def test_another_origin_is_refused(client: httpx.AsyncClient, path: str, origin: str) -> None:
    method = "POST" if path == "/say" else "GET"
    answer = await client.request(method, path, json=HELLO, headers={"origin": origin})
    assert (answer.status_code, answer.text) == (403, "Another page may not speak for you here.")


async def test_a_post_must_say_where_it_comes_from(client: httpx.AsyncClient) -> None:
    del client.headers["origin"]
    assert (await client.post("/say", json=HELLO)).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_of_another_page_is_no_message(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/say", content=b"{}", headers={"content-type": kind})
    assert (answer.status_code, answer.text) == (415, "Please send JSON.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"person": "admin", "chat": "private", "text": "\\ud800"}',
        b'{"person": "admin", "chat": "elsewhere", "text": "x"}',
        b'{"person": "admin", "chat": "private", "text": 1}',
        b'{"person": "admin", "chat": "private", "text": " \\n "}',
        b'{"x":' + b"[" * 60_000,
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_reason(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/say", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.text.startswith(("This can't be read: ", "There is nothing in this message."))


async def test_too_many_bytes_are_not_even_read(client: httpx.AsyncClient, heard: list[Message]) -> None:
    body = b" " * (MOST_BYTES + 1)
    answer = await client.post("/say", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, heard) == (413, [])


async def test_a_text_may_have_4096_characters_and_not_one_more(say: Say) -> None:
    assert (await say("admin", "ș" * 4096)).status_code == 202
    answer = await say("admin", "ș" * 4097)
    assert (answer.status_code, answer.text) == (400, "This message has 4097 characters; 4096 is the most.")


async def test_nobody_is_anyone_else_than_those_listed(client: httpx.AsyncClient, say: Say) -> None:
    assert (await say("nobody", "hello")).status_code == 404
    assert (await client.get("/menu", params={"person": "nobody"})).status_code == 404
    assert (await client.get("/menu")).status_code == 404
    assert (await client.get("/events", params={"person": "team"})).status_code == 404


@pytest.mark.parametrize("path", ["/", "/chat.css", "/people", "/nothing", "/events?person=nobody", "/say"])
async def test_every_answer_tells_the_browser_to_be_strict(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/../chat.py", "/%2e%2e/chat.py", "/..%2fchat.py", "//etc/passwd", "/page/", "/%00"])
async def test_only_the_page_own_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_websocket_is_no_way_around_the_door(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
        key = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}
        answer = await client.get(f"{address}/events?person=admin", headers=upgrade | key)
    assert answer.status_code in (403, 404)
