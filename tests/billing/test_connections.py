import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from bot.billing import Billing
from bot.refusals import BillingRefusal, NotAnswering
from tests.billing.conftest import Client
from tests.billing.wire import Peer, always, answer, silent, wired, within

INVOICE = {"number": "1", "amount": "1"}
ENTRY = b'{"id": 1, "invoice_id": "2024-001", "amount": "5320.50", "status": "confirmed", "invoice_number": "2024-001"}'
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


async def endless(peer: Peer) -> None:
    """Begin a list, and never end it."""
    while await peer.hear():
        await peer.say(CHUNKED + _chunk(b"[" + ENTRY))
        while True:
            await peer.say(_chunk((b"," + ENTRY) * 500))


async def test_reading_shares_connections(client: Client) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        billing = client(wire.url)
        for _ in range(20):
            await billing.invoice("1")
    assert (wire.connections, len(wire.heard)) == (1, 20)


async def test_what_is_loaded_late_can_be_loaded_before_it_is_needed(client: Client) -> None:
    async with wired(always(answer([]))) as wire:
        billing = client(wire.url)
        billing.prepare()
        assert wire.connections == 0
        assert await _all(billing) == 0


async def test_a_closed_client_asks_nothing(client: Client) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        billing = client(wire.url)
        await billing.close()
        for asked in (billing.invoice("1"), _all(billing)):
            with pytest.raises(NotAnswering):
                await asked
    assert wire.connections == 0


async def test_a_list_read_to_its_end_leaves_its_connection_to_others(client: Client) -> None:
    async with wired(always(answer([{"id": 1, "amount": 1}] * 9000))) as wire:
        billing = client(wire.url)
        for _ in range(3):
            assert len([payment async for payment in billing.payments()]) == 9000
    assert wire.connections == 1


async def test_a_connection_that_the_server_closed_while_idle_is_not_noticed(client: Client) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(answer(INVOICE))

    async with wired(script) as wire:
        billing = client(wire.url)
        for _ in range(4):
            await billing.invoice("1")
    assert len(wire.heard) == 4


@pytest.mark.parametrize("kind", ["one", "list"])
async def test_no_more_requests_at_a_time_than_configured(client: Client, kind: str) -> None:
    at_a_time, most = 0, 0

    async def script(peer: Peer) -> None:
        nonlocal at_a_time, most
        while await peer.hear():
            at_a_time += 1
            most = max(most, at_a_time)
            await asyncio.sleep(0.02)
            at_a_time -= 1
            await peer.say(answer(INVOICE if kind == "one" else []))

    async with wired(script) as wire:
        billing = client(wire.url, requests=4)
        ask: Callable[[], Awaitable[object]] = (
            (lambda: billing.invoice("1")) if kind == "one" else lambda: _all(billing)
        )
        await asyncio.gather(*(ask() for _ in range(20)))
    assert most == 3
    assert len(wire.heard) == 20


