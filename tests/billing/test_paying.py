import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.billing import NewPayment
from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.refusals import BillingRefusal, KeyRefused, NotFound, Rejected
from sandbox import SandboxOptions, SandboxServer
from tests.billing.conftest import Client
from tests.billing.wire import KEY, Peer, Script, always, answer, once, silent, wired, within

DONE = {"message": "Plata a fost înregistrată.", "payment_id": 56}


def payment(amount: str = "5320.50", **more: str) -> NewPayment:
    return NewPayment(
        **{"invoice_id": "2024-001", "payment_method": "card", "reference": "EUP1", **more}, amount=Decimal(amount)
    )


@pytest.mark.parametrize("amount", ["5320.50", "0.10", "1000000000000.00", "0.01", "7", "1234567.89"])
async def test_the_amount_goes_out_as_a_number_with_the_same_digits(client: Client, amount: str) -> None:
    async with wired(always(answer(DONE, 201))) as wire:
        await client(wire.url).record(payment(amount, reference='a"\\ș\n'))
    head, _, body = wire.heard[0].partition(b"\r\n\r\n")
    expected = f'{{"invoice_id":"2024-001","amount":{amount},"payment_method":"card","reference":"a\\"\\\\ș\\n"}}'
    assert body.decode() == expected
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /payments HTTP/1.1"
    assert sorted(line.lower() for line in lines[1:]) == sorted(
        [
            f"host: 127.0.0.1:{wire.port}",
            "accept: application/json",
            "accept-encoding: gzip",
            "user-agent: casier",
            f"x-api-key: {KEY}",
            "content-type: application/json",
            "connection: close",
            f"content-length: {len(body)}",
        ]
    )


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999"])
def test_what_is_no_money_can_not_be_a_payment(amount: str) -> None:
    with pytest.raises(ValueError, match="no money"):
        payment(amount)


async def test_a_payment_is_in_the_books_once(client: Client) -> None:
    async with SandboxServer(SandboxOptions(demo=True)) as server:
        recorded = await client(server.url, server.options.key).record(payment())
        assert server.books.query("SELECT id, amount_bani FROM payments WHERE reference = 'EUP1'") == [
            (int(recorded.payment_id), 532050)
        ]


@pytest.mark.parametrize(("status", "id_"), [(201, 56), (201, "0057"), (200, 56), (201, "PAY-1"), (201, 0)])
async def test_an_id_is_proof_however_it_is_written(client: Client, status: int, id_: object) -> None:
    async with wired(always(answer({"payment_id": id_, "message": None, "more": [1]}, status))) as wire:
        assert (await client(wire.url).record(payment())).payment_id == str(id_)


@pytest.mark.parametrize(
    ("status", "refusal", "words"),
    [(401, KeyRefused, "refuses our key"), (404, NotFound, "Nu există."), (422, Rejected, "Nu există.")],
)
async def test_a_refusal_in_words_is_one(
    client: Client, status: int, refusal: type[BillingRefusal], words: str
) -> None:
    async with wired(always(answer({"message": "Nu există."}, status))) as wire:
        with pytest.raises(refusal) as said:
            await client(wire.url).record(payment())
    assert words in said.value.text
    assert len(wire.heard) == 1


CHUNKED = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n"


ODD_IDS: list[object] = [None, "", True, 1.5, [], {}]
NO_PROOF: list[bytes] = [
    *(answer({"message": "x"}, status) for status in (100, 204, 205, 302, 304, 400, 403, 409, 413, 429)),
    *(answer({"message": "x"}, status) for status in (500, 502, 503, 504, 599, 999)),
    *(answer(b"<html>", status) for status in (200, 201, 401, 404, 422)),
    *(answer({"message": words}, 422) for words in ("", " ", None, 7, ["x"])),
    *(answer({"payment_id": odd}, 201) for odd in ODD_IDS),
    *(answer(body, 201) for body in (b"", b"{}", b'{"payment_id": 5', b"[" * 99_999, b"\xff", DONE["message"])),
    answer(DONE, 202),
    answer(DONE, 302, "location: /payments"),
    answer(DONE, 307, "location: /payments"),
    answer(DONE, 201)[:-1],
    answer(DONE, 201, "content-encoding: gzip"),
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    b"HTTP/1.1 20",
    b"nonsense\r\n\r\n",
    CHUNKED,
    CHUNKED + b"zz\r\n",
    answer(b'"' + b"x" * 9_000_000, 201),
    b"",
]


@pytest.mark.parametrize("sent", NO_PROOF, ids=range(len(NO_PROOF)))
async def test_what_proves_nothing_is_unknown_and_not_repeated(client: Client, sent: bytes) -> None:
    async with wired(once(sent)) as wire:
        with pytest.raises(OutcomeUnknownError):
            await client(wire.url).record(payment())
        await asyncio.sleep(0.02)
    assert wire.connections == len(wire.heard) == 1


async def test_silence_is_unknown(client: Client) -> None:
    async with wired(silent) as wire:
        with pytest.raises(OutcomeUnknownError, match="no answer in time"):
            await client(wire.url).record(payment())
        assert await within(1, lambda: wire.hung_up == 1)


