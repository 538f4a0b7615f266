"""When the line to the server breaks, or the server says no."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Locator, Page, Route, expect

from bot.message import Chat, Message
from bot.platforms.web import WebChat
from bot.reply import Button, Reply

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Browse = Callable[..., Awaitable[Page]]
Start = Callable[..., AbstractAsyncContextManager[WebChat]]

DESK = Chat("web", "admin")


def desk(page: Page) -> Locator:
    return page.locator("#private")


def writing(page: Page) -> Locator:
    return desk(page).locator("textarea")


async def test_what_could_not_be_sent_is_kept_until_it_is_sent_again(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await page.context.set_offline(True)
    await writing(page).fill("hello")
    await writing(page).press("Enter")
    await expect(desk(page).locator(".trouble")).to_contain_text("Not sent: No connection.")
    await page.get_by_label("Who you are").select_option("viewer")
    await expect(desk(page).locator(".trouble")).to_have_count(0)
    await page.get_by_label("Who you are").select_option("admin")
    await page.context.set_offline(False)
    await desk(page).get_by_role("button", name="Try again").click()
    await expect(desk(page).locator(".card")).to_have_text("You said hello")
    await expect(desk(page).locator(".mine")).to_have_count(1)
    assert [message.text for message in heard] == ["hello"]


async def test_what_could_not_be_sent_can_be_given_up(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await page.context.set_offline(True)
    await writing(page).fill("hello")
    await writing(page).press("Enter")
    await desk(page).get_by_role("button", name="Discard").click()
    await expect(desk(page).locator(".mine")).to_have_count(0)
    assert heard == []


async def test_a_press_that_was_refused_says_why_and_can_be_repeated(
    browse: Browse, web: WebChat, heard: list[Message]
) -> None:
    async def busy(route: Route) -> None:
        await route.fulfill(status=429, body="Too many answers are under way.")

    await web.send(DESK, Reply(text="press", buttons=(Button("Go", "/go"),)))
    page = await browse()
    button = desk(page).get_by_role("button", name="Go")
    await page.route("**/say", busy)
    await button.click()
    await expect(desk(page).locator(".trouble")).to_have_text("Not sent: Too many answers are under way.")
    await page.unroute("**/say")
    await button.click()
    await expect(desk(page).locator(".card").last).to_have_text("You said /go")
    await expect(desk(page).locator(".trouble")).to_have_count(0)
    assert [message.text for message in heard] == ["/go"]


async def test_the_page_comes_back_after_the_server_was_started_anew(
    browse: Browse, start: Start, spare_port: int
) -> None:
    async with start(spare_port) as first:
        await first.send(DESK, Reply(text="before"))
        page = await browse(at=f"http://127.0.0.1:{spare_port}")
        await expect(desk(page).locator(".card")).to_have_text("before")
    await expect(page.locator("#banner")).to_have_text("Connection lost – reconnecting…")
    async with start(spare_port) as second:
        await second.send(DESK, Reply(text="after"))
        await expect(desk(page).locator(".card")).to_have_text("after", timeout=10_000)
        await expect(page.locator("#banner")).to_be_hidden()
        await writing(page).fill("hello")
        await writing(page).press("Enter")
        await expect(desk(page).locator(".card").last).to_have_text("You said hello")


async def test_a_server_with_another_token_asks_for_the_new_address(
    browse: Browse, start: Start, spare_port: int
) -> None:
    async with start(spare_port):
        page = await browse(at=f"http://127.0.0.1:{spare_port}")
    async with start(spare_port, token="another"):
        await expect(page.locator("#banner")).to_contain_text("open the address that casier printed", timeout=10_000)


async def test_a_hidden_tab_gives_its_line_back_and_misses_nothing(browse: Browse, web: WebChat) -> None:
    async def hide(*, hidden: bool) -> None:
        await page.evaluate(
            """(hidden) => {
              Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    await web.send(DESK, Reply(text="before"))
    page = await browse()
    await hide(hidden=True)
    await page.wait_for_timeout(300)
    await web.send(DESK, Reply(text="meanwhile"))
    await expect(desk(page).locator(".card")).to_have_text(["before"])
    await hide(hidden=False)
    await expect(desk(page).locator(".card")).to_have_text(["before", "meanwhile"])
