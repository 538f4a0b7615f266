"""The floor: the same answer with nothing around it. No roles, no order, no pace, no log, no second try."""

import asyncio
import os
import signal
from urllib.parse import urlsplit

import msgspec

from benchmarks.wire import Lines, Respond, answer, port_of, question, served

Told = dict[str, str]


class _Chat(msgspec.Struct):
    id: int


class _Message(msgspec.Struct):
    chat: _Chat
    text: str


class _Update(msgspec.Struct):
    update_id: int
    message: _Message


class _Updates(msgspec.Struct):
    result: list[_Update]


_UPDATE, _UPDATES = msgspec.json.Decoder(_Update), msgspec.json.Decoder(_Updates)
_INVOICE = msgspec.json.Decoder(Told)


class Floor:
    """Answers updates, all at once."""

    def __init__(self, telegram: str, token: str, billing: str, key: str) -> None:
        self._telegram, self._host = _lines(telegram)
        self._billing, self._billing_host = _lines(billing)
        self._root = f"/bot{token}/".encode()
        self._key = f"x-api-key: {key}\r\n".encode()
        self._tasks: set[asyncio.Task[None]] = set()

    async def poll(self) -> None:
        """Fetch updates until cancelled."""
        offset = 0
        while True:
            body = await self.call(b"getUpdates", {"offset": offset, "timeout": 30})
            for update in _UPDATES.decode(body).result:
                self.take(update)
                offset = update.update_id + 1

    def pushed(self, _head: bytes, body: bytes, respond: Respond) -> None:
        """Take one update that was sent to us."""
        self.take(_UPDATE.decode(body))
        respond(answer(b""))

    def take(self, update: _Update) -> None:
        """Begin to answer."""
        task = asyncio.create_task(self._answer(update.message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def call(self, method: bytes, fields: dict[str, object]) -> bytes:
        """Call a method of the Bot API."""
        body = msgspec.json.encode(fields)
        return (await self._telegram.ask(question(b"POST", self._root + method, self._host, b"", body)))[1]

    async def _answer(self, message: _Message) -> None:
        path = b"/invoices/" + message.text.rpartition(" ")[2].encode()
        _status, body = await self._billing.ask(question(b"GET", path, self._billing_host, self._key))
        await self.call(b"sendMessage", {"chat_id": message.chat.id, "parse_mode": "HTML", **_card(body)})


def _card(body: bytes) -> dict[str, object]:
    found = _INVOICE.decode(body)
    number, amount = found["number"], f"RON {float(found['amount']):,.2f}"
    text = f"<b>Invoice {number}</b>\n{found['status']}\nAmount: {amount}\nDue: {found['due_at']}"
    pressed = {"text": "Payments", "callback_data": f"/payments {number}"}
    other = {"text": "Customer", "callback_data": f"/customer {found['customer_id']}"}
    return {"text": text, "reply_markup": {"inline_keyboard": [[pressed, other]]}}


def _lines(url: str) -> tuple[Lines, bytes]:
    parts = urlsplit(url)
    return Lines(parts.hostname or "", parts.port or 80), parts.netloc.encode()


async def run() -> None:
    """Run it, by polling or by webhook, until SIGTERM."""
    env = os.environ
    floor = Floor(env["TELEGRAM_API_URL"], env["TELEGRAM_BOT_TOKEN"], env["BILLING_API_URL"], env["BILLING_API_KEY"])
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    if env["TELEGRAM_MODE"] == "polling":
        polling = asyncio.create_task(floor.poll())
        await ended.wait()
        polling.cancel()
        return
    server = await served(floor.pushed)
    url = f"http://127.0.0.1:{port_of(server)}/"
    await floor.call(b"setWebhook", {"url": url, "secret_token": env["TELEGRAM_WEBHOOK_SECRET"]})
    await ended.wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(run())
