"""The whole bot on both databases."""

from bot.dates import now
from bot.doctor import examine
from bot.store import OrderState
from tests.databases import PASSWORD, WRITTEN
from tests.stage import OpenDesk, confirm_of, facts


async def test_a_payment_is_recorded_once(open_desk: OpenDesk, begun_url: str) -> None:
    desk = await open_desk(database_url=begun_url)
    draft = await desk.say("/pay 2024-001 1.50 card")
    receipt = await desk.say(confirm_of(draft))
    assert facts(receipt)["Reference"].startswith("CASIER-")
    await desk.say(confirm_of(draft))
    assert len(await desk.app.services.store.orders.on_invoice("2024-001", [OrderState.RECORDED], now())) == 1


async def test_the_doctor_finds_the_database_well_and_shows_no_password(open_desk: OpenDesk, begun_url: str) -> None:
    desk = await open_desk(database_url=begun_url)
    found = [finding async for finding in examine(desk.settings, desk.app.services.billing)]
    (database,) = [finding for finding in found if finding.part == "Database"]
    assert database.well
    assert "is up to date" in database.words
    assert not [finding for finding in found if PASSWORD in finding.words or WRITTEN in finding.words]
