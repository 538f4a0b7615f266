"""The form for a payment on its way: opened at once, filled with what is known, and said when it is complete."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.message import Chat, Message, Sender, read_chat
from bot.platforms.slack.api import Api
from bot.platforms.slack.counter import Counter, Wanted
from bot.platforms.slack.faults import SlackAwayError, SlackNoError
from bot.platforms.slack.forms import CUSTOMER, INVOICE, PAY, Filling, errors, options, pay_form
from bot.platforms.slack.inbound import PLATFORM, Body, Heard, Place
from bot.platforms.slack.reception import Reception
from bot.refusals import Refusal
from bot.reply import Fact, Reply
from bot.words import _, speaking

log = structlog.get_logger(__name__)


class Paying:
    """Opens, fills and takes the form."""

    def __init__(self, api: Api, reception: Reception, counter: Counter) -> None:
        self._api = api
        self._reception = reception
        self._counter = counter

    def begins(self, heard: Heard) -> bool:
        """Whether something said is better asked by a form; then it is opened."""
        wanted = self._counter.begun(heard.message.text) if heard.trigger and heard.message.card is None else None
        if wanted is None or not self._counter.may_pay(heard.message.sender):
            return False
        self._reception.begin(self._open(heard, wanted))
        return True

    def start(self, body: Body) -> None:
        """The shortcut: the same with nothing said, for our own chat."""
        sender = Sender(PLATFORM, body["user"]["id"], body["user"].get("name") or body["user"]["id"])
        message = Message(sender, Chat(PLATFORM, sender.id), f"/{PAY}", bot_name=self._reception.inbound.name)
        heard = Heard(message, Place(), body["trigger_id"])
        if not self.begins(heard):
            self._reception.take(heard)

    async def suggest(self, body: Body) -> list[dict[str, Any]]:
        """What may be meant by what was typed into a field."""
        if not self._counter.may_pay(Sender(PLATFORM, body["user"]["id"], "")):
            return []
        text, filling = str(body.get("value") or ""), Filling.read(body["view"])
        try:
            if body["action_id"] == f"{PAY}-{CUSTOMER}":
                return options(await self._counter.suggestions.customers(text))
            return options(await self._counter.suggestions.invoices(text, filling.wanted.customer))
        except Refusal:
            return []

    def chosen(self, body: Body) -> None:
        """Another customer or invoice was chosen: draw the form with what is known of that."""
        view, name = body["view"], body["actions"][0]["action_id"].removeprefix(f"{PAY}-")
        filling = Filling.read(view)
        if name == CUSTOMER:
            filling = replace(filling, wanted=replace(filling.wanted, invoice=""))
        if filling.wanted.amount == filling.rest:
            filling = replace(filling, wanted=replace(filling.wanted, amount=""))
        self._reception.begin(self._fill(filling, str(view["id"])))

    async def faults(self, body: Body) -> dict[str, str]:
        """What is wrong with a form that was sent, field by field; if nothing is, it is said."""
        filling = Filling.read(body["view"])
        found = await self._counter.faults(filling.wanted)
        if found:
            return errors(body["view"], found)
        sender = Sender(PLATFORM, body["user"]["id"], body["user"].get("name") or body["user"]["id"])
        message = Message(
            sender, read_chat(filling.chat), filling.wanted.command, bot_name=self._reception.inbound.name
        )
        self._reception.take(Heard(message, filling.place))
        return {}

    async def _open(self, heard: Heard, wanted: Wanted) -> None:
        """At once: what opens a form is good for three seconds. What is known of the invoice comes after."""
        filling = Filling(wanted, heard.message.chat.key, heard.place, {})
        view = pay_form(filling, None, self._counter.conventions)
        try:
            opened = await self._api.call("views.open", trigger_id=heard.trigger, view=view)
        except (SlackNoError, SlackAwayError) as error:
            log.warning("slack.no_form", reason=str(error))
            self._reception.take(replace(heard, trigger=""))
            return
        if wanted.invoice:
            await self._fill(filling, opened["view"]["id"])

    async def _fill(self, filling: Filling, view_id: str) -> None:
        filling, about = await self._known(filling)
        view = pay_form(filling, about, self._counter.conventions)
        try:
            await self._api.call("views.update", view_id=view_id, view=view)
        except SlackNoError as error:
            # Somebody has closed it meanwhile.
            log.info("slack.form_gone", reason=error.code)

    async def _known(self, filling: Filling) -> tuple[Filling, Reply | None]:
        """The form with the invoice's rest, and what there is to say about it."""
        wanted = filling.wanted
        if not wanted.invoice:
            return filling, None
        try:
            invoice, whose = await self._counter.invoice(wanted.invoice)
        except Refusal as refusal:
            return filling, Reply(warnings=(refusal.text,))
        rest = self._counter.rest_of(invoice)
        labels: Mapping[str, str] = {**filling.labels, INVOICE: invoice.number}
        conventions = self._counter.conventions
        with speaking(conventions.language):
            facts = [Fact(_("Customer"), whose)] if whose else []
            left = [Fact(_("Left to pay"), conventions.money(invoice.balance))] if invoice.balance is not None else []
        filled = replace(wanted, invoice=str(invoice.number), amount=wanted.amount or rest)
        return replace(filling, wanted=filled, labels=labels, rest=rest), Reply(facts=(*facts, *left))
