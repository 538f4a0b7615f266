"""Who may come in: the browser that opened the printed address, and nobody on its behalf."""

import hashlib
import hmac

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.words import _

CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Door:
    """Stands before the web chat: the right address, the right origin, the right token, or a 403 that says why.

    The who-am-I switch makes anybody anyone, so a page elsewhere must neither reach this one by another name of
    this machine (DNS rebinding) nor send anything in the reader's place.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        # Cookies don't know ports: two demos side by side need two names.
        self._cookie = f"casier-{port}"
        self._pass = hashlib.sha256(token.encode()).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at the door, or let in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, _sealed(send))

    def _answer(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if host not in self._hosts:
            return _refused(_("This page is served under its own address only."))
        if not _from_here(request, host):
            return _refused(_("Another page may not speak for you here."))
        if request.url.path == "/" and "token" in request.query_params:
            return self._welcome(request.query_params["token"])
        if not _same(request.cookies.get(self._cookie, ""), self._pass):
            return _refused(_("Please open the address that casier printed at its start; it ends in ?token=…"))
        return None

    def _welcome(self, token: str) -> Response:
        if not _same(token, self._token):
            return _refused(
                _("This token is not the one of this start. Please open the address that casier printed last.")
            )
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(self._cookie, self._pass, httponly=True, samesite="strict")
        return response


def _from_here(request: Request, host: str) -> bool:
    origins = request.headers.getlist("origin")
    if request.method not in ("GET", "HEAD") and not origins:
        return False
    return all(origin == f"http://{host}" for origin in origins)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _refused(reason: str) -> Response:
    return PlainTextResponse(reason, status_code=403)


def _sealed(send: Send) -> Send:
    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sealed