async def test_who_waits_to_ask_again_lets_others_in(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while request := await peer.hear():
            busy = b"/invoices/busy" in request
            await peer.say(answer(b"", 429, "retry-after: 1") if busy else answer(INVOICE))

    async with wired(script) as wire:
        billing = client(wire.url, requests=1)
        waiting = asyncio.create_task(billing.invoice("busy"))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(0.5):
            await billing.invoice("1")
        waiting.cancel()


async def test_an_abandoned_list_gives_its_connection_and_its_place_back(client: Client) -> None:
    async with wired(endless) as wire:
        billing = client(wire.url, requests=1, list_seconds=60)
        for round_ in range(1, 5):
            async for _payment in billing.payments():
                break
            assert await within(2, lambda: wire.connections == round_)  # noqa: B023 - called at once
        with pytest.raises(ZeroDivisionError):
            await _stumble(billing)
        async with aclosing(billing.payments()) as payments, asyncio.timeout(1):
            await anext(payments)
    assert wire.connections == 6


async def test_a_list_that_is_cancelled_gives_its_place_back(client: Client) -> None:
    async with wired(endless) as wire:
        billing = client(wire.url, requests=1, list_seconds=60)
        for _ in range(3):
            reading = asyncio.create_task(_all(billing))
            await asyncio.sleep(0.05)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
        async with aclosing(billing.payments()) as payments, asyncio.timeout(1):
            await anext(payments)
    assert wire.connections == 4


async def test_a_question_that_is_cancelled_gives_its_place_back(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while request := await peer.hear():
            if b"/invoices/slow" not in request:
                await peer.say(answer(INVOICE))

    async with wired(script) as wire:
        billing = client(wire.url, requests=1)
        for wait in (0, 0.001, 0.05):
            asking = [asyncio.create_task(billing.invoice("slow")) for _ in range(3)]
            await asyncio.sleep(wait)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        async with asyncio.timeout(0.5):
            await billing.invoice("1")


async def test_a_list_that_drips_ends_at_its_deadline(client: Client) -> None:
    async with wired(always(CHUNKED, *[_chunk(b" ")] * 200, pause=0.02)) as wire, asyncio.timeout(1.5):
        with pytest.raises(NotAnswering):
            await _all(client(wire.url, list_seconds=0.5))
        assert len(wire.heard) == 1


async def test_a_list_that_has_begun_ends_at_its_deadline_though_nothing_comes(client: Client) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(CHUNKED + _chunk(b"[" + b",".join([ENTRY] * 1000)))
        await peer.gone()

    async with wired(script) as wire, asyncio.timeout(1.5):
        billing = client(wire.url, list_seconds=0.5, read_seconds=30)
        seen: list[object] = []
        with pytest.raises(NotAnswering):
            await _collect(billing, seen)
        assert len(seen) > 500
        assert await within(1, lambda: wire.hung_up == 1)


async def test_a_list_that_never_ends_ends_at_its_deadline(client: Client) -> None:
    async with wired(endless) as wire, asyncio.timeout(2):
        with pytest.raises(NotAnswering):
            await _all(client(wire.url, list_seconds=0.5))


async def test_one_object_that_drips_ends_at_the_deadline(client: Client) -> None:
    slowly = [b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", *[b"x"] * 200]
    async with wired(always(*slowly, pause=0.02)) as wire, asyncio.timeout(1.5):
        with pytest.raises(NotAnswering) as said:
            await client(wire.url, deadline_seconds=0.5).invoice("1")
    assert "not in time" in said.value.for_admins


async def test_further_tries_end_at_the_deadline(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while await peer.hear():
            await peer.say(pause=0.3)
            await asyncio.sleep(0.3)
            await peer.say(answer(b"", 503))

    async with wired(script) as wire, asyncio.timeout(1.5):
        with pytest.raises(NotAnswering):
            await client(wire.url, deadline_seconds=0.7).invoice("1")


async def test_waiting_for_a_place_ends_at_the_deadline(client: Client) -> None:
    async with wired(silent) as wire, asyncio.timeout(2):
        billing = client(wire.url, requests=1, read_seconds=10, deadline_seconds=0.4)
        found = await asyncio.gather(*(billing.invoice("1") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(each, NotAnswering) for each in found)
    assert len(wire.heard) <= 2


async def test_a_list_that_is_cut_after_it_began_is_an_error_and_not_a_short_list(client: Client) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(CHUNKED + _chunk(b"[" + b",".join([ENTRY] * 1000)))

    async with wired(script) as wire:
        seen: list[object] = []
        with pytest.raises(BillingRefusal):
            await _collect(client(wire.url), seen)
    assert len(seen) > 500
    assert len(wire.heard) == 1


async def test_closing_with_a_list_half_read_leaves_nothing_open(client: Client) -> None:
    async with wired(endless) as wire:
        billing = client(wire.url)
        payments = billing.payments()
        await anext(payments)
        await billing.close()
        with pytest.raises(BillingRefusal):
            [payment async for payment in payments]
    gc.collect()


async def test_a_long_list_takes_no_memory(client: Client) -> None:
    # Tracing is slow: what would pile up does so in the last 40,000 as well, by 20 MB.
    rows, times, traced = 1000, 120, 40_000
    block = b",".join([ENTRY] * rows)

    async def script(peer: Peer) -> None:
        while await peer.hear():
            await peer.say(CHUNKED + _chunk(b'{"page": {"of": [1]}, "data": [' + block))
            await peer.say(*[_chunk(b"," + block)] * (times - 1))
            await peer.say(_chunk(b"]}") + b"0\r\n\r\n")

    async with wired(script) as wire:
        billing = client(wire.url, list_seconds=60, deadline_seconds=20)
        seen = before = 0
        try:
            async for _payment in billing.payments():
                seen += 1
                if seen == rows * times - traced:
                    tracemalloc.start()
                    before = tracemalloc.get_traced_memory()[0]
            growth = tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
    assert seen == rows * times
    assert growth < 4_000_000


async def _all(billing: Billing) -> int:
    return len([payment async for payment in billing.payments()])


async def _collect(billing: Billing, seen: list[object]) -> None:
    async for payment in billing.payments():
        seen.append(payment)  # noqa: PERF401 - what came before an error counts


async def _stumble(billing: Billing) -> None:
    async for _payment in billing.payments():
        raise ZeroDivisionError
