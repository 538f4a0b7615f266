"""The demo as somebody who tries it meets it: `casier demo`, its printed address, and everything typed and pressed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots"
PATIENCE = 60
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Walk:
    """Somebody in front of the page: types, presses, looks."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        # Beside it the team's room hears of every payment.
        self._desk = page.locator("#private")
        self._name = name
        self._taken = 0

    async def say(self, text: str, expected: str) -> None:
        """Type something and wait until a new card shows what is expected."""
        box = self._desk.get_by_role("combobox", name="Ask Casier")
        await box.fill(text)
        await box.press("Enter")
        await self.sees(expected)

    async def press(self, label: str, expected: str) -> None:
        """Press the newest button of this name."""
        await self._desk.get_by_role("button", name=label).last.click()
        await self.sees(expected)

    async def sees(self, expected: str) -> None:
        """Wait for a text, the newest of its kind."""
        await expect(self._desk.get_by_text(expected).last).to_be_visible(timeout=10_000)

    async def picture(self, what: str) -> None:
        """Keep how it looks; the page must never be larger than its window, or have moved in it."""
        self._taken += 1
        page = "document.documentElement"
        assert await self.page.evaluate(f"{page}.scrollWidth <= innerWidth && {page}.scrollHeight <= innerHeight"), what
        assert await self.page.evaluate("document.body.scrollTop + document.documentElement.scrollTop") == 0, what
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"demo-{self._name}-{self._taken:02}-{what}.png")


Open = Callable[..., Awaitable[Walk]]


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """Run `casier demo`; the address that it prints."""
    env = {name: os.environ[name] for name in os.environ if name.startswith(("PATH", "COVERAGE", "HOME"))}
    words = ["demo", "--port", "0", "--arrivals", "3600", "--keep", str(folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, env={**env, "COLUMNS": "200"}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
    yield line.split()[-1]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


@pytest_asyncio.fixture(loop_scope="session")
async def walk(browser: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """Open the page of a demo that nobody has been to as somebody, in a window of a size."""
    async with demo(tmp_path) as address:
        yield opened(browser, address)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Open]:
    """The same in a demo that others have been to."""
    async with demo(tmp_path_factory.mktemp("demo")) as address:
        yield opened(browser, address)


def opened(browser: Browser, address: str) -> Open:
    """Opens the page at an address."""

    async def walk(name: str, size: dict[str, int], scheme: str, who: str = "admin") -> Walk:
        look = {"viewport": size, "color_scheme": scheme, "timezone_id": "Europe/Bucharest", "reduced_motion": "reduce"}
        context = await browser.new_context(**look)  # type: ignore[arg-type]  # named as Playwright names them
        page = await context.new_page()
        await page.goto(f"{address}#{who}")
        # There once the page knows who this is; what is typed before is forgotten.
        await expect(page.locator("#private .chip").first).to_be_visible(timeout=10_000)
        return Walk(page, name)

    return walk


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("desk", DESK, "light"), ("phone", PHONE, "dark"), ("small", {"width": 320, "height": 640}, "light")],
)
async def test_everything_can_be_typed_and_pressed(walk: Open, name: str, size: dict[str, int], scheme: str) -> None:
    desk = await walk(name, size, scheme)
    await desk.say("/start", "Casier: the billing desk")
    await desk.picture("start")
    await desk.say("/help", "What you can ask")
    await desk.picture("help")
    await desk.say("/help pay", "/pay 2024-001 5320.50 card EUP123456789")
    await desk.say("/customers", "40 customers")
    await desk.press("Next page", "2 / 5")
    await desk.picture("customers")
    await desk.say("/customers O'Brien", "O'Brien")
    await desk.picture("ugly-name")
    await desk.say("/customer CL-001", "client@example.com")
    await desk.press("All invoices", "Outstanding")
    await desk.picture("customer")
    await desk.say("2024-001", "overdue")
    await desk.picture("invoice")
    await desk.press("Pay RON 5,320.50", "Choose how the rest is paid, or type an amount.")
    await desk.picture("pay-question")
    await desk.say("1,234", "can be read in two ways")
    await desk.picture("two-readings")
    await desk.press("RON 1,234.00", "How is it paid?")
    await desk.press("RON 1,234.00 by card", "Left to pay after")
    await desk.picture("draft")
    await desk.press("Confirm", "Receipt: payment")
    await desk.sees("RON 4,086.50")
    await desk.picture("receipt")
    await desk.say("/payments 2024-001", "Payments on 2024-001")
    await desk.say("/payments", "Not added up")
    await desk.picture("payments")
    await desk.say("/pay 2024-001 99999 transfer", "This is more than the")
    await desk.picture("warning")
    await desk.press("Cancel", "Nothing was sent.")
    await desk.picture("cancelled")
    await desk.say("2024-01", "There is no invoice 2024-01.")
    await desk.say("/invoce 2024-001", "There is no command /invoce.")
    await desk.say("/id", "You are web:admin")
    await desk.picture("refusals")


async def test_a_stranger_a_viewer_and_a_cashier_see_what_is_theirs(visit: Open) -> None:
    stranger = await visit("stranger", PHONE, "light", "stranger")
    await stranger.say("/payments", "Your id is web:stranger")
    await stranger.picture("refused")
    viewer = await visit("viewer", PHONE, "light", "viewer")
    await viewer.say("2024-001", "Left to pay")
    await expect(viewer.page.get_by_role("button", name="Pay RON")).to_have_count(0)
    await viewer.say("/pay 2024-001", "This is for the role “cashier” and above")
    cashier = await visit("cashier", PHONE, "light", "cashier")
    await cashier.say("/pay 2024-001 5 cash", "Confirm")


async def test_an_expired_card_has_no_buttons_left_to_press(visit: Open) -> None:
    desk = await visit("again", DESK, "dark")
    await desk.say("/pay 2024-001 1 cash", "Left to pay after")
    await desk.say("/cancel", "1 payment cancelled. Nothing was sent.")
    await expect(desk.page.get_by_role("button", name="Confirm")).to_have_count(0)
    await desk.picture("all-cancelled")
