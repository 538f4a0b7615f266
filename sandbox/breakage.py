"""The layer in front of the API that notes each request and lets faults strike."""

import json
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.exchange import LARGEST_BODY, Exchange, read_request, replay
from sandbox.faults import Fault, FaultKind
from sandbox.state import Sandbox

PIECES = 10
HANG_SECONDS = 60.0
NOT_JSON = '<html><body><h1>It works!</h1></body></html>{"data": ['
WRONG_SHAPE = '{"unexpected": {"shape": [1, null, "doi"]}}'
CONTROL = "/sandbox/"


class Breakage:
    """ASGI middleware: what happens to requests on their way to the API and back."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self.app = app
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, struck by the fault that waits for it."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        self.sandbox.note(scope["method"], scope["path"])
        body = await read_request(receive)
        if body is not None:
            await self._answer(Exchange(self.app, scope, replay(body, receive), send, self.sandbox.closing), len(body))

    async def _answer(self, exchange: Exchange, size: int) -> None:
        fault = self.sandbox.faults.take(exchange.scope["method"], exchange.scope["path"])
        if size > LARGEST_BODY:
            await exchange.reply(413, _in_words("Cererea este prea mare."), {"connection": "close"})
        elif fault is None:
            await self.app(exchange.scope, exchange.receive, exchange.send)
        else:
            await STRIKES[fault.kind](exchange, fault)


async def delay(exchange: Exchange, fault: Fault) -> None:
    """Do as asked, but late: also when the client has given up meanwhile, as real servers do."""
    if await exchange.pause(fault.lasts(1)):
        await exchange.app(exchange.scope, exchange.receive, exchange.send)
    else:
        await exchange.drop()


async def fail(exchange: Exchange, fault: Fault) -> None:
    """Answer with an error and do nothing."""
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    await exchange.reply(fault.status or 503, _body(fault, "Serviciul nu este disponibil."), headers)


async def fail_after(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and answer with an error."""
    await exchange.perform()
    await fail(exchange, fault)


async def refuse_key(exchange: Exchange, fault: Fault) -> None:
    """Find the key wrong."""
    await exchange.reply(401, _body(fault, "Unauthorized"))


async def slow_down(exchange: Exchange, fault: Fault) -> None:
    """Ask for fewer requests."""
    after = 1 if fault.retry_after is None else fault.retry_after
    await exchange.reply(429, _body(fault, "Prea multe cereri."), {"retry-after": str(after)})


async def redirect(exchange: Exchange, fault: Fault) -> None:
    """Send the client elsewhere."""
    await exchange.reply(fault.status or 302, _body(fault, "Mutat."), {"location": fault.location})


async def drop(exchange: Exchange, fault: Fault) -> None:
    """Close the connection and do nothing."""
    await exchange.drop(reset=fault.reset)


async def drop_after(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and close the connection without a word."""
    await exchange.perform()
    await exchange.drop(reset=fault.reset)


async def hang(exchange: Exchange, fault: Fault) -> None:
    """Do nothing and say nothing."""
    await exchange.hold(fault.lasts(HANG_SECONDS))


async def hang_after(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and say nothing."""
    await exchange.perform()
    await exchange.hold(fault.lasts(HANG_SECONDS))


async def halve(exchange: Exchange, _fault: Fault) -> None:
    """Promise the whole answer and close after half of it."""
    answer = await exchange.perform()
    await exchange.start(answer.status, answer.headers)
    await exchange.write(answer.body[: len(answer.body) // 2], more=True)
    await exchange.cut()


async def garble(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and answer in something that is not JSON."""
    answer = await exchange.perform()
    await exchange.reply(answer.status, (fault.body or NOT_JSON).encode())


async def misshape(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and answer in JSON of another shape."""
    answer = await exchange.perform()
    await exchange.reply(answer.status, (fault.body or WRONG_SHAPE).encode())


async def drip(exchange: Exchange, fault: Fault) -> None:
    """Do as asked and take `seconds` for the body."""
    answer = await exchange.perform()
    await exchange.start(answer.status, answer.headers)
    step = len(answer.body) // PIECES + 1
    for start in range(0, len(answer.body), step):
        await exchange.write(answer.body[start : start + step], more=True)
        await exchange.pause(fault.lasts(1) / PIECES)
    await exchange.write(b"")


def _body(fault: Fault, message: str) -> bytes:
    return _in_words(message) if fault.body is None else fault.body.encode()


def _in_words(message: str) -> bytes:
    return json.dumps({"message": message}, ensure_ascii=False).encode()


STRIKES: dict[FaultKind, Callable[[Exchange, Fault], Awaitable[None]]] = {
    FaultKind.DELAY: delay,
    FaultKind.ERROR_BEFORE_COMMIT: fail,
    FaultKind.DROP_BEFORE_COMMIT: drop,
    FaultKind.HANG: hang,
    FaultKind.UNAUTHORIZED: refuse_key,
    FaultKind.TOO_MANY: slow_down,
    FaultKind.REDIRECT: redirect,
    FaultKind.ERROR_AFTER_COMMIT: fail_after,
    FaultKind.DROP_AFTER_COMMIT: drop_after,
    FaultKind.HANG_AFTER_COMMIT: hang_after,
    FaultKind.HALF_BODY: halve,
    FaultKind.WRONG_JSON: garble,
    FaultKind.WRONG_SHAPE: misshape,
    FaultKind.SLOW_BODY: drip,
}
