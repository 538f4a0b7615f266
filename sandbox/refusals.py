"""Every error of the contract is `{"message": "…"}`, FastAPI's own included."""

from collections.abc import Callable, Coroutine
from typing import Any, cast

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Refused(Exception):  # noqa: N818  (it is an answer, not a failure of the program)
    """A request that the API turns down, with the words it does it in."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def unknown_customer(customer_id: str) -> Refused:
    """Say that there is no such customer."""
    return Refused(404, f"Clientul {customer_id} nu există.")


def unknown_invoice(number: str) -> Refused:
    """Say that there is no such invoice."""
    return Refused(404, f"Factura {number} nu există.")


def message_response(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Answer in the form that every error has."""
    return JSONResponse({"message": message}, status, headers)


async def on_refused(_request: Request, error: Exception) -> Response:
    """Answer what the sandbox itself turned down."""
    refused = cast("Refused", error)
    return message_response(refused.status, refused.message)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer an address or a method that does not exist."""
    http = cast("HTTPException", error)
    messages = {
        404: f"Adresa {request.url.path} nu există.",
        405: f"Metoda {request.method} nu este permisă la {request.url.path}.",
    }
    return message_response(http.status_code, messages.get(http.status_code, http.detail), dict(http.headers or {}))


async def on_invalid_request(_request: Request, error: Exception) -> Response:
    """Name the fields that FastAPI could not read."""
    errors = cast("RequestValidationError", error).errors()
    fields = sorted({str(place) for one in errors for place in one["loc"][1:]})
    return message_response(422, f"Cererea nu este validă: {', '.join(fields) or 'corpul lipsește'}.")


async def on_bug(_request: Request, _error: Exception) -> Response:
    """Answer for a mistake of the sandbox's own; the server logs it."""
    return message_response(500, "Eroare internă.")


HANDLERS: dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    Refused: on_refused,
    HTTPException: on_http_error,
    RequestValidationError: on_invalid_request,
    Exception: on_bug,
}
