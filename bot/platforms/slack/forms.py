"""How the form for a payment looks, and what is read from one that was filled in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.conventions import Conventions
from bot.platforms.slack.blocks import Block, draw, plain_text
from bot.platforms.slack.counter import Wanted
from bot.platforms.slack.inbound import Place
from bot.platforms.slack.suggestions import Choice
from bot.platforms.slack.texts import shortened
from bot.reply import Reply
from bot.words import _

PAY = "pay"
CUSTOMER, INVOICE, AMOUNT, METHOD, REFERENCE = "customer", "invoice", "amount", "method", "reference"

_LONGEST_LABEL = 75
_LONGEST_VALUE = 150
_LONGEST_TYPED = 150


@dataclass(frozen=True, slots=True)
class Filling:
    """A form on somebody's screen: what is filled in, where the payment is to be shown, and what choices are called.

    `rest`: the amount that we have filled in ourselves, for the invoice that was chosen then.
    """

    wanted: Wanted
    chat: str
    place: Place
    labels: Mapping[str, str]
    rest: str = ""

    def written(self) -> str:
        """As Slack keeps it for us with the form."""
        wanted, place = asdict(self.wanted), asdict(self.place)
        kept = {"wanted": wanted, "chat": self.chat, "place": place, "labels": dict(self.labels), "rest": self.rest}
        return json.dumps(kept)

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "Filling":
        """A form as it was filled in."""
        kept = json.loads(view["private_metadata"])
        there = dict(_filled(view))
        labels = {**kept["labels"], **{name: label for name, (_value, label) in there.items() if label}}
        values = {name: value for name, (value, _label) in there.items()}
        return cls(Wanted(**{**kept["wanted"], **values}), kept["chat"], Place(**kept["place"]), labels, kept["rest"])


def pay_form(filling: Filling, about: Reply | None, conventions: Conventions) -> Block:
    """The form: `about` is what is known of the invoice, or why nothing is."""
    wanted = filling.wanted
    said = draw(about)[0].blocks if about else ()
    blocks = (
        _suggested(CUSTOMER, _("Customer"), _("Name or id: narrows the invoices"), filling, optional=True),
        # Slack keeps what was chosen or typed under a name: another customer's, or invoice's, needs another name.
        {
            **_suggested(INVOICE, _("Invoice"), _("Number, or the customer's name"), filling),
            "block_id": f"{INVOICE}-{wanted.customer}"[:255],
        },
        *said,
        _typed(f"{AMOUNT}-{wanted.invoice}"[:255], AMOUNT, _("Amount"), wanted.amount),
        _chosen(METHOD, _("Method"), conventions.methods, wanted.method),
        _typed(REFERENCE, REFERENCE, _("Reference"), wanted.reference, optional=True),
    )
    return {
        "type": "modal",
        "callback_id": PAY,
        "title": plain_text(shortened(_("Record a payment"), 24)),
        "submit": plain_text(shortened(_("Continue"), 24)),
        "close": plain_text(shortened(_("Cancel"), 24)),
        "private_metadata": filling.written(),
        "blocks": list(blocks),
    }


def options(choices: Iterable[Choice]) -> list[Block]:
    """Choices as Slack lists them; what is too long for it can't be chosen."""
    return [_option(each) for each in choices if 0 < len(each.value) <= _LONGEST_VALUE]


def errors(view: Mapping[str, Any], faults: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, each at the field where it stands."""
    fields = {block["element"]["action_id"]: block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    return {fields[f"{PAY}-{name}"]: why for name, why in faults.items()}


def _filled(view: Mapping[str, Any]) -> Iterable[tuple[str, tuple[str, str]]]:
    for fields in view["state"]["values"].values():
        for action, field in fields.items():
            chosen = field.get("selected_option") or {}
            label = (chosen.get("text") or {}).get("text", "")
            yield action.removeprefix(f"{PAY}-"), (chosen.get("value") or field.get("value") or "", label)


def _suggested(name: str, label: str, hint: str, filling: Filling, *, optional: bool = False) -> Block:
    value = getattr(filling.wanted, name)
    element: Block = {
        "type": "external_select",
        "action_id": f"{PAY}-{name}",
        "min_query_length": 2,
        "placeholder": plain_text(hint),
    }
    if value and len(value) <= _LONGEST_VALUE:
        element["initial_option"] = _option(Choice(value, filling.labels.get(name, value)))
    return {**_input(name, label, element, optional=optional), "dispatch_action": True}


def _typed(block: str, name: str, label: str, value: str, *, optional: bool = False) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": f"{PAY}-{name}", "max_length": _LONGEST_TYPED}
    return _input(block, label, {**element, "initial_value": value} if value else element, optional=optional)


def _chosen(name: str, label: str, values: tuple[str, ...], value: str) -> Block:
    listed = [_option(Choice(each, each)) for each in values]
    element: Block = {"type": "static_select", "action_id": f"{PAY}-{name}", "options": listed}
    return _input(name, label, {**element, "initial_option": _option(Choice(value, value))} if value else element)


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {"type": "input", "block_id": block, "label": plain_text(label), "element": element, "optional": optional}


def _option(choice: Choice) -> Block:
    return {"text": plain_text(shortened(choice.label, _LONGEST_LABEL)), "value": choice.value}
