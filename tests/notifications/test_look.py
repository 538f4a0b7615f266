"""A look at the list tells what is new in it: each once, nothing else, and nothing at the first start."""

import pytest

from bot.dates import now
from bot.notifications import look
from bot.notifications.look import Looking
from bot.refusals import Nonsense
from bot.store import OvertakenError, Store
from tests.billing.wire import Wire
from tests.notifications.lists import Ear, KilledError, PaymentsList


async def test_the_first_look_takes_what_is_there_as_known(looking: Looking, ear: Ear) -> None:
    read = await looking.look()
    assert (read.entries, read.unreadable) == (3, 0)
    assert await ear.heard() == []


async def test_the_first_payment_of_all_is_told(looking: Looking, ear: Ear, books: PaymentsList) -> None:
    books.payments.clear()
    await looking.look()
    books.payments["77"] = "confirmed"
    await looking.look()
    assert await ear.heard() == [("77", "confirmed", True, None)]


async def test_a_new_payment_and_a_new_status_are_told_once(looking: Looking, ear: Ear, books: PaymentsList) -> None:
    await looking.look()
    books.payments |= {"0": "pending", "2": "confirmed", "PAY-3": "failed"}
    for _again in range(2):
        await looking.look()
        assert await ear.heard() == [
            ("2", "confirmed", False, "pending"),
            ("PAY-3", "failed", False, None),
            ("0", "pending", True, None),
        ]
    books.payments["PAY-3"] = None
    await looking.look()
    assert (await ear.heard())[3:] == [("PAY-3", None, False, "failed")]


