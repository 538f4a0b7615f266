"""Logs: one line an event, on standard error, with no secret, name or contact in them, from libraries either."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

_HIDDEN = "[hidden]"
# Whole addresses (a Telegram token is part of one) and requests are of no use to an operator.
_TALKATIVE = (
    "aiohttp",
    "aiolimiter",
    "aiosqlite",
    "alembic",
    "asyncio",
    "httpcore",
    "httpx",
    "psycopg",
    "sqlalchemy",
    "sse_starlette",
    "stamina",
    "telegram",
    "uvicorn",
)


def set_up_logs(level: str, form: Literal["console", "json"], secrets: Iterable[str]) -> None:
    """Send our own and the libraries' lines through the same processors; `secrets` never appear in any."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form, shared, [secret for secret in secrets if secret]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(
    form: str,
    shared: list[structlog.typing.Processor],
    secrets: list[str],
) -> structlog.stdlib.ProcessorFormatter:
    # Tracebacks without local variables: those hold names and amounts.
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
    )
    last: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]

    def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: _without(value, secrets) for key, value in event.items()}

    def hide_text(_logger: object, _method: str, line: Any) -> Any:  # noqa: ANN401 - what the renderer made
        return _without(line, secrets)

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            hide,
            *([plain] if form == "console" else last),
            hide_text,
        ],
    )


def _without(value: object, secrets: list[str]) -> object:
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, _HIDDEN)
    return value
