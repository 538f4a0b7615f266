"""Nothing grows without end, and nothing waits forever."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.message import Message
from bot.outlets import Outlet
from bot.platforms.web import WebChat
from bot.platforms.web.board import Board, Kind
from bot.platforms.web.said import Heard, Said
from bot.platforms.web.shelf import Shelf
from bot.platforms.web.work import Work
from bot.reply import File

pytestmark = pytest.mark.asyncio(loop_scope="session")

Say = Callable[..., Awaitable[httpx.Response]]
Serve = Callable[[Message, Outlet], Awaitable[None]]


async def test_stopping_waits_for_an_answer_but_not_forever() -> None:
    work, ended = Work(), list[str]()

    async def brief() -> None:
        await asyncio.sleep(0.1)

    async def endless() -> None:
        await asyncio.Event().wait()

    work.start(brief(), lambda well: ended.append(f"brief {well}"))
    work.start(endless(), lambda well: ended.append(f"endless {well}"))
    await work.close(patience=0.3)
    assert ended == ["brief True", "endless True"]
    await work.close()


async def test_too_many_answers_at_once_are_refused(say: Say, web: WebChat, acts: dict[str, Serve]) -> None:
    go = asyncio.Event()

    async def slow(_message: Message, _outlet: Outlet) -> None:
        await go.wait()

    acts["/slow"] = slow
    for _ in range(200):
        assert (await say("admin", "/slow")).status_code == 202
    answer = await say("admin", "/slow")
    assert (answer.status_code, answer.text) == (429, "Too many answers are under way. Please try again in a moment.")
    go.set()
    await web.close()


async def test_a_stopping_chat_opens_no_page(web: WebChat, client: httpx.AsyncClient) -> None:
    await web.close()
    assert (await client.get("/events", params={"person": "admin"})).status_code == 503


async def test_the_oldest_file_makes_room_and_a_file_put_again_is_young() -> None:
    shelf = Shelf(room=20)
    first, second, third = (File(name, "text/plain", b"12345678") for name in "abc")
    names = [shelf.put(file) for file in (first, second, first, third)]
    assert names[0] == names[2]
    assert [shelf.get(name) for name in names] == [first, None, first, third]


async def test_a_chat_remembers_a_bounded_number_of_the_texts_it_heard() -> None:
    heard = Heard(most=2)
    said = [Said("admin", "private", "x", key=key) for key in ("a", "b", "a", "c", "a")]
    assert [heard.first(each) for each in said] == [True, True, False, True, True]


async def test_an_answer_that_ends_after_its_post_made_room_changes_nothing() -> None:
    board = Board(["admin"], limit=1)
    job = board.add("admin", Kind.JOB, {"done": False})
    board.add("admin", Kind.JOB, {"done": False})
    board.change(job, {"done": True})
    assert [post.shown for post in board.since("admin", ["admin"], 0)] == [{"done": False}]