async def test_payments_that_are_found_together_are_told_as_they_were_paid(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    await looking.look()
    books.paid = {"7": "2026-11-25 09:00:03", "8": "2026-11-25 09:00:01", "9": "2026-11-25 09:00:02"}
    books.payments |= dict.fromkeys(books.paid, "confirmed")
    await looking.look()
    assert [each[0] for each in await ear.heard()] == ["8", "9", "7"]


async def test_what_vanishes_and_comes_back_is_no_news(looking: Looking, ear: Ear, books: PaymentsList) -> None:
    await looking.look()
    gone = books.payments.pop("1")
    await looking.look()
    books.payments["1"] = gone
    books.order = 5
    await looking.look()
    assert await ear.heard() == []
    books.payments.pop("2")
    await looking.look()
    books.payments["2"] = "refunded"
    await looking.look()
    assert await ear.heard() == [("2", "refunded", False, "pending")]


async def test_a_number_as_text_is_the_same_id_and_another_number_is_not(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    await looking.look()
    books.payments |= {"01": "a", "0": "b", "9" * 18: "c", "9" * 19: "d", "٣": "e", "-1": "f"}
    await looking.look()
    assert [told[0] for told in await ear.heard()] == ["01", "0", "9" * 18, "9" * 19, "٣", "-1"]


async def test_an_unchanged_list_costs_no_write(looking: Looking, store: Store, books: PaymentsList) -> None:
    await looking.look()
    before = await store.known.state()
    for etag in (False, True, True):
        books.etag = etag
        await looking.look()
    after = await store.known.state()
    # The ETag was written down once.
    assert (before.edition + 1, before.complete_at) == (after.edition, after.complete_at)


async def test_an_etag_saves_the_body_unless_it_is_not_trusted(
    looking: Looking, books: PaymentsList, wire: Wire
) -> None:
    books.etag = True
    sizes = [(await looking.look()).size, (await looking.look()).size, (await looking.look(trust_etag=False)).size]
    assert sizes == [len(books.body()), 0, len(books.body())]
    assert [b"if-none-match" in asked.lower() for asked in wire.heard] == [False, True, False]


async def test_a_first_look_that_is_cut_stays_silent_until_one_is_whole(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    books.payments |= {str(number): "confirmed" for number in range(20_000)}
    books.ends_at = 0.9
    with pytest.raises(Nonsense):
        await looking.look()
    books.payments["99999"] = "pending"
    books.ends_at = 1
    await looking.look()
    assert await ear.heard() == []
    books.payments["99999"] = "confirmed"
    await looking.look()
    assert await ear.heard() == [("99999", "confirmed", False, "pending")]


async def test_what_was_found_before_a_cut_is_told_and_the_rest_later(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    await looking.look()
    books.payments |= {str(number): "confirmed" for number in range(100, 10_000)}
    books.ends_at = 0.9
    with pytest.raises(Nonsense):
        await looking.look()
    told = len(await ear.heard())
    assert 0 < told < 9_900
    books.ends_at = 1
    await looking.look()
    assert sorted(int(each[0]) for each in await ear.heard()) == list(range(100, 10_000))


async def test_a_status_that_was_told_before_a_cut_and_taken_back_is_told_again(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    books.payments |= {str(number): "confirmed" for number in range(100, 10_000)}
    await looking.look()
    books.payments["2"] = "confirmed"
    books.ends_at = 0.9
    with pytest.raises(Nonsense):
        await looking.look()
    # The list is again as it was when it was read last.
    books.payments["2"] = "pending"
    books.ends_at = 1
    await looking.look()
    assert await ear.heard() == [("2", "confirmed", False, "pending"), ("2", "pending", False, "confirmed")]


@pytest.mark.parametrize("calls", [0, 1, 2])
async def test_a_kill_loses_nothing_and_doubles_nothing(
    looking: Looking, ear: Ear, books: PaymentsList, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    monkeypatch.setattr(look, "_MANY", 10)
    await looking.look()
    books.payments |= {str(number): "confirmed" for number in range(100, 130)}
    ear.dies_after = calls
    with pytest.raises(KilledError):
        await looking.look()
    assert len(await ear.heard()) == calls * 10
    ear.dies_after = None
    await looking.look()
    assert [int(each[0]) for each in await ear.heard()] == list(range(100, 130))


async def test_many_are_heard_some_hundreds_at_a_time(looking: Looking, ear: Ear, books: PaymentsList) -> None:
    await looking.look()
    books.payments |= {str(number): "confirmed" for number in range(100, 2_000)}
    ear.dies_after = 1
    with pytest.raises(KilledError):
        await looking.look()
    assert len(await ear.heard()) <= 500


async def test_of_two_that_look_at_once_the_one_that_is_late_gives_up(
    looking: Looking, store: Store, ear: Ear, books: PaymentsList
) -> None:
    await looking.look()
    state = await store.known.state()
    books.payments["5"] = "confirmed"
    await looking.look()
    with pytest.raises(OvertakenError):
        await store.known.learn(state, [("5", "pending")])
    with pytest.raises(OvertakenError):
        await store.known.settle(state, b"old", now())
    await looking.look()
    assert await ear.heard() == [("5", "confirmed", True, None)]


async def test_what_can_not_be_read_yet_is_told_once_it_can_be(
    looking: Looking, ear: Ear, books: PaymentsList, monkeypatch: pytest.MonkeyPatch
) -> None:
    await looking.look()
    whole = books.body()
    odd = whole[:-2] + b', {"id": 9, "amount": "1e99", "status": "pending"}, {"id": [], "amount": "1"}]}'
    monkeypatch.setattr(books, "body", lambda: odd)
    read = await looking.look()
    assert (await ear.heard(), read.unreadable) == ([], 1)
    monkeypatch.setattr(books, "body", lambda: odd.replace(b"1e99", b"1"))
    await looking.look()
    assert await ear.heard() == [("9", "pending", True, None)]


async def test_there_may_be_more_statuses_than_are_kept_in_mind(
    looking: Looking, ear: Ear, books: PaymentsList
) -> None:
    await looking.look()
    books.payments |= {str(number): f"status {number}" for number in range(100, 2_300)}
    await looking.look()
    books.payments |= {"100": "x" * 5000, "2299": "new"}
    await looking.look()
    books.payments["100"] = "new"
    await looking.look()
    assert [each[2:] for each in (await ear.heard())[2200:]] == [
        (False, "status 100"),
        (False, "status 2299"),
        (False, "x" * 200),
    ]
