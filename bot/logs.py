"""Logs: one line an event, on standard error, with no secret, name or contact in them, from libraries either."""

import json
import logging
import re
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
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "sse_starlette",
    "stamina",
    "telegram",
    "uvicorn",
)


# What `LogRecord` would find out for every line, and nobody reads.
_UNREAD = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")
_ODD = re.compile(r"[\s=\"']")


def set_up_logs(level: str, form: Literal["console", "json"], secrets: Iterable[str]) -> None:
    """Send our own and the libraries' lines through the same processors; `secrets` never appear in any."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    for each in _UNREAD:
        setattr(logging, each, False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form, shared, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _formatter(
    form: str, shared: list[structlog.typing.Processor], secrets: Iterable[str]
) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_renderers(form),
            _hiding(secrets),
        ],
    )


def _renderers(form: str) -> list[structlog.typing.Processor]:
    """Tracebacks are without local variables: those hold names and amounts."""
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, _line]


def _line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """A line as structlog's own renderer writes it, at a fifth of the price: most of it is for colours."""
    when, level, said, where = [event.pop(name, "") for name in ("timestamp", "level", "event", "logger")]
    traceback = event.pop("exception", "")
    told = " ".join([f"{name}={_value(value)}" for name, value in event.items()])
    line = f"{when} [{level:<8}] {said:<30} [{where}] {told}".rstrip()
    return f"{line}\n{traceback}" if traceback else line


def _value(value: object) -> str:
    """As it is, where that can't be taken for anything else."""
    return value if isinstance(value, str) and value and not _ODD.search(value) else repr(value)


def _hiding(secrets: Iterable[str]) -> structlog.typing.Processor:
    """Take the secrets out of a whole line, as they are and as texts within texts show them."""
    forms = {form for secret in secrets if secret for shown in (secret, repr(secret)[1:-1]) for form in _written(shown)}
    # The longest first, lest part of one stays; where there are none, what matches nothing.
    found = re.compile("|".join(sorted(map(re.escape, forms), key=len, reverse=True)) or "(?!)")

    def hide(_logger: object, _method: str, line: Any) -> str:  # noqa: ANN401 - what the renderer made
        return found.sub(_HIDDEN, line)

    return hide


def _written(text: str) -> tuple[str, str]:
    """As it is, and as JSON has it."""
    return text, json.dumps(text)[1:-1]
