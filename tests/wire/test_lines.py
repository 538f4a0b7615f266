import asyncio
import gzip
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.wire import (
    CutError,
    LateError,
    Limits,
    Lines,
    NotConnectedError,
    NotHttpError,
    TooLargeError,
    WireError,
    head,
    question,
)
from bot.wire.line import Line
from tests.billing.wire import Peer, Script, always, answer, once, silent, wired

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
LARGEST = 100_000
ASKED = question("GET", "/1", head({"host": "somewhere"}))

Open = Callable[..., Lines]


@pytest.fixture
async def lines() -> AsyncIterator[Open]:
    """Lines to any address, closed at the end."""
    async with AsyncExitStack() as stack:

        def make(url: str, trusted: ssl.SSLContext | None = None, **limits: float) -> Lines:
            usual: dict[str, float] = {"connect": 0.5, "silence": 0.3, "whole": 1}
            found = Lines(url, Limits(**{**usual, **limits}, body=LARGEST), trusted)  # type: ignore[arg-type]
            stack.push_async_callback(found.close)
            return found

        yield make


async def body_of(lines: Open, script: Script) -> bytes:
    async with wired(script) as wire:
        return (await lines(wire.url).ask(ASKED)).body


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (answer(b"hello"), 200, b"hello"),
        (answer(b""), 200, b""),
        (answer(b"no such thing", 404), 404, b"no such thing"),
        (answer(b"", 302, "location: /elsewhere"), 302, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", 304, b""),
        (CHUNKED + b"3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nretry-after: 9\r\n\r\n", 200, b"hello"),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello"),
        (b"HTTP/1.1 200 OK\ncontent-length: 5\n\nhello", 200, b"hello"),
        (CHUNKED + b"5  \r\nhello\r\n0\r\n\r\n", 200, b"hello"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(b"hello"), 200, b"hello"),
        (b"HTTP/1.1 103 Early Hints\r\nretry-after: 9\r\n\r\n" + answer(b"hello"), 200, b"hello"),
        (answer(gzip.compress(b"hello", mtime=0), 200, "Content-Encoding: GZIP"), 200, b"hello"),
        (answer(b"hello", 200, "content-encoding: br"), 200, b"hello"),
    ],
)
@pytest.mark.parametrize("bite", [1, 1 << 20])
async def test_every_kind_of_answer_is_read(lines: Open, sent: bytes, status: int, body: bytes, bite: int) -> None:
    pieces = [sent[start : start + bite] for start in range(0, len(sent), bite)]
    async with wired(always(*pieces)) as wire:
        asked = lines(wire.url)
        found = [await asked.ask(ASKED) for _time in range(2)]
    assert [(each.status, each.body, each.header(b"retry-after")) for each in found] == [(status, body, None)] * 2
    assert wire.heard == [ASKED] * 2


async def test_a_body_may_end_with_its_connection(lines: Open) -> None:
    assert await body_of(lines, once(OK + b"\r\nhel", b"lo")) == b"hello"
    assert await body_of(lines, once(OK + b"\r\n")) == b""


async def test_what_ends_with_its_connection_can_be_cut(lines: Open) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + b"\r\nhel", pause=0.05)
        peer.reset()

    with pytest.raises(CutError, match="ConnectionResetError"):
        await body_of(lines, script)


async def test_headers_are_found_by_their_names_in_small_letters(lines: Open) -> None:
    async with wired(always(answer(b"", 429, "Retry-After: 7", "X-Name: Caf\xe9"))) as wire:
        found = await lines(wire.url).ask(ASKED)
    assert (found.header(b"retry-after"), found.header(b"date")) == ("7", None)


@pytest.mark.parametrize(
    "sent",
    [
        b"<html>no HTTP at all</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        OK + b"content-length: -5\r\n\r\n",
        OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"x: " + b"x" * 20_000 + b"\r\n\r\n",
        OK + b"x: y\r\n" * 10_000 + b"\r\n",
        CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        answer(b"not packed", 200, "content-encoding: gzip"),
        answer(gzip.compress(b"hello" * 99, mtime=0)[:-12], 200, "content-encoding: gzip"),
    ],
)
@pytest.mark.parametrize("bite", [7, 1 << 20])
async def test_nonsense_is_none(lines: Open, sent: bytes, bite: int) -> None:
    pieces = [sent[start : start + bite] for start in range(0, len(sent), bite)]
    async with wired(once(*pieces)) as wire:
        with pytest.raises(NotHttpError):
            await lines(wire.url).ask(ASKED, again=True)
    assert len(wire.heard) == 1


