import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing import Billing
from bot.billing.answers import seconds
from bot.refusals import BillingRefusal, Busy, KeyRefused, Nonsense, NotAnswering, NotFound, Rejected
from sandbox import SandboxOptions, SandboxServer
from tests.billing.conftest import Client
from tests.billing.wire import Peer, always, answer, once, silent, wired

INVOICE = {"id": "2024-001", "number": "2024-001", "amount": "5320.50", "status": "paid"}
PAYMENT = {"id": 15, "invoice_id": "2024-001", "amount": "5320.50"}

Ask = Callable[[Billing], Awaitable[object]]


async def _invoice(billing: Billing) -> object:
    return await billing.invoice("2024-001")


async def _payments(billing: Billing) -> object:
    return [payment async for payment in billing.payments()]


both = pytest.mark.parametrize("ask", [_invoice, _payments])


async def test_every_question_is_answered_from_the_books(client: Client) -> None:
    async with SandboxServer(SandboxOptions(extra_fields=True)) as server:
        billing = client(server.url, server.options.key)
        customers = [customer async for customer in billing.customers()]
        payments = [payment async for payment in billing.payments()]
        invoices = [invoice async for invoice in billing.invoices_of("CL-001")]
        customer = await billing.customer("CL-001")
        invoice = await billing.invoice("2024-001")
    assert len(customers) == server.options.customers
    assert len(payments) == server.options.payments
    assert [each.number for each in customer.invoices] == [each.number for each in invoices]
    assert customer.name == "Client Premium"
    assert (invoice.number, invoice.amount, str(invoice.amount)) == ("2024-001", Decimal("5320.50"), "5320.50")


async def test_the_invoices_of_a_customer_may_be_a_bare_list(client: Client) -> None:
    async with SandboxServer(SandboxOptions(bare_lists=True, summary_balance=False)) as server:
        billing = client(server.url, server.options.key)
        assert {invoice.balance async for invoice in billing.invoices_of("CL-001")} == {None}


async def test_unreadable_invoices_of_a_customer_are_left_out(client: Client) -> None:
    odd = [{"number": "1", "amount": "NaN"}, {"amount": "1"}, None, {"id": "INV1", "number": None, "amount": 1.5}]
    async with wired(always(answer({"id": 7, "invoices": odd}))) as wire:
        customer = await client(wire.url).customer("7")
    assert [(each.number, each.amount) for each in customer.invoices] == [("INV1", Decimal("1.5"))]


@pytest.mark.parametrize("invoices", [None, []])
async def test_a_customer_may_have_no_invoices(client: Client, invoices: list[object] | None) -> None:
    async with wired(always(answer({"id": "7", "invoices": invoices}))) as wire:
        assert (await client(wire.url).customer("7")).invoices == ()


@both
@pytest.mark.parametrize(
    ("status", "body", "refusal", "words"),
    [
        (401, {"message": "Unauthorized"}, KeyRefused, "refuses our key"),
        (401, b"<html>", KeyRefused, "refuses our key"),
        (404, {"message": "Nu există."}, NotFound, "Nu există."),
        (422, {"message": "Număr greșit."}, Rejected, "The billing system says: Număr greșit."),
        (403, {"message": "Not yours."}, Rejected, "Not yours."),
        (404, b"<html>", Nonsense, "can't be understood"),
        (404, {"message": ""}, Nonsense, "can't be understood"),
        (422, {"message": None}, Nonsense, "can't be understood"),
        (422, b"[" * 100_000, Nonsense, "can't be understood"),
        (204, b"", Nonsense, "can't be understood"),
        (304, b"", Nonsense, "can't be understood"),
        (201, INVOICE, Nonsense, "can't be understood"),
        (200, b"", Nonsense, "can't be understood"),
        (200, b"<html>", Nonsense, "can't be understood"),
        (200, {"message": "ok"}, Nonsense, "can't be understood"),
        (200, b'{"number": "\xff", "amount": "1"', Nonsense, "can't be understood"),
        (500, b"", NotAnswering, "does not answer"),
        (503, {"message": "x"}, NotAnswering, "does not answer"),
        (429, b"", Busy, "is busy"),
    ],
)
async def test_each_failure_has_its_own_refusal(
    client: Client, ask: Ask, status: int, body: object, refusal: type[BillingRefusal], words: str
) -> None:
    async with wired(always(answer(body, status, "retry-after: 0"))) as wire:
        with pytest.raises(refusal) as said:
            await ask(client(wire.url))
    assert words in said.value.text


