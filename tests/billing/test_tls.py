import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.refusals import NotAnswering
from tests.billing.conftest import Client
from tests.billing.test_paying import payment
from tests.billing.wire import Peer, always, answer, wired

OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="NO openssl COMMAND: TLS IS NOT TESTED")


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody has any reason to trust."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(  # noqa: S603 - our own words only
        [
            *(str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return _server_of(key, certificate)


def _server_of(key: Path, certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _secure(port: int) -> str:
    return f"https://127.0.0.1:{port}"


async def test_a_stranger_gets_no_question(client: Client, own_certificate: ssl.SSLContext) -> None:
    async with wired(always(answer({})), own_certificate) as wire:
        with pytest.raises(NotAnswering) as said:
            await client(_secure(wire.port)).invoice("1")
    assert "SSLCertVerificationError" in said.value.for_admins
    assert wire.heard == []


async def test_a_stranger_gets_no_payment(client: Client, own_certificate: ssl.SSLContext) -> None:
    async with wired(always(answer({})), own_certificate) as wire:
        with pytest.raises(NotSentError):
            await client(_secure(wire.port)).record(payment())
    assert wire.heard == []


async def test_who_hangs_up_during_the_handshake_gets_no_payment(client: Client) -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with wired(script) as wire:
        with pytest.raises(NotSentError):
            await client(_secure(wire.port)).record(payment())


async def test_who_speaks_no_tls_gets_no_payment(client: Client) -> None:
    async def script(peer: Peer) -> None:
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with wired(script) as wire:
        with pytest.raises(NotSentError):
            await client(_secure(wire.port)).record(payment())


async def test_who_never_ends_the_handshake_gets_no_payment(client: Client) -> None:
    async with wired(Peer.gone) as wire:
        with pytest.raises(NotSentError, match="in time"):
            await client(_secure(wire.port), connect_seconds=0.3).record(payment())


async def test_tls_cut_after_the_payment_left_is_unknown(
    client: Client, own_certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", _trusting())

    async def script(peer: Peer) -> None:
        await peer.hear()
        peer.reset()

    async with wired(script, own_certificate) as wire:
        with pytest.raises(OutcomeUnknownError):
            await client(_secure(wire.port)).record(payment())
    assert len(wire.heard) == 1


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
