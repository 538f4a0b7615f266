"""What people are called: Slack says it when it is asked, and mostly the first time is enough."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import replace

from bot.message import Sender
from bot.platforms.slack.api import Api
from bot.platforms.slack.faults import SlackAwayError, SlackNoError

_MOST = 4096
_FRESH_SECONDS = 3600
_PATIENCE_SECONDS = 2


class Names:
    """Asks once an hour for each person; who can't be asked for is called what Slack's event called them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._asked: OrderedDict[str, tuple[float, asyncio.Task[str]]] = OrderedDict()

    async def named(self, sender: Sender) -> Sender:
        """The same person, with the name that people see."""
        at, asking = self._asked.get(sender.id) or (0.0, None)
        if asking is None or time.monotonic() - at > _FRESH_SECONDS:
            asking = asyncio.create_task(self._ask(sender.id))
            self._asked[sender.id] = (time.monotonic(), asking)
            if len(self._asked) > _MOST:
                self._asked.popitem(last=False)
        await asyncio.wait([asking], timeout=_PATIENCE_SECONDS)
        name = asking.result() if asking.done() and not asking.cancelled() else ""
        if not name:
            self._asked.pop(sender.id, None)
        return replace(sender, name=name) if name else sender

    async def _ask(self, user: str) -> str:
        try:
            profile = (await self._api.ask("users.info", user=user))["user"]["profile"]
        except (SlackAwayError, SlackNoError):
            return ""
        return str(profile.get("display_name") or profile.get("real_name") or "")
