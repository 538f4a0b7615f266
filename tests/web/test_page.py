"""The page in a browser: somebody types, presses and reads."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from bot.message import Chat, Message
from bot.outlets import Outlet
from bot.platforms.web import TEAM, WebChat
from bot.reply import Button, Column, Fact, Reply, Row, Style, Table
from tests.web.conftest import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Browse = Callable[..., Awaitable[Page]]
Serve = Callable[[Message, Outlet], Awaitable[None]]
Start = Callable[..., AbstractAsyncContextManager[WebChat]]

DESK = Chat("web", "admin")
SURE = Reply(
    title="Record 5,320.50 RON?",
    in_place=True,
    buttons=(Button("Confirm", "/confirm 7Q2K", Style.PRIMARY), Button("Cancel", "/cancel 7Q2K", Style.DANGER)),
)


def page_of(number: int) -> Reply:
    table = Table(
        (Column("Invoice"), Column("Balance", figures=True)),
        (Row((f"2024-{number:03}", "1.00"), f"/invoice 2024-{number:03}"),),
        page=number,
        pages=3,
        previous=f"/page {number - 1}" if number > 1 else None,
        following=f"/page {number + 1}" if number < 3 else None,
    )
    return Reply(title=f"Page {number}", table=table, in_place=True)


def desk(page: Page) -> Locator:
    return page.locator("#private")


def writing(page: Page, pane: str = "private") -> Locator:
    return page.locator(f"#{pane} textarea")


async def cards(page: Page, pane: str = "private") -> list[str]:
    return await page.locator(f"#{pane} .card").all_inner_texts()


@pytest.fixture
def _menu_free(answers: dict[str, Reply]) -> None:
    answers["/pay 2024-001"] = SURE
    answers["/confirm 7Q2K"] = Reply(title="Recorded", in_place=True)
    answers.update({f"/page {number}": page_of(number) for number in (1, 2, 3)})


@pytest.mark.usefixtures("_menu_free")
async def test_a_payment_can_be_made_with_the_keyboard_alone(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await expect(writing(page)).to_be_focused()
    await page.keyboard.type("/pay 2024-001")
    await page.keyboard.press("Enter")
    confirm = desk(page).get_by_role("button", name="Confirm")
    await expect(confirm).to_be_visible()
    while not await confirm.evaluate("(button) => button === document.activeElement"):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(desk(page).locator(".card h3")).to_have_text(["Recorded"])
    await expect(desk(page).locator("article.bot")).to_be_focused()
    assert [message.text for message in heard] == ["/pay 2024-001", "/confirm 7Q2K"]
    assert heard[1].card is not None


@pytest.mark.usefixtures("_menu_free")
async def test_turning_pages_edits_the_card_in_place_and_keeps_the_focus(browse: Browse) -> None:
    page = await browse()
    await writing(page).fill("/page 1")
    await writing(page).press("Enter")
    following = desk(page).get_by_role("button", name="Next page")
    await following.press("Enter")
    await expect(desk(page).locator(".card h3")).to_have_text(["Page 2"])
    await expect(following).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(desk(page).locator(".card h3")).to_have_text(["Page 3"])
    await expect(following).to_be_disabled()
    await expect(desk(page).locator(".pager")).to_contain_text("3 / 3")
    await expect(desk(page).locator(".pressed")).to_have_count(0)


@pytest.mark.usefixtures("_menu_free")
async def test_a_whole_row_opens_what_it_is_about(browse: Browse, heard: list[Message]) -> None:
    page = await browse()
    await writing(page).fill("/page 1")
    await writing(page).press("Enter")
    await desk(page).locator("td.figures").click()
    await expect(desk(page).locator(".pressed")).to_have_text("You pressed: 2024-001")
    await expect(desk(page).locator(".card").last).to_have_text("You said /invoice 2024-001")
    assert heard[-1].text == "/invoice 2024-001"


async def test_a_fact_that_leads_somewhere_can_be_pressed(browse: Browse, web: WebChat, heard: list[Message]) -> None:
    await web.send(DESK, Reply(facts=(Fact("Customer", "Zoë <b>", "/customer 7"), Fact("Due", "today"))))
    page = await browse()
    await desk(page).get_by_role("button", name="Zoë <b>").click()
    await expect(desk(page).locator(".card").last).to_have_text("You said /customer 7")
    assert heard[-1].text == "/customer 7"


async def test_a_button_shows_its_press_at_once_and_counts_once(
    browse: Browse, web: WebChat, acts: dict[str, Serve], heard: list[Message]
) -> None:
    go = asyncio.Event()

    async def slow(message: Message, outlet: Outlet) -> None:
        await go.wait()
        await outlet.send(message.chat, Reply(text="done"), message)

    acts["/slow"] = slow
    await web.send(DESK, Reply(text="press", buttons=(Button("Go", "/slow"), Button("Other", "/other"))))
    page = await browse()
    button = desk(page).get_by_role("button", name="Go", exact=True)
    await button.dblclick()
    await desk(page).get_by_role("button", name="Other").click(force=True)
    await expect(button).to_have_attribute("aria-busy", "true")
    await expect(desk(page).locator(".working")).to_be_visible()
    go.set()
    await expect(desk(page).locator(".working")).to_be_hidden()
    await expect(desk(page).locator(".pressed")).to_have_text("You pressed: Go")
    await expect(button).not_to_have_attribute("aria-busy", "true")
    assert [message.text for message in heard] == ["/slow"]


async def test_a_press_is_not_lost_to_a_card_that_is_drawn_anew_meanwhile(
    browse: Browse, web: WebChat, heard: list[Message]
) -> None:
    page = await browse()
    held = replace(SURE, text="sent in 5 seconds")
    card = await web.send(DESK, held)
    confirm = desk(page).get_by_role("button", name="Confirm")
    await confirm.hover()
    await page.mouse.down()
    await web.edit(card, replace(held, text="sent in 3 seconds"))
    await web.send(TEAM, Reply(text="Something else"))
    await expect(page.locator("#team").get_by_text("Something else")).to_be_visible()
    await page.mouse.up()
    await expect(desk(page).get_by_text("sent in 3 seconds")).to_be_visible()
    async with asyncio.timeout(5):
        while not heard:
            await asyncio.sleep(0.01)
    assert [message.text for message in heard] == ["/confirm 7Q2K"]


async def test_a_quick_answer_shows_no_working_sign(browse: Browse) -> None:
    page = await browse()
    await page.evaluate(
        """() => {
          const sign = document.querySelector("#private .working");
          const look = () => { if (!sign.hidden) sign.dataset.shown = "yes"; };
          sign.dataset.shown = "no";
          new MutationObserver(look).observe(sign, { attributeFilter: ["hidden"] });
        }"""
    )
    await writing(page).fill("quick")
    await writing(page).press("Enter")
    await expect(desk(page).locator(".card")).to_have_text("You said quick")
    await page.wait_for_timeout(500)
    await expect(desk(page).locator(".working")).to_have_attribute("data-shown", "no")


async def test_a_card_changes_in_two_tabs_at_once(browse: Browse, web: WebChat) -> None:
    card = await web.send(TEAM, Reply(text="waiting", buttons=(Button("Approve", "/approve"),)))
    pages = [await browse("admin"), await browse("viewer")]
    for page in pages:
        await expect(page.locator("#team .card")).to_contain_text("waiting")
    await web.edit(card, Reply(text="approved by Ana"))
    for page in pages:
        await expect(page.locator("#team .card")).to_have_text("approved by Ana")


async def test_another_person_has_another_chat(browse: Browse, web: WebChat) -> None:
    await web.send(DESK, Reply(text="for the admin"))
    await web.send(Chat("web", "viewer"), Reply(text="for the viewer"))
    page = await browse("admin")
    await expect(desk(page).locator(".card")).to_have_text("for the admin")
    await page.get_by_label("Who you are").select_option("viewer")
    await expect(desk(page).locator(".card")).to_have_text("for the viewer")
    await expect(page.get_by_label("Who you are").locator("option:checked")).to_have_text(
        "Vlad <b>_Bold*_</b> · viewer"
    )
    await page.reload()
    await expect(desk(page).locator(".card")).to_have_text("for the viewer")
    assert "token" not in page.url


async def test_in_the_team_channel_one_sees_who_spoke(browse: Browse) -> None:
    admin, viewer = await browse("admin"), await browse("viewer")
    await writing(viewer, "team").fill("good morning")
    await writing(viewer, "team").press("Enter")
    await expect(viewer.locator("#team .mine .bubble")).to_have_text("good morning")
    theirs = admin.locator("#team .theirs")
    await expect(theirs.locator(".name")).to_have_text("Vlad <b>_Bold*_</b>")
    await expect(theirs.locator(".bubble")).to_have_text("good morning")
    await expect(admin.locator("#team .card")).to_have_count(0)


async def test_what_only_one_may_see_says_so(browse: Browse, answers: dict[str, Reply]) -> None:
    answers["/mine"] = Reply(text="hush", private=True)
    admin, viewer = await browse("admin"), await browse("viewer")
    await writing(admin, "team").fill("/mine")
    await writing(admin, "team").press("Enter")
    await expect(admin.locator("#team .aside")).to_have_text("Only you can see this")
    await expect(viewer.locator("#team .theirs")).to_have_count(1)
    assert await cards(viewer, "team") == []


async def test_on_a_phone_a_dot_tells_of_news_in_the_other_chat(browse: Browse, web: WebChat) -> None:
    page = await browse(width=390)
    await expect(page.locator("#team")).to_be_hidden()
    dot = page.locator("#tab-team .dot")
    await expect(dot).to_be_hidden()
    await web.send(TEAM, Reply(text="a payment came in"))
    await expect(dot).to_be_visible()
    await page.get_by_role("tab", name="Desk").press("ArrowRight")
    await expect(page.get_by_role("tab", name="#finance")).to_be_focused()
    await expect(page.locator("#team .card")).to_be_visible()
    await expect(dot).to_be_hidden()
    await expect(desk(page)).to_be_hidden()


async def test_who_reads_further_up_is_not_pulled_down(browse: Browse, web: WebChat) -> None:
    for number in range(40):
        await web.send(DESK, Reply(text=str(number)))
    page = await browse()
    last = desk(page).locator(".card").last
    await expect(last).to_be_in_viewport()
    await desk(page).locator(".log").evaluate("(log) => { log.scrollTop = 0; }")
    await web.send(DESK, Reply(text="news"))
    newest = desk(page).get_by_role("button", name="New messages")
    await expect(newest).to_be_visible()
    await expect(desk(page).locator(".card").first).to_be_in_viewport()
    await newest.click()
    await expect(last).to_have_text("news")
    await expect(last).to_be_in_viewport()
    await expect(newest).to_be_hidden()


async def test_every_control_shows_where_the_keyboard_is(browse: Browse, web: WebChat) -> None:
    await web.send(DESK, page_of(2))
    page = await browse()
    unmarked = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => {
              const at = document.activeElement;
              const ring = getComputedStyle(at).outlineStyle !== "none" || at.matches("textarea, body");
              return ring ? null : at.outerHTML.slice(0, 100);
            }"""
        )
        unmarked.append(seen)
    assert [each for each in unmarked if each] == []


async def test_who_wants_no_motion_gets_none(browse: Browse, web: WebChat) -> None:
    page = await browse(reduced_motion="reduce")
    await web.send(DESK, Reply(text="news"))
    entry = desk(page).locator("article")
    await expect(entry).to_have_css("animation-duration", "1e-05s")


async def test_the_page_has_the_clock_of_the_cards(browse: Browse, web: WebChat) -> None:
    page = await browse()
    await web.send(DESK, Reply(text="What time is it?"))
    shown = desk(page).locator("article.bot time")
    moment = datetime.fromisoformat(str(await shown.get_attribute("datetime")))
    there = moment.astimezone(ZoneInfo(ZONE))
    assert f"{there:%-I:%M}" in await shown.inner_text() or f"{there:%H:%M}" in await shown.inner_text()