async def test_a_connection_reset_after_the_request_is_unknown(client: Client) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        peer.reset()

    async with wired(script) as wire:
        with pytest.raises(OutcomeUnknownError):
            await client(wire.url).record(payment())


async def test_a_connection_reset_before_anything_was_read_is_unknown(client: Client) -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with wired(script) as wire:
        with pytest.raises(OutcomeUnknownError):
            await client(wire.url).record(payment())


async def test_an_answer_that_drips_is_unknown_at_the_deadline(client: Client) -> None:
    async with wired(always(*([b"HTTP/1.1 100 Continue\r\n\r\n"] * 100), pause=0.05)) as wire, asyncio.timeout(2):
        with pytest.raises(OutcomeUnknownError, match="TimeoutError"):
            await client(wire.url, deadline_seconds=0.5).record(payment())


@pytest.mark.parametrize("fault", ["drop-after-commit", "error-after-commit", "half-body", "wrong-json", "wrong-shape"])
async def test_a_lost_answer_is_unknown_though_the_payment_is_in_the_books(client: Client, fault: str) -> None:
    async with SandboxServer(SandboxOptions(demo=True)) as server:
        server.faults.add("POST", "/payments", fault)
        with pytest.raises(OutcomeUnknownError):
            await client(server.url, server.options.key).record(payment())
        assert len(server.books.query("SELECT 1 FROM payments WHERE reference = 'EUP1'")) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40), st.sampled_from([b"", b"HTTP/1.1 201 Created\r\n", b"HTTP/1.1 404 No\r\n\r\n", CHUNKED]))
async def test_no_bytes_at_all_are_taken_for_proof(client: Client, noise: bytes, begin: bytes) -> None:
    async with wired(once(begin + noise)) as wire:
        billing = client(wire.url, read_seconds=0.2)
        with pytest.raises(OutcomeUnknownError):
            await billing.record(payment())
        await billing.close()


async def test_nobody_there_means_not_sent(client: Client) -> None:
    async with wired(silent) as wire:
        pass
    with pytest.raises(NotSentError, match="not connected"):
        await client(wire.url).record(payment())


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".invalid"])
async def test_a_name_that_is_nobodys_means_not_sent(client: Client, host: str) -> None:
    with pytest.raises(NotSentError, match="not connected"):
        await client(f"http://{host}").record(payment())


async def test_a_connection_that_does_not_come_about_in_time_means_not_sent(
    client: Client, full_port: Callable[[], int]
) -> None:
    with pytest.raises(NotSentError, match="not connected in time"):
        await client(f"http://127.0.0.1:{full_port()}", connect_seconds=60, deadline_seconds=0.9).record(payment())


async def test_a_name_that_is_not_found_in_time_means_not_sent(client: Client, slow_names: None) -> None:
    with pytest.raises(NotSentError, match="not connected in time"):
        await client("http://slow.invalid", connect_seconds=0.2).record(payment())


async def test_no_place_in_time_means_not_sent(client: Client) -> None:
    async with wired(silent) as wire:
        billing = client(wire.url, requests=1, read_seconds=0.5, connect_seconds=0.2)
        first = asyncio.create_task(billing.record(payment()))
        await asyncio.sleep(0.05)
        with pytest.raises(NotSentError, match="too many"):
            await billing.record(payment())
        with pytest.raises(OutcomeUnknownError):
            await first
    assert len(wire.heard) == 1


async def test_reading_leaves_a_place_for_payments(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while request := await peer.hear():
            if request.startswith(b"POST"):
                await peer.say(answer(DONE, 201))

    async with wired(script) as wire:
        billing = client(wire.url, requests=3, read_seconds=1)
        reading = [asyncio.create_task(billing.invoice("1")) for _ in range(10)]
        await asyncio.sleep(0.1)
        assert (await billing.record(payment())).payment_id == "56"
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    assert len(wire.heard) == 3


async def test_every_payment_has_a_connection_of_its_own(client: Client) -> None:
    async with wired(always(answer(DONE, 201))) as wire:
        billing = client(wire.url)
        for wait in (0, 0, 0.1):
            await asyncio.sleep(wait)
            await billing.record(payment())
        with suppress(BillingRefusal):
            await billing.invoice("1")
        await billing.record(payment())
    assert wire.connections == 5


async def test_a_closed_client_sends_nothing(client: Client) -> None:
    async with wired(always(answer(DONE, 201))) as wire:
        billing = client(wire.url)
        await billing.close()
        with pytest.raises((OutcomeUnknownError, NotSentError)):
            await billing.record(payment())
    assert wire.connections == 0


async def test_the_reason_names_no_secret(client: Client) -> None:
    async def told(script: Script) -> Any:  # noqa: ANN401
        async with wired(script) as wire:
            with pytest.raises(OutcomeUnknownError) as said:
                await client(wire.url).record(payment())
            return said.value

    error = await told(once(b"nonsense\r\n\r\n"))
    chain = [error, error.__cause__, error.__cause__.__cause__, error.__cause__.__context__]
    assert not any(KEY in repr(each) for each in chain)
