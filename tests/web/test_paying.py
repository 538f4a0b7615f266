"""A payment's whole life on the page, as the two or three people see it who have a say in it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.start.demo import demo_page, demo_settings
from sandbox import SandboxOptions, SandboxServer
from tests.stage import BRIEFLY
from tests.web.test_demo import DESK, PHONE, Open, Walk, opened

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KEY = "a key for this test alone"


@pytest_asyncio.fixture(loop_scope="session")
async def books(tmp_path: Path) -> AsyncIterator[SandboxServer]:
    """The demo's billing, within reach: answers can be made to get lost."""
    async with SandboxServer(SandboxOptions(key=KEY, database=tmp_path / "books.db", demo=True)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, books: SandboxServer, tmp_path: Path) -> AsyncIterator[Open]:
    """Open the demo's page as somebody."""
    settings = demo_settings(books.url, KEY, tmp_path).model_copy(update={"payment_hold_seconds": 2.5})
    async with AsyncExitStack() as stack:
        yield opened(browser, await demo_page(stack, settings, 0, BRIEFLY))


async def test_an_odd_payment_is_insisted_on_held_and_undone(visit: Open, books: SandboxServer) -> None:
    desk = await visit("odd", PHONE, "light", "cashier")
    await desk.say("/pay 2024-001 53205 card", "This is ten times the RON 5,320.50 that is left to pay.")
    await desk.picture("odd")
    await desk.press("Confirm…", "look again")
    await desk.picture("insist")
    await desk.press("Pay anyway: ten times the rest", "needs a second person")
    await desk.press("Withdraw", "withdrawn")
    await desk.say("/pay 2024-001 532.05 card", "This is just a tenth of the RON 5,320.50")
    await desk.press("Confirm…", "Pay anyway: a tenth of the rest")
    await desk.press("Pay anyway: a tenth of the rest", "will be sent in 3 s")
    await desk.picture("held")
    await desk.press("Undo", "undone")
    await desk.picture("undone")
    await expect(desk.page.get_by_role("button", name="Undo")).to_have_count(0)
    assert _posted(books) == 0


async def test_a_large_payment_is_approved_or_rejected_by_somebody_else(visit: Open, books: SandboxServer) -> None:
    cashier = await visit("large", DESK, "light", "cashier")
    approver = await visit("approver", PHONE, "dark", "approver")
    await cashier.say("/pay 2026-002 10001 transfer", "Left to pay after")
    await cashier.press("Confirm", "Somebody else, who may approve payments, has to agree.")
    await cashier.picture("waits")
    await approver.sees("Payment of RON 10,001.00 on 2026-002")
    await approver.picture("asked")
    await approver.press("Reject", "To reject it, type the reason: Ioana will read it.")
    await approver.picture("reason")
    await approver.say("wrong invoice", "rejected")
    await cashier.sees("wrong invoice")
    await expect(approver.page.get_by_role("button", name="Approve")).to_have_count(0)
    await cashier.picture("rejected")
    await cashier.say("/pay 2026-002 10002 transfer", "Left to pay after")
    await cashier.press("Confirm", "needs a second person")
    await approver.sees("Payment of RON 10,002.00 on 2026-002")
    await approver.press("Approve", "Receipt: payment")
    await cashier.sees("Receipt: payment")
    await cashier.picture("approved")
    assert _posted(books) == 1


async def test_an_unknown_payment_is_settled_once(visit: Open, books: SandboxServer) -> None:
    cashier = await visit("lost", PHONE, "dark", "cashier")
    admin = await visit("settle", {"width": 320, "height": 640}, "light", "admin")
    books.faults.add("POST", "/payments", "drop-before-commit")
    await cashier.say("/pay 2026-001 32 card", "Left to pay after")
    await cashier.press("Confirm", "Look in the billing system; then an admin settles it here.")
    await cashier.picture("unknown")
    await admin.say("/pending", "In all")
    await admin.press("2026-001", "asked for by Ioana")
    await admin.picture("story")
    await admin.press("Settle (admins)", "shows no further payment of this amount on this invoice")
    await admin.picture("settle")
    await admin.press("It never arrived", "It is not in the books. It may be paid anew.")
    await admin.picture("settled")
    await _gone(cashier, "Settle (admins)")
    await _gone(admin, "It never arrived")
    await admin.say("/pending", "None: everything that was confirmed has its verdict.")
    assert _posted(books) == 1


async def _gone(walk: Walk, label: str) -> None:
    await expect(walk.page.get_by_role("button", name=label)).to_have_count(0)


def _posted(books: SandboxServer) -> int:
    return books.requests.count(("POST", "/payments"))