async def test_a_head_without_end_is_nonsense_before_there_is_no_room_for_it(lines: Open) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + b"x: ")
        while True:
            await peer.say(b"x" * 1000)

    with pytest.raises(NotHttpError, match="without end"):
        await body_of(lines, script)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_without_end_is_too_large(lines: Open, packed: bool) -> None:  # noqa: FBT001
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + b"\r\n")
        while True:
            await peer.say(b"x" * 10_000)

    bomb = gzip.compress(b"x" * 20_000_000)
    with pytest.raises(TooLargeError):
        await body_of(lines, once(answer(bomb, 200, "content-encoding: gzip")) if packed else script)


@pytest.mark.parametrize(
    ("sent", "begun"),
    [
        (b"", False),
        (b"HTTP/1.1 2", True),
        (OK, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n", True),
        (OK + b"content-length: 50\r\n\r\n", True),
        (OK + b"content-length: 50\r\n\r\nhalf", True),
        (CHUNKED + b"5\r\nhello\r\n", True),
    ],
)
async def test_a_cut_answer_is_none_and_says_whether_it_had_begun(lines: Open, sent: bytes, begun: bool) -> None:  # noqa: FBT001
    async with wired(once(sent)) as wire:
        with pytest.raises(CutError, match="hung up") as said:
            await lines(wire.url).ask(ASKED, again=True)
    assert said.value.begun is begun
    assert len(wire.heard) == 1


async def test_connections_are_kept_and_shared(lines: Open) -> None:
    async with wired(always(answer(b"hello"))) as wire:
        asked = lines(wire.url)
        for _time in range(20):
            await asked.ask(ASKED)
        assert wire.connections == 1
        await asyncio.gather(*(asked.ask(ASKED) for _time in range(20)))
    assert 1 < wire.connections <= 20
    assert len(wire.heard) == 40


async def test_no_more_connections_than_allowed(lines: Open) -> None:
    async with wired(always(b"", answer(b"hello"), pause=0.01)) as wire:
        asked = lines(wire.url, connections=3, whole=5)
        await asyncio.gather(*(asked.ask(ASKED) for _time in range(20)))
    assert wire.connections == 3


async def test_waiting_for_a_connection_ends_in_time_with_nothing_sent(lines: Open) -> None:
    async with wired(silent) as wire:
        asked = lines(wire.url, connections=1, silence=5, whole=5)
        first = asyncio.create_task(asked.ask(ASKED))
        await asyncio.sleep(0.05)
        with pytest.raises(NotConnectedError, match="in time"):
            await asked.ask(ASKED, whole=0.1)
        await asked.close()
        with pytest.raises(CutError):
            await first
    assert len(wire.heard) == 1


@pytest.mark.parametrize("sent", [answer(b"hello", 200, "connection: close"), b"HTTP/1.0 200 OK\r\n\r\nhello"])
async def test_a_connection_that_shall_end_is_not_used_again(lines: Open, sent: bytes) -> None:
    async with wired(once(sent)) as wire:
        asked = lines(wire.url)
        for _time in range(3):
            assert (await asked.ask(ASKED)).body == b"hello"
    assert wire.connections == 3


async def test_a_connection_unused_for_long_is_not_used_again(lines: Open) -> None:
    async with wired(always(answer(b"hello"))) as wire:
        asked = lines(wire.url, idle=0.05)
        await asked.ask(ASKED)
        await asyncio.sleep(0.1)
        await asked.ask(ASKED)
    assert wire.connections == 2


def _leaving(after: bytes) -> Script:
    """Answer the first question of the first connection; then take one more and leave, having said so much."""

    async def script(peer: Peer) -> None:
        while await peer.hear():
            if peer.number == 1 and len(peer.wire.heard) > 1:
                await peer.say(after)
                return
            await peer.say(answer(b"hello"))

    return script


async def test_a_stale_connection_is_not_noticed_where_asking_twice_does_no_harm(lines: Open) -> None:
    async with wired(_leaving(b"")) as wire:
        asked = lines(wire.url)
        for _time in range(2):
            assert (await asked.ask(ASKED, again=True)).body == b"hello"
    assert (wire.connections, len(wire.heard)) == (2, 3)


@pytest.mark.parametrize(("after", "again"), [(b"", False), (b"HTTP", True)])
async def test_nothing_else_is_asked_twice(lines: Open, after: bytes, again: bool) -> None:  # noqa: FBT001
    async with wired(_leaving(after)) as wire:
        asked = lines(wire.url)
        await asked.ask(ASKED)
        with pytest.raises(CutError):
            await asked.ask(ASKED, again=again)
    assert len(wire.heard) == 2


async def test_a_server_that_always_leaves_is_asked_twice_at_most(lines: Open) -> None:
    async def script(peer: Peer) -> None:
        if await peer.hear() and peer.number == 1:
            await peer.say(answer(b"hello"))
            await peer.hear()

    async with wired(script) as wire:
        asked = lines(wire.url)
        await asked.ask(ASKED)
        with pytest.raises(CutError):
            await asked.ask(ASKED, again=True)
    assert len(wire.heard) == 3


@pytest.mark.parametrize("more", [answer(b"another's"), b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
async def test_what_follows_an_answer_is_never_the_next(lines: Open, more: bytes) -> None:
    async with wired(always(answer(b"hello") + more)) as wire:
        asked = lines(wire.url)
        assert [(await asked.ask(ASKED)).body for _time in range(3)] == [b"hello"] * 3
    async with wired(always(answer(b"hello"), b"", more, pause=0.02)) as wire:
        asked = lines(wire.url)
        for _time in range(3):
            assert (await asked.ask(ASKED)).body == b"hello"
            await asyncio.sleep(0.06)
    assert wire.connections == 3


async def test_an_answer_to_somebody_who_has_gone_is_never_the_next(lines: Open) -> None:
    async def script(peer: Peer) -> None:
        while request := await peer.hear():
            await asyncio.sleep(0.1)
            await peer.say(answer(request.split()[1]))

    async with wired(script) as wire:
        asked = lines(wire.url, connections=1)
        gone = asyncio.create_task(asked.ask(question("GET", "/gone", b"")))
        await asyncio.sleep(0.05)
        gone.cancel()
        assert (await asked.ask(question("GET", "/here", b""))).body == b"/here"


async def test_a_line_that_is_gone_before_it_is_used_is_cut_at_once() -> None:
    with pytest.raises(CutError) as said:
        await Line(LARGEST).ask(ASKED, 5, 5)
    assert not said.value.begun


async def test_nobody_there_means_nothing_was_sent(lines: Open) -> None:
    async with wired(silent) as wire:
        pass
    with pytest.raises(NotConnectedError, match="ConnectionRefusedError"):
        await lines(wire.url).ask(ASKED)
    with pytest.raises(NotConnectedError):
        await lines(f"http://{'a' * 64}.invalid").ask(ASKED)


@pytest.mark.parametrize("whole", [5, 0.2])
async def test_who_never_accepts_is_given_up_in_time(lines: Open, full_port: Callable[[], int], whole: float) -> None:
    started = time.monotonic()
    with pytest.raises(NotConnectedError, match="in time"):
        await lines(f"http://127.0.0.1:{full_port()}", connect=0.3, whole=whole).ask(ASKED)
    assert time.monotonic() - started < 1


@pytest.mark.usefixtures("slow_names")
async def test_a_name_that_takes_too_long_is_given_up_in_time(lines: Open) -> None:
    with pytest.raises(NotConnectedError, match="in time"):
        await lines("http://localhost:1", connect=0.2).ask(ASKED)


async def test_silence_is_late(lines: Open) -> None:
    async with wired(silent) as wire:
        with pytest.raises(LateError):
            await lines(wire.url, silence=0.1, whole=5).ask(ASKED, again=True)
        with pytest.raises(LateError):
            await lines(wire.url, silence=5).ask(ASKED, again=True, whole=0.1)
    assert len(wire.heard) == 2


async def test_what_drips_is_waited_for_and_no_longer_than_the_whole_may_take(lines: Open) -> None:
    drops = [OK + b"content-length: 12\r\n\r\n", *[b"x"] * 12]
    async with wired(always(*drops, pause=0.05)) as wire:
        assert (await lines(wire.url, silence=0.2, whole=5).ask(ASKED)).body == b"x" * 12
        with pytest.raises(LateError):
            await lines(wire.url, silence=0.2, whole=0.3).ask(ASKED)


async def test_closing_ends_everything(lines: Open) -> None:
    async with wired(silent) as wire:
        asked = lines(wire.url, silence=5, whole=5)
        waiting = asyncio.create_task(asked.ask(ASKED))
        await asyncio.sleep(0.05)
        await asked.close()
        with pytest.raises(CutError):
            await waiting
        with pytest.raises(NotConnectedError, match="closed"):
            await asked.ask(ASKED)


async def test_a_connection_that_is_made_while_closing_is_closed(lines: Open) -> None:
    async with wired(Peer.gone) as wire:
        asked = lines(wire.url)
        waiting = [asyncio.create_task(asked.ask(ASKED)) for _time in range(5)]
        await asyncio.sleep(0)
        await asked.close()
        found = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(each, WireError) for each in found)


def test_what_could_be_taken_for_more_than_one_question_is_never_sent() -> None:
    for target in ("", "elsewhere", "/a b", "/a\r\nx: y", "/ă", "/a\n"):
        with pytest.raises(ValueError, match="path"):
            question("GET", target, b"")
    for name, value in (("X", "y"), ("a b", "y"), ("", "y"), ("x", "y\r\nz: 1"), ("x", "ă"), ("x", "y\n")):
        with pytest.raises(ValueError, match="header"):
            head({name: value})
    assert question("POST", "/a?b", b"x: y\r\n", b"{}") == b"POST /a?b HTTP/1.1\r\nx: y\r\ncontent-length: 2\r\n\r\n{}"


OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="NO openssl COMMAND: TLS IS NOT TESTED")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key, and a certificate of its own for `localhost`, and for no address."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(  # noqa: S603 - our own words only
        [
            *(str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """A server's end of TLS; it writes down which name it was asked for in `sni`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    return context


@needs_openssl
async def test_over_tls_the_server_is_asked_by_its_name(
    lines: Open, certificate: tuple[Path, Path], secure: ssl.SSLContext
) -> None:
    names: list[str | None] = []
    secure.sni_callback = lambda _socket, name, _context: names.append(name)
    async with wired(always(answer(b"hello")), secure) as wire:
        asked = lines(f"https://localhost:{wire.port}", ssl.create_default_context(cafile=certificate[1]))
        assert [(await asked.ask(ASKED)).body for _time in range(3)] == [b"hello"] * 3
    assert (wire.connections, names) == (1, ["localhost"])


@needs_openssl
async def test_over_tls_a_cut_answer_is_cut(
    lines: Open, certificate: tuple[Path, Path], secure: ssl.SSLContext
) -> None:
    async def script(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + b"content-length: 50\r\n\r\nhalf")
        peer.reset()

    async with wired(script, secure) as wire:
        trusted = ssl.create_default_context(cafile=certificate[1])
        with pytest.raises(CutError):
            await lines(f"https://localhost:{wire.port}", trusted).ask(ASKED)


@needs_openssl
@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "another name"])
async def test_whoever_can_t_prove_to_be_meant_hears_nothing(
    lines: Open,
    certificate: tuple[Path, Path],
    secure: ssl.SSLContext,
    known: bool,  # noqa: FBT001
) -> None:
    trusted = ssl.create_default_context(cafile=certificate[1]) if known else None
    host = "127.0.0.1" if known else "localhost"
    async with wired(always(answer(b"hello")), secure) as wire:
        with pytest.raises(NotConnectedError, match="SSLCertVerificationError"):
            await lines(f"https://{host}:{wire.port}", trusted).ask(ASKED)
    assert wire.heard == []


async def test_who_speaks_no_tls_hears_nothing(lines: Open) -> None:
    async with wired(always(answer(b"hello"))) as wire:
        with pytest.raises(NotConnectedError):
            await lines(f"https://localhost:{wire.port}").ask(ASKED)
    assert wire.heard == []
