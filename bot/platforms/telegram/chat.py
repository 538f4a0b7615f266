"""Telegram, joined: what comes in goes to the App, what the App says goes out."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.message import CardRef, Chat, Message
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.faults import WrongTokenError, asked_pause, is_passing
from bot.platforms.telegram.inbound import Inbound
from bot.platforms.telegram.menu import Menu, offer
from bot.platforms.telegram.options import Core, TelegramOptions
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.poller import Poller
from bot.platforms.telegram.post import News, Post
from bot.platforms.telegram.reception import Reception
from bot.platforms.telegram.request import WireRequest
from bot.platforms.telegram.shorts import Shorts
from bot.platforms.telegram.updates import KINDS, User
from bot.platforms.telegram.webhook import Webhook
from bot.reply import Reply
from bot.settings import SettingsError
from bot.words import _

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 30.0


class TelegramChat:
    """The bot on Telegram, and the `Outlet` that shows replies there.

    `webhook` is the ASGI endpoint to be served at the webhook's path; None where updates are fetched.
    """

    def __init__(self, options: TelegramOptions, core: Core, shorts: Shorts, menus: Mapping[str, Menu]) -> None:
        self._options = options
        self._menus = menus
        self._request = WireRequest(options.url, options.request)
        self._api = Api(options.url, options.token, self._request, Pace(options.rates))
        self._post = Post(self._api, shorts, News(core.moved, core.closed))
        self._reception = Reception(options, core, self._api, self._post, shorts)
        take = self._reception.take
        self._poller = None if options.webhook_url else Poller(self._api, take, options.poll, options.pause)
        self.webhook = Webhook(options.webhook_secret, take, options.request) if options.webhook_url else None

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - what is asked there is answered by another outlet
        under: CardRef | None = None,
    ) -> CardRef:
        """Show a reply as a new card; `ChatClosedError` where we can't write."""
        return await self._post.send(chat, reply, int(under.message) if under else None)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew; `CardGoneError` where that can't be done."""
        await self._post.edit(card, reply)

    def state(self) -> dict[str, Any]:
        """How we are, for whoever watches: whether updates come in, and how long ago the last one did."""
        trouble = self._poller.trouble if self._poller else ""
        idle = self._reception.idle_seconds
        return {
            "ok": self._reception.is_open and not trouble,
            "mode": "polling" if self._poller else "webhook",
            "trouble": trouble or None,
            "last_update_seconds_ago": None if idle is None else round(idle, 1),
        }

    @asynccontextmanager
    async def running(self, patience: float = 10) -> AsyncIterator[None]:
        """Answer while the block runs. `WrongTokenError` if Telegram doesn't know us.

        If Telegram can't be reached within `patience` seconds the block runs all the same, and it is tried on and on.
        """
        async with self._request:
            ready = asyncio.Event()
            living = asyncio.create_task(self._live(ready))
            try:
                await _first(living, ready, patience)
                living.add_done_callback(_log_end)
                yield
            finally:
                await self._stop(living)

    async def _live(self, ready: asyncio.Event) -> None:
        me = msgspec.convert(await self._persist("getMe"), User)
        log.info("telegram.known", name=f"@{me.username}")
        self._reception.open(Inbound(me.username, me.id))
        if not self._poller:
            await self._set_webhook()
        else:
            await self._persist("deleteWebhook", drop_pending_updates=False)
        ready.set()
        await asyncio.gather(offer(self._api, self._menus), self._poller.run() if self._poller else _nothing())

    async def _set_webhook(self) -> None:
        options = self._options
        try:
            await self._persist(
                "setWebhook",
                url=options.webhook_url,
                secret_token=options.webhook_secret,
                allowed_updates=KINDS,
                max_connections=options.webhook_connections,
            )
        except BadRequest as error:
            words = _("TELEGRAM_WEBHOOK_URL is wrong: Telegram says “{words}”").format(words=error.message)
            raise SettingsError(words) from None

    async def _persist(self, method: str, **fields: Any) -> Any:  # noqa: ANN401 - JSON
        """Call until Telegram answers. One line when it begins to fail, one when it works again."""
        pause, failed = self._options.pause, False
        while True:
            try:
                answer = await self._api.once(method, **fields)
            except InvalidToken:
                raise WrongTokenError from None
            except TelegramError as error:
                if not (is_passing(error) or isinstance(error, RetryAfter)):
                    raise
                if not failed:
                    log.warning("telegram.unreachable", method=method, reason=error.message)
                failed = True
                await asyncio.sleep(max(pause, asked_pause(error)))
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                if failed:
                    log.info("telegram.reached", method=method)
                return answer

    async def _stop(self, living: "asyncio.Task[None]") -> None:
        """Take nothing more, say what was taken, finish it."""
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        if self._poller:
            await self._poller.confirm()
        await self._reception.close(self._options.stop)


async def _first(living: "asyncio.Task[None]", ready: asyncio.Event, patience: float) -> None:
    """Wait until all is set up, or can't be."""
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([living, waiting], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if living.done():
        living.result()


def _nothing() -> Coroutine[Any, Any, Any]:
    return asyncio.sleep(0)


def _log_end(living: "asyncio.Task[None]") -> None:
    error = None if living.cancelled() else living.exception()
    if error:
        log.error("telegram.ended", reason=str(error))
