"""What is read of a list that is watched, over a real connection."""

import json

import pytest

from bot.billing import Billing, Mark
from bot.refusals import Busy, Nonsense, NotAnswering
from tests.billing.conftest import Client
from tests.billing.wire import Peer, always, answer, wired

ENTRIES = [{"id": number, "amount": "5.50", "status": "confirmed"} for number in range(3)]


async def since(billing: Billing, mark: Mark | None) -> tuple[list[int | str], Mark | None, int]:
    """What had to be read, the new mark, and the size of the body."""
    windows = [window async for window in billing.payments_since(mark)]
    return [each.id for window in windows for each in window.sightings], windows[-1].mark, windows[-1].size


async def test_a_server_with_etags_is_asked_whether_anything_is_new(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while request := await peer.hear():
            if b'if-none-match: "one"' in request.lower():
                await peer.say(b'HTTP/1.1 304 Not Modified\r\netag: "one"\r\n\r\n')
            else:
                await peer.say(answer({"data": ENTRIES}, 200, 'ETag: "one"'))

    async with wired(script) as wire:
        billing = client(wire.url)
        found, mark, size = await since(billing, None)
        assert (found, size > 100) == ([0, 1, 2], True)
        assert mark
        assert await since(billing, mark) == ([], mark, 0)
        # Without the tag the body is known by its front.
        assert await since(billing, mark.without_etag()) == ([], mark, size)


@pytest.mark.parametrize("etag", ["", "x" * 2000, "ț"])
async def test_an_etag_that_can_not_be_sent_back_is_none(client: Client, etag: str) -> None:
    async with wired(always(answer({"data": ENTRIES}, 200, f"ETag: {etag}"))) as wire:
        _, mark, _ = await since(client(wire.url), None)
    assert mark
    assert mark.etag is None


async def test_a_304_that_nobody_asked_for_is_nonsense(client: Client) -> None:
    async with wired(always(b"HTTP/1.1 304 Not Modified\r\n\r\n")) as wire:
        with pytest.raises(Nonsense):
            await since(client(wire.url), None)


@pytest.mark.parametrize("end", [-1, -2, -30])
async def test_a_watched_list_that_is_cut_has_no_mark(client: Client, end: int) -> None:
    body = json.dumps({"data": ENTRIES}).encode()
    async with wired(always(answer(body))) as whole, wired(always(answer(body[:end]))) as cut:
        _, mark, _ = await since(client(whole.url), None)
        for known in (None, mark):
            with pytest.raises(Nonsense):
                await since(client(cut.url), known)


@pytest.mark.parametrize(("status", "refusal"), [(429, Busy), (503, NotAnswering)])
async def test_who_watches_learns_how_long_to_wait(client: Client, status: int, refusal: type[Busy]) -> None:
    async with wired(always(answer({"message": "no"}, status, "Retry-After: 77"))) as wire:
        with pytest.raises(refusal) as refused:
            await since(client(wire.url), None)
    assert refused.value.after == 77
    assert len(wire.heard) == 1
