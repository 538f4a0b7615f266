"""What one sandbox is made of, within reach of its endpoints."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from sandbox.books import Books
from sandbox.faults import Faults
from sandbox.options import SandboxOptions

REMEMBERED_REQUESTS = 10_000


@dataclass(frozen=True)
class Sandbox:
    """One billing API: its options, its books, the faults that wait, and the requests that came."""

    options: SandboxOptions
    books: Books
    faults: Faults = field(default_factory=Faults)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of the last requests, oldest first; those to `/sandbox/…` are not noted."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, method: str, path: str) -> None:
        """Remember a request, and forget the ones of long ago."""
        self.requests.append((method, path))
        del self.requests[:-REMEMBERED_REQUESTS]


async def sandbox_of(request: Request) -> Sandbox:
    """Find the sandbox that a request came to."""
    return cast("Sandbox", request.app.state.sandbox)


Desk = Annotated[Sandbox, Depends(sandbox_of)]
