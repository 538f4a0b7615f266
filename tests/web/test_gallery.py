"""The page full of ugly answers: nothing may stick out, and everything must be readable. Pictures of it are kept."""

import struct
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from bot.message import Chat, ChatKind, Message, Sender
from bot.platforms.web import TEAM, WebChat
from bot.reply import (
    Button,
    Column,
    Fact,
    File,
    Outcome,
    Reply,
    Row,
    Status,
    Style,
    Table,
    Tone,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Browse = Callable[..., Awaitable[Page]]

PICTURES = Path("build/screenshots")
DESK = Chat("web", "admin")
LONG = "Întreprinderea-Individuală-Ștefănescu-și-Fiii-Construcții-Civile-Industriale-Agricole-SRL-București"
NASTY = "<img src=x onerror=alert(1)> & <b>_*Bold*_</b>"


def png(width: int, height: int) -> bytes:
    """A picture of rising bars."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def dot(x: int, y: int) -> bytes:
        bar = x // 40
        return b"\x0b\x6b\x4f" if x % 40 > 12 and height - y < (bar + 1) * height // 12 else b"\xff\xff\xff"

    lines = b"".join(b"\0" + b"".join(dot(x, y) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def invoice_card() -> Reply:
    return Reply(
        title="Invoice 2024-001",
        status=Status("Partly paid", Tone.WAITING),
        facts=(
            Fact("Customer", LONG, "/customer 7"),
            Fact("Total", "12,320.50 RON"),
            Fact("Balance", "5,320.50 RON"),
            Fact("Due", "31 March 2024, 12 days ago"),
            Fact("Contact", "Zoë Čapková-Ağaoğlu\nstr. Înfrățirii nr. 5, Târgu Mureș"),
        ),
        warnings=("This invoice is overdue since 31 March.", f"Another customer has nearly this name: {NASTY}"),
        notes=("Read from the billing system 3 seconds ago.",),
        buttons=(
            Button("Pay 5,320.50 RON", "/pay 2024-001 5320.50", Style.PRIMARY),
            Button("Payments", "/payments 2024-001"),
            Button("Customer", "/customer 7"),
            Button("Cancel", "/cancel", Style.DANGER),
        ),
    )


def list_card() -> Reply:
    names = ("Dacia Plant SA", LONG, NASTY, "Ağaoğlu", "Ștefan & fiii", "O'Neill", "Zoë", "北京某某有限公司")
    rows = tuple(
        Row(
            (
                f"2024-{place:03}",
                name,
                f"{place + 1} March 2024",
                f"{place * 1234.5 + 20:,.2f}",
                f"{place * 98765.4321:,.2f} RON",
            ),
            f"/invoice 2024-{place:03}",
        )
        for place, name in enumerate(names)
    )
    columns = (
        Column("Invoice"),
        Column("Customer"),
        Column("Due"),
        Column("Paid", figures=True),
        Column("Balance", figures=True),
    )
    return Reply(
        title="Open invoices",
        table=Table(columns, rows, 1234, 5678, "/invoices page 1233", "/invoices page 1235"),
        notes=("45,424 invoices, the oldest debt first.",),
    )


def many_buttons() -> Reply:
    labels = [
        "Today",
        "Yesterday",
        "This week",
        "Card",
        "Cash",
        "Transfer",
        LONG,
        "5,320.50 RON",
        "Another amount",
        NASTY,
    ]
    return Reply(
        title=f"Which one of these do you mean? {LONG}",
        status=Status("Waiting for an approver", Tone.NEUTRAL),
        text="Choose one:\n1. the first line\n2. the second line\n\n" + "Words that go on and on. " * 20 + LONG * 3,
        buttons=tuple(Button(label, f"/choose {label}") for label in labels),
    )


def receipt() -> Reply:
    return Reply(
        title="Payment recorded",
        status=Status("Recorded", Tone.GOOD),
        facts=(
            Fact("Amount", "5,320.50 RON"),
            Fact("Invoice", "2024-001", "/invoice 2024-001"),
            Fact("Left", "0.00 RON"),
        ),
        picture=File("The year in bars", "image/png", png(480, 200)),
        files=(
            File("receipt-2024-001.pdf", "application/pdf", bytes(48_213)),
            File(f"{LONG}.csv", "text/csv", bytes(3)),
        ),
    )


def empty_list() -> Reply:
    return Reply(title="Payments today", table=Table((Column("Invoice"), Column("Amount", figures=True)), ()))


def refusal() -> Reply:
    return Reply(
        text="There is no invoice 2024-404.",
        outcome=Outcome.REFUSED,
        buttons=(Button("2024-040", "/invoice 2024-040"), Button("2024-044", "/invoice 2024-044")),
    )


def failed_payment() -> Reply:
    return Reply(
        title="Payment refused",
        status=Status("Refused by the bank", Tone.BAD),
        text="The billing system says: card_declined <b>",
        private=True,
        facts=(Fact("Amount", "99,999,999,999.99 RON"), Fact("Very long label of a fact", "short")),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def full(web: WebChat, people: list[Sender]) -> WebChat:
    """A page on which much has been said."""
    admin, cashier = people[0], people[2]
    asked = Message(admin, DESK, "/invoice 2024-001")
    for reply in (list_card(), empty_list(), many_buttons(), receipt(), refusal(), invoice_card()):
        await web.send(DESK, reply, asked)
    team = Message(cashier, TEAM, "/payments")
    for reply in (receipt(), list_card(), invoice_card()):
        await web.send(TEAM, reply, team)
    await web.send(TEAM, failed_payment(), Message(admin, Chat("web", "team", ChatKind.GROUP), "/pay"))
    return web


LOOKS: dict[str, dict[str, Any]] = {
    "desktop-light": {"width": 1280, "height": 800},
    "desktop-dark": {"width": 1280, "height": 800, "color_scheme": "dark"},
    "phone-light": {"width": 390, "height": 844, "device_scale_factor": 2, "has_touch": True, "is_mobile": True},
    "phone-dark": {
        "width": 390,
        "height": 844,
        "color_scheme": "dark",
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}

# Everything that is wider than its place, but for what scrolls by itself or is there for screen readers only.
STICKS_OUT = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  for (const element of document.querySelectorAll(".entry *, .composer *, .top *")) {
    const box = element.getBoundingClientRect();
    const hidden = element.closest(".unseen, .scroll, thead, svg, option") || !box.width;
    const room = element.closest(".card, .composer, .entry, .top").getBoundingClientRect();
    if (!hidden && (box.right > room.right + 1 || box.left < room.left - 1)) wide.push(element.outerHTML.slice(0, 200));
  }
  for (const element of document.querySelectorAll(".card, .bubble, .choices, .hint, .top")) {
    if (element.scrollWidth > element.clientWidth + 1) wide.push(element.outerHTML.slice(0, 200));
  }
  return wide;
}"""

# The contrast of every text with what is behind it (WCAG 2: 4.5 to 1), as "ratio: text" where it is too little.
TOO_FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (!text || !element.checkVisibility() || element.closest("option, :disabled, noscript")) continue;
    const grounds = [];
    for (let up = element; up; up = up.parentElement) grounds.unshift(getComputedStyle(up).backgroundColor);
    const ground = over(["white", ...grounds]);
    const ink = over([`rgb(${ground})`, getComputedStyle(element).color]);
    const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`);
  }
  return faint;
}"""

# What a thumb must hit, and can't: buttons lower than 44 pixels (links within lines of text aside).
TOO_SMALL = """() => [...document.querySelectorAll("button:not(.link), select, textarea, .file")]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map((element) => element.outerHTML.slice(0, 200))"""


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("look", LOOKS)
async def test_nothing_sticks_out_is_faint_or_too_small_to_touch(browse: Browse, look: str) -> None:
    page = await browse("admin", **LOOKS[look])
    await picture(page, look)
    await check(page)
    if await page.locator("#tab-team").is_visible():
        await page.locator("#tab-team").click()
        await picture(page, f"{look}-team")
        await check(page)
        await page.locator("#tab-private").click()
    await page.set_viewport_size({"width": LOOKS[look]["width"], "height": 3600})
    await picture(page, f"{look}-all")


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("width", [320, 390, 700, 721, 900, 1100])
async def test_no_width_makes_the_page_scroll_sideways(browse: Browse, width: int) -> None:
    page = await browse("admin", width=width)
    await check(page)
    for kind in ("team", "private") if width <= 720 else ():
        await page.locator(f"#tab-{kind}").click()
        await check(page)


@pytest.mark.usefixtures("full")
async def test_names_that_look_like_markup_stay_text(browse: Browse) -> None:
    page = await browse("admin")
    assert await page.locator(".card b, .card img[src='x']").count() == 0
    assert await page.locator("#private .warning").last.text_content() == (
        f"Warning: Another customer has nearly this name: {NASTY}"
    )


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("look", LOOKS)
async def test_an_empty_page_is_friendly(browse: Browse, look: str) -> None:
    page = await browse("admin", **LOOKS[look])
    await page.locator("#private .chip").nth(5).wait_for()
    await picture(page, f"{look}-empty")
    await check(page)


async def picture(page: Page, name: str) -> None:
    await page.wait_for_timeout(250)
    await page.screenshot(path=PICTURES / f"{name}.png")


async def check(page: Page) -> None:
    assert await page.evaluate(STICKS_OUT) == []
    assert await page.evaluate(TOO_FAINT) == []
    assert await page.evaluate(TOO_SMALL) == []
