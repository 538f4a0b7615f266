"""Who may ask: the key that every request carries."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader

from sandbox.refusals import Refused
from sandbox.state import Desk

HEADER = APIKeyHeader(name="x-api-key", auto_error=False, description="The sandbox's key, `sandbox-key` by default.")


async def check_key(desk: Desk, given: Annotated[str | None, Security(HEADER)]) -> None:
    """Refuse a request without the right key, taking the same time for every wrong one."""
    # Headers are read as Latin-1 (PEP 3333 and ASGI alike), the key may hold anything.
    if given is None or not compare_digest(given.encode("latin-1"), desk.options.key.encode()):
        raise Refused(401, "Unauthorized")