async def test_text_that_is_no_utf8_is_nonsense_in_one_object(client: Client) -> None:
    async with wired(always(answer(b'{"number": "1", "amount": "1", "status": "\xff"}'))) as wire:
        with pytest.raises(Nonsense):
            await client(wire.url).invoice("1")


async def test_a_payment_without_an_invoice_is_one_all_the_same(client: Client) -> None:
    async with wired(always(answer([{"id": 1, "amount": 5320.50}]))) as wire:
        (payment,) = [payment async for payment in client(wire.url).payments()]
    assert (payment.invoice, payment.amount) == ("", Decimal("5320.5"))


async def test_half_an_emoji_is_replaced(client: Client) -> None:
    async with wired(always(answer(rb'{"id": "1", "name": "A\ud83d \ud83d\ude00 \\ud83d"}'))) as wire:
        assert (await client(wire.url).customer("1")).name == "A\ufffd 😀 \\ud83d"


async def test_long_words_of_the_api_are_shortened(client: Client) -> None:
    async with wired(always(answer({"message": "x" * 10_000}, 404))) as wire:
        with pytest.raises(NotFound) as said:
            await client(wire.url).invoice("1")
    assert len(said.value.text) == 500


@both
@pytest.mark.parametrize(
    "sent",
    [
        b"<html>no HTTP at all</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
        answer(b"not gzip at all", 200, "content-encoding: gzip"),
        answer(gzip.compress(b"{}", mtime=0)[:-12], 200, "content-encoding: gzip"),
        answer(b"xx", 200, "content-encoding: zip"),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_refused_as_nonsense_once(client: Client, ask: Ask, sent: bytes) -> None:
    async with wired(once(sent)) as wire:
        with pytest.raises(Nonsense):
            await ask(client(wire.url))
    assert len(wire.heard) == 1


@pytest.mark.parametrize(
    ("ask", "sent"),
    [
        (_invoice, b""),
        (_payments, b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n[]"),
    ],
)
async def test_a_cut_answer_is_asked_for_again(client: Client, ask: Ask, sent: bytes) -> None:
    async with wired(once(sent)) as wire:
        with pytest.raises(NotAnswering):
            await ask(client(wire.url))
    assert len(wire.heard) >= 4


async def test_nobody_there_is_not_answering(client: Client) -> None:
    async with wired(silent) as wire:
        pass
    with pytest.raises(NotAnswering, match="does not answer") as said:
        await client(wire.url, deadline_seconds=5).invoice("1")
    assert "not connected (ConnectionRefusedError)" in said.value.for_admins


async def test_a_name_that_can_not_be_one_is_not_answering(client: Client) -> None:
    with pytest.raises(NotAnswering):
        await client(f"http://{'a' * 64}.invalid", deadline_seconds=0.5).invoice("1")


@both
async def test_silence_is_not_answering_and_not_asked_again(client: Client, ask: Ask) -> None:
    async with wired(silent) as wire:
        with pytest.raises(NotAnswering):
            await ask(client(wire.url, read_seconds=0.1))
    assert len(wire.heard) == 1


@pytest.mark.parametrize("fault", ["error-before-commit", "drop-before-commit", "too-many", "half-body"])
@pytest.mark.parametrize("ask", [_invoice, _payments])
async def test_what_passes_is_not_noticed(client: Client, ask: Ask, fault: str) -> None:
    async with SandboxServer() as server:
        billing = client(server.url, server.options.key, deadline_seconds=5, list_seconds=5)
        server.faults.add("GET", "*", fault, times=2, **({"retry_after": 0} if fault == "too-many" else {}))  # type: ignore[arg-type]
        assert await ask(billing)
        assert len(server.requests) == 3


async def test_a_redirect_is_not_followed(client: Client) -> None:
    async with wired(always(answer([]))) as elsewhere:
        away = answer(b"", 302, f"location: {elsewhere.url}/payments")
        async with wired(always(away)) as wire:
            with pytest.raises(Nonsense):
                await client(wire.url).invoice("1")
    assert elsewhere.connections == 0


async def test_a_continue_before_the_answer_is_passed_over(client: Client) -> None:
    async with wired(always(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(INVOICE))) as wire:
        assert (await client(wire.url).invoice("1")).amount == Decimal("5320.50")


async def test_packed_answers_are_unpacked(client: Client) -> None:
    packed = gzip.compress(b'{"data": [' + b",".join([b'{"id": 1, "amount": "0.10"}'] * 5000) + b"]}")
    async with wired(always(answer(packed, 200, "content-encoding: gzip"))) as wire:
        assert len([payment async for payment in client(wire.url).payments()]) == 5000


@pytest.mark.parametrize("packed", [False, True])
async def test_an_object_without_end_is_refused(client: Client, packed: bool) -> None:  # noqa: FBT001
    body = b'"' + b"x" * 40_000_000
    pieces = gzip.compress(body, 1) if packed else body
    sent = answer(pieces, 200, "content-encoding: gzip" if packed else "x: y")
    async with wired(always(sent)) as wire:
        with pytest.raises(Nonsense) as said:
            await client(wire.url).invoice("1")
    assert "more than 8 MB for one thing" in said.value.for_admins


async def test_bytes_behind_an_answer_are_not_taken_for_the_next(client: Client) -> None:
    async with wired(always(answer(INVOICE) + answer({**INVOICE, "number": "somebody else's"}))) as wire:
        billing = client(wire.url)
        assert {(await billing.invoice("1")).number for _ in range(3)} == {"2024-001"}


async def test_cookies_are_not_kept(client: Client) -> None:
    async with wired(always(answer(INVOICE, 200, "set-cookie: a=b"))) as wire:
        billing = client(wire.url)
        await billing.invoice("1")
        await billing.invoice("1")
    assert not any(b"cookie" in request.lower() for request in wire.heard)


async def test_retry_after_is_kept(client: Client) -> None:
    async def script(peer: Peer) -> None:
        while await peer.hear():
            busy = len(wire.heard) == 1
            await peer.say(answer(b"", 429, "retry-after: 1") if busy else answer(INVOICE))

    async with wired(script) as wire:
        clock = asyncio.get_running_loop().time
        started = clock()
        await client(wire.url, deadline_seconds=5).invoice("1")
        assert 1 <= clock() - started < 3
    assert len(wire.heard) == 2


@both
@pytest.mark.parametrize("days", [None, 1])
async def test_who_says_to_come_back_too_late_is_busy_at_once(client: Client, ask: Ask, days: int | None) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True) if days else "9" * 400
    async with wired(always(answer(b"", 429, f"retry-after: {later}"))) as wire:
        async with asyncio.timeout(1.5):
            with pytest.raises(Busy):
                await ask(client(wire.url))
    assert len(wire.heard) == 1


async def test_the_second_wait_must_fit_into_the_deadline_too(client: Client) -> None:
    async with wired(always(answer(b"", 429, "retry-after: 1"))) as wire:
        with pytest.raises(Busy):
            await client(wire.url, deadline_seconds=2).invoice("1")
    assert len(wire.heard) == 2


def test_retry_after_is_seconds_or_a_date() -> None:
    assert seconds("7") == 7
    assert seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert 3500 < (seconds(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)) or 0) <= 3600
    assert [seconds(odd) for odd in (None, "", "soon", "-1", "1.5", "²", "Wed, 21 Oct 2015 07:28:00 -0000")] == [
        None
    ] * 7


date_pieces = st.sampled_from(["Wed,", "21", "Oct", "2015", "07:28:00", "GMT", "9" * 30, "-", "+9999", ":", "0"])


@given(st.text() | st.lists(date_pieces).map(" ".join))
def test_any_retry_after_can_be_read_or_ignored(text: str) -> None:
    found = seconds(text)
    assert found is None or found >= 0
