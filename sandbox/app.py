"""The sandbox as an ASGI app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from sandbox import control, ledger, page, routes
from sandbox.arrivals import Arrivals
from sandbox.books import Books
from sandbox.breakage import Breakage
from sandbox.options import SandboxOptions
from sandbox.refusals import HANDLERS
from sandbox.seed import seed_books
from sandbox.state import Sandbox

DESCRIPTION = "A billing API to try things out with: the contract's six endpoints, and faults on demand."


def create_app(options: SandboxOptions | None = None) -> FastAPI:
    """Build a sandbox; its books are open from now until the app's lifespan ends."""
    sandbox = open_sandbox(options or SandboxOptions())
    app = FastAPI(
        title="Billing API (sandbox)",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers=HANDLERS,
    )
    app.state.sandbox = sandbox
    for family in (routes, control, page):
        app.include_router(family.router)
    app.add_middleware(Breakage, sandbox=sandbox)
    return app


def open_sandbox(options: SandboxOptions) -> Sandbox:
    """Open the books, seeding them if they are new."""
    books = Books(options.database)
    try:
        books.prepare(lambda db: seed_books(db, options))
        ledger.mark_overdue(books, options.now().date())
    except BaseException:
        books.close()
        raise
    return Sandbox(options, books)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Let payments arrive while the app runs, and close the books behind it."""
    sandbox: Sandbox = app.state.sandbox
    arriving = asyncio.create_task(_let_arrive(sandbox))
    try:
        yield
    finally:
        arriving.cancel()
        with suppress(asyncio.CancelledError):
            await arriving
        sandbox.books.close()


async def _let_arrive(sandbox: Sandbox) -> None:
    if sandbox.options.arrivals is not None:
        await Arrivals(sandbox.books, sandbox.options).go_on(sandbox.options.arrivals)
