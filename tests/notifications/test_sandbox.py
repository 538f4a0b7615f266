"""The watcher before the sandbox, whose list promises nothing."""

import pytest
from pydantic import SecretStr

from bot.billing import Billing, BillingOptions
from bot.notifications.look import Looking
from bot.store import Store
from sandbox import SandboxOptions, SandboxServer
from tests.notifications.lists import Ear


@pytest.mark.parametrize("order", ["scattered", "oldest", "newest", "random"])
@pytest.mark.parametrize("etag", [False, True])
async def test_what_happens_in_the_books_is_heard(store: Store, ear: Ear, order: str, etag: bool) -> None:  # noqa: FBT001
    options = SandboxOptions(payments_order=order, etag=etag, extra_fields=True)
    async with SandboxServer(options) as server:
        billing = Billing(BillingOptions(server.url, SecretStr(options.key)))
        looking = Looking(billing, store.known, ear)
        assert (await looking.look()).entries == 40
        status = server.books.query("SELECT status FROM payments WHERE id = 3")[0][0]
        server.whims.vanish(7)
        server.whims.restate(3, "refunded")
        await looking.look()
        server.whims.come_back(7)
        server.books.query(
            "INSERT INTO payments SELECT 99, invoice_id, 100, 'pending', paid_at, method, NULL FROM payments LIMIT 1"
        )
        await looking.look()
        await looking.look()
        await billing.close()
    assert await ear.heard() == [("3", "refunded", False, status), ("99", "pending", True, None)]
