"""Where one writes: sending, completing, and bringing back what was said."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from bot.message import Message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Browse = Callable[..., Awaitable[Page]]


def desk(page: Page) -> Locator:
    return page.locator("#private")


def writing(page: Page) -> Locator:
    return desk(page).locator("textarea")


async def test_a_slash_offers_the_commands(browse: Browse) -> None:
    page = await browse()
    await expect(desk(page).locator(".chip")).to_have_count(6)
    box, options = writing(page), desk(page).get_by_role("option")
    await page.keyboard.type("/in")
    await expect(options).to_have_count(2)
    await expect(box).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    chosen = desk(page).locator("[aria-selected=true]")
    await expect(chosen).to_contain_text("/invoices [customer]")
    await expect(box).to_have_attribute("aria-activedescendant", await chosen.get_attribute("id") or "")
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/invoices ")
    await expect(box).to_be_focused()
    await expect(options).to_have_count(0)
    await expect(desk(page).locator(".hint")).to_have_text("/invoices [customer]")


async def test_escape_closes_the_list_and_enter_completes_before_it_sends(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await expect(desk(page).locator(".chip")).to_have_count(6)
    await page.keyboard.type("/pa")
    await page.keyboard.press("Escape")
    await expect(desk(page).get_by_role("listbox")).to_be_hidden()
    await page.keyboard.type("ym")
    await page.keyboard.press("Enter")
    await expect(writing(page)).to_have_value("/payments")
    await page.keyboard.press("Enter")
    await expect(desk(page).locator(".card")).to_have_text("You said /payments")
    assert [message.text for message in heard] == ["/payments"]


async def test_enter_sends_a_command_that_is_written_out(browse: Browse) -> None:
    page = await browse()
    await expect(desk(page).locator(".chip")).to_have_count(6)
    await page.keyboard.type("/start")
    await page.keyboard.press("Enter")
    await expect(desk(page).locator(".card")).to_have_text("You said /start")


async def test_an_arrow_up_brings_back_what_was_said(browse: Browse) -> None:
    page = await browse()
    for text in ("one", "two"):
        await writing(page).fill(text)
        await page.keyboard.press("Enter")
        await expect(desk(page).locator(".card").last).to_have_text(f"You said {text}")
    await page.reload()
    await expect(desk(page).locator(".card")).to_have_count(2)
    await writing(page).focus()
    for key, text in (
        ("ArrowUp", "two"),
        ("ArrowUp", "one"),
        ("ArrowUp", "one"),
        ("ArrowDown", "two"),
        ("ArrowDown", ""),
    ):
        await page.keyboard.press(key)
        await expect(writing(page)).to_have_value(text)


async def test_shift_and_enter_begin_a_new_line(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await expect(desk(page).locator(".card")).to_have_text("You said one two")
    assert [message.text for message in heard] == ["one\ntwo"]


async def test_a_suggestion_is_one_press_away(browse: Browse) -> None:
    page = await browse()
    await desk(page).get_by_role("button", name="/invoice 2024-001").click()
    await expect(desk(page).locator(".mine .bubble")).to_have_text("/invoice 2024-001")
    await expect(desk(page).locator(".card")).to_have_text("You said /invoice 2024-001")
    await expect(desk(page).locator(".welcome")).to_be_hidden()


async def test_a_text_that_is_too_long_is_not_sent_and_says_why(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await writing(page).fill("x" * 4097)
    await writing(page).press("Enter")
    await expect(desk(page).locator(".hint")).to_have_text("4,097 characters; 4,096 is the most.")
    assert heard == []
