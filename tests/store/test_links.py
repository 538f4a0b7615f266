"""Codes that join accounts, in the database."""

from datetime import timedelta

from bot.dates import now
from bot.message import Sender
from bot.store import Identity, LinkOffer, Store

ANA = LinkOffer("telegram:1", "Ana")


async def test_a_code_is_good_once_and_until_it_expires(store: Store) -> None:
    at = now()
    await store.links.offer("one", ANA, at, at + timedelta(minutes=1))
    assert await store.links.redeem("other", at) is None
    assert await store.links.redeem("one", at + timedelta(minutes=2)) is None
    assert await store.links.redeem("one", at) == ANA
    assert await store.links.redeem("one", at) is None


async def test_a_new_code_takes_the_place_of_the_one_before(store: Store) -> None:
    at = now()
    for secret in ("one", "two"):
        await store.links.offer(secret, ANA, at, at + timedelta(minutes=1))
    assert await store.links.redeem("one", at) is None
    assert await store.links.redeem("two", at) == ANA


async def test_an_account_that_parts_is_another_person_without_a_role(store: Store) -> None:
    at, admin = now(), Sender("telegram", "9", "Admin")
    ana, slack = Identity("telegram:1", "Ana", "P1"), Identity("slack:U1", "Ana", "P2")
    await store.people.grant(ana, "cashier", admin, at)
    await store.people.join(ana, slack, at)
    joined = await store.people.register()
    assert {each.person for each in joined.identities} == {"P1"}
    await store.people.part("slack:U1", "P3")
    parted = await store.people.register()
    assert {each.key: each.person for each in parted.identities} == {"telegram:1": "P1", "slack:U1": "P3"}
    assert [grant.whose for grant in parted.grants] == ["P1"]
    assert parted.edition > joined.edition
