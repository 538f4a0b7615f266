"""How the bot is, for whoever watches it: the parts it depends on, and since when."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.billing import Billing
from bot.notifications import Watcher
from bot.refusals import BillingRefusal
from bot.store import Store, StoreError

# Nobody who asks often may make us ask billing often.
_FRESH_SECONDS = 10

Part = Mapping[str, Any]


class Health:
    """Looks at billing, the database and the platforms. Says nothing that a stranger might not read."""

    def __init__(
        self, billing: Billing, store: Store, watcher: Watcher, platforms: Mapping[str, Callable[[], Part]]
    ) -> None:
        self._billing = billing
        self._watcher = watcher
        self._store = store
        self._platforms = platforms
        self._since = time.monotonic()
        self._looked_at = -float(_FRESH_SECONDS)
        self._parts: dict[str, Part] = {}

    async def report(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and the report: `api`, `database`, `payments` and `platforms`, each with `ok`."""
        if time.monotonic() - self._looked_at >= _FRESH_SECONDS:
            self._looked_at = time.monotonic()
            self._parts = {"api": await self._api(), "database": await self._database()}
        platforms = {name: look() for name, look in self._platforms.items()}
        payments = self._watcher.report()
        well = all(part["ok"] for part in (*self._parts.values(), payments, *platforms.values()))
        ages = {"looked_seconds_ago": _since(self._looked_at), "running_seconds": _since(self._since)}
        return well, {"ok": well, **self._parts, "payments": payments, "platforms": platforms, **ages}

    async def _api(self) -> Part:
        try:
            answered = await self._billing.knock()
        except BillingRefusal as refusal:
            return {"ok": False, "why": type(refusal).__name__}
        return {"ok": True, "milliseconds": answered.milliseconds}

    async def _database(self) -> Part:
        try:
            await self._store.check()
        except StoreError as error:
            return {"ok": False, "why": str(error)}
        return {"ok": True}


def _since(moment: float) -> float:
    return round(time.monotonic() - moment, 1)
