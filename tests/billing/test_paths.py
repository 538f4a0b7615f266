import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.billing import BillingOptions
from bot.refusals import NotFound
from tests.billing.conftest import Client
from tests.billing.wire import always, answer, wired

INVOICE = {"id": "1", "number": "1", "amount": "1"}


@pytest.mark.parametrize("prefix", ["", "/", "/api/v1", "/api/v1/"])
async def test_the_address_may_have_a_path(client: Client, prefix: str) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        await client(wire.url + prefix).invoice("2024-001")
    assert wire.targets == [f"{prefix.rstrip('/')}/invoices/2024-001"]


@pytest.mark.parametrize(
    ("word", "segment"),
    [
        ("2024/001", "2024%2F001"),
        ("a b", "a%20b"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("%2e%2e", "%252e%252e"),
        ("..%2fpayments", "..%252fpayments"),
        ("a%2Fb", "a%252Fb"),
        ("a;b@c:d&e+f", "a%3Bb%40c%3Ad%26e%2Bf"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("ș\n\x00", "%C8%99%0A%00"),
    ],
)
async def test_an_id_stays_in_its_place(client: Client, word: str, segment: str) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        billing = client(wire.url + "/v1")
        await billing.invoice(word)
        await billing.customer(word)
    assert wire.targets == [f"/v1/invoices/{segment}", f"/v1/customers/{segment}"]


@pytest.mark.parametrize(
    "word", ["", ".", "..", "../payments", "a/../../payments", "a\\..\\b", "x/.", "\ud800", "9" * 300]
)
async def test_an_id_that_might_lead_elsewhere_is_not_even_asked_for(client: Client, word: str) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        billing = client(wire.url)
        for ask in (billing.invoice, billing.customer):
            with pytest.raises(NotFound):
                await ask(word)
        with pytest.raises(NotFound):
            [invoice async for invoice in billing.invoices_of(word)]
    assert wire.connections == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("./\\%2eEfF?#; a\u2024\uff0e\u2215é"), min_size=1, max_size=8))
async def test_no_id_reaches_another_question(client: Client, word: str) -> None:
    async with wired(always(answer(INVOICE))) as wire:
        billing = client(wire.url)
        try:
            await billing.invoice(word)
        except NotFound:
            return
        finally:
            await billing.close()
    (target,) = wire.targets
    assert target.startswith("/invoices/")
    assert target.count("/") == 2
    assert not {"?", "#", "\\"} & set(target)
    assert target != "/invoices/."
    assert target != "/invoices/.."


@pytest.mark.parametrize("url", ["http://me:secret@host", "http://host?key=1", "http://host/#x"])
def test_an_address_with_more_than_an_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="must be plain") as said:
        BillingOptions(url, SecretStr("k"))
    assert "secret" not in str(said.value)
