import asyncio
import gc
import io
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot.billing import Billing, BillingOptions, NewPayment
from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.logs import set_up_logs
from bot.refusals import BillingRefusal
from tests.billing.conftest import Client
from tests.billing.test_paying import payment
from tests.billing.wire import KEY, always, answer, once, silent, wired

LIBRARIES = ("httpx", "httpcore", "aiohttp", "aiohttp.client", "asyncio", "stamina", "tenacity", "bot")


@pytest.fixture
def printed(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is logged, by us and by every library, down to DEBUG; the test says which secrets are hidden."""
    loggers = [logging.getLogger(name) for name in ("", *LIBRARIES)]
    levels, handlers, config = [each.level for each in loggers], logging.getLogger().handlers, structlog.get_config()
    set_up_logs("DEBUG", "json", request.param)
    structlog.configure(cache_logger_on_first_use=False)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    found = io.StringIO()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(found)
    yield found
    structlog.configure(**config)
    logging.getLogger().handlers = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


TROUBLE = [
    answer({"message": f"The key {KEY} is wrong."}, 401),
    answer({"message": f"Nothing for {KEY}."}, 404),
    answer({"message": f"{KEY} does not fit."}, 422),
    answer({"message": KEY}, 503, "retry-after: 0"),
    answer(b"", 302, f"location: http://127.0.0.1/{KEY}"),
    answer([{"id": None, "name": KEY}]),
    answer({"id": KEY, "amount": KEY}),
    f"nonsense {KEY}\r\n\r\n".encode(),
    f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode(),
    f"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{KEY}\r\n".encode(),
    b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[",
    b"",
]


async def _every_question(billing: Billing) -> list[Exception]:
    async def all_payments() -> None:
        [payment async for payment in billing.payments()]

    asked = (billing.customer("7"), billing.invoice("1"), billing.record(payment()), all_payments())
    found = await asyncio.gather(*asked, return_exceptions=True)
    return [each for each in found if isinstance(each, Exception)]


def _told(error: BaseException | None) -> str:
    """Everything that an error and what led to it can say."""
    if error is None:
        return ""
    own = "".join([str(error), repr(error), repr(error.args), *traceback.format_exception(error)])
    more = getattr(error, "for_admins", "")
    return f"{own}{more}{_told(error.__cause__)}{_told(error.__context__)}"


@pytest.mark.parametrize("printed", [[KEY], []], indirect=True, ids=["hidden", "open"])
async def test_the_key_is_in_no_log_and_no_error(client: Client, printed: io.StringIO) -> None:
    asyncio.get_running_loop().set_debug(True)
    errors: list[Exception] = []
    for script in [silent, *map(once, TROUBLE)]:
        async with wired(script) as wire:
            errors += await _every_question(client(wire.url, read_seconds=0.2, deadline_seconds=0.5))
    async with wired(silent) as gone:
        pass
    errors += await _every_question(client(gone.url, deadline_seconds=0.5))
    gc.collect()
    assert len(errors) > 40
    assert all(isinstance(error, BillingRefusal | NotSentError | OutcomeUnknownError) for error in errors)
    assert KEY not in "".join(map(_told, errors))
    assert KEY not in printed.getvalue()
    for event in ("billing.unavailable", "billing.nonsense", "billing.unreadable", "stamina.retry_scheduled"):
        assert event in printed.getvalue()


async def test_the_key_is_in_no_repr(client: Client) -> None:
    async with wired(always(answer([]))) as wire:
        billing = client(wire.url)
        options = BillingOptions(wire.url, SecretStr(KEY))
        payments = billing.payments()
        shown = [billing, options, payments, vars(billing)["_options"], vars(billing)["_reading"]]
        assert KEY not in "".join([*map(repr, shown), *map(str, shown)])
        assert [payment async for payment in payments] == []


async def test_the_key_is_in_the_header_and_nowhere_else(client: Client) -> None:
    async with wired(always(answer([]))) as wire:
        await _every_question(client(wire.url))
    assert len(wire.heard) == 4
    for request in wire.heard:
        assert request.count(KEY.encode()) == 1
        assert f"\r\nx-api-key: {KEY}\r\n".encode() in request


@pytest.mark.parametrize("key", ["", "with\nline", "with\r\nx-more: 1", "cheieă", "nul\x00", "tab\t"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ValueError, match="billing key must be printable") as said:
        BillingOptions("http://127.0.0.1", SecretStr(key))
    assert not key or repr(key)[1:-1] not in _told(said.value)


async def test_neither_proxies_nor_netrc_of_the_environment_see_a_request(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with wired(always(answer([]))) as wire, wired(always(answer([]))) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        await _every_question(client(wire.url))
    assert (len(wire.heard), proxy.connections) == (4, 0)
    assert not any(b"authorization" in request.lower() for request in wire.heard)


def test_a_payment_shows_no_key_because_it_has_none() -> None:
    assert "key" not in {*NewPayment.__struct_fields__}
