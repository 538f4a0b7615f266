"""Slack's own verdict on what it is sent: its library's models, and the limits that its documentation names."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Fields = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks and …/block-elements
_MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
_ALLOWED = {
    "message": {"actions", "context", "divider", "header", "rich_text", "section", "image"},
    "modal": {"actions", "context", "divider", "header", "rich_text", "section", "image", "input"},
}
_TEXTS = {
    "header": 150,
    "section": 3000,
    "context": 2000,
    "input": 2000,
    "button": 75,
    "option": 75,
    "placeholder": 150,
}
_LONGEST_MESSAGE = 40_000


class InvalidError(Exception):
    """Slack refuses these blocks."""


def judge_message(fields: Fields) -> None:
    """A message: what notifications show, and its blocks."""
    _must(isinstance(fields.get("text"), str) and fields["text"].strip(), "no text for notifications")
    _must(len(fields["text"]) <= _LONGEST_MESSAGE, "text too long")
    _must(not set("<>") & set(fields["text"]), "text has markup in it")
    judge_blocks(fields.get("blocks") or [], "message")


def judge_view(view: Fields) -> None:
    """A modal or a home."""
    kind = view["type"]
    _must(kind in ("modal", "home"), "no kind of view")
    if kind == "modal":
        for name in ("title", "submit", "close"):
            _must(0 < len((view.get(name) or {"text": "-"})["text"]) <= 24, f"{name} of the modal")
        _must(len(view.get("private_metadata") or "") <= 3000, "private_metadata")
        _must(len(view.get("callback_id") or "") <= 255, "callback_id")
    judge_blocks(view["blocks"], kind)
    View(**view).to_dict()


def judge_blocks(blocks: list[Fields], where: str) -> None:
    """Blocks, each by the library's model and by the limits."""
    _must(0 < len(blocks) <= _MOST_BLOCKS[where], f"{len(blocks)} blocks")
    for block in blocks:
        _must(block["type"] in _ALLOWED["message" if where == "message" else "modal"], f"a {block['type']}")
        _judge_block(block)
    for parsed in Block.parse_all(blocks):
        assert isinstance(parsed, Block)
        parsed.validate_json()
    named = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    _must(all(count == 1 for count in named.values()), "a block_id twice")
    json.dumps(blocks)


def _judge_block(block: Fields) -> None:
    _must(len(block.get("block_id") or "") <= 255, "block_id")
    judge = {
        "header": _header,
        "context": _context,
        "section": _section,
        "rich_text": _rich_text,
        "actions": _actions,
        "input": _input,
    }.get(block["type"])
    if judge:
        judge(block)


def _header(block: Fields) -> None:
    _must(block["text"]["type"] == "plain_text", "a header in markup")
    _text(block["text"], "header")


def _context(block: Fields) -> None:
    _must(0 < len(block["elements"]) <= 10, "elements of a context")
    for each in block["elements"]:
        _text(each, "context")


def _section(block: Fields) -> None:
    _must(bool(block.get("text") or block.get("fields")), "an empty section")
    if block.get("text"):
        _text(block["text"], "section")
    _must(len(block.get("fields") or []) <= 10, "fields")
    for each in block.get("fields") or []:
        _text(each, "context")


def _rich_text(block: Fields) -> None:
    _must(bool(block["elements"]), "an empty rich_text")
    for section in block["elements"]:
        _must(bool(section["elements"]), "an empty section of rich_text")
        for each in section["elements"]:
            _must(each["type"] in ("text", "user", "link", "emoji"), each["type"])
            _must(each["type"] != "text" or 0 < len(each["text"]) <= 3000, "a piece of rich_text")


def _actions(block: Fields) -> None:
    _must(0 < len(block["elements"]) <= 25, "elements of actions")
    names = [each["action_id"] for each in block["elements"]]
    _must(len(set(names)) == len(names), "an action_id twice")
    for each in block["elements"]:
        _element(each)


def _input(block: Fields) -> None:
    _text(block["label"], "input")
    _element(block["element"])


def _element(element: Fields) -> None:
    _must(0 < len(element["action_id"]) <= 255, "action_id")
    if element["type"] == "button":
        _must(element["text"]["type"] == "plain_text", "a label in markup")
        _text(element["text"], "button")
        _must(0 < len(element.get("value") or "-") <= 2000, "value of a button")
        _must(element.get("style") in (None, "primary", "danger"), "style")
    if element.get("placeholder"):
        _text(element["placeholder"], "placeholder")
    options = [*element.get("options", ()), *filter(None, [element.get("initial_option")])]
    _must(len(options) <= 101, "options")
    for option in options:
        judge_option(option)


def judge_option(option: Fields) -> None:
    """One thing to choose."""
    _text(option["text"], "option")
    _must(0 < len(option["value"]) <= 150, "value of an option")
    if option.get("description"):
        _text(option["description"], "option")


def _text(text: Fields, where: str) -> None:
    _must(text["type"] in ("plain_text", "mrkdwn"), "a text")
    _must(0 < len(text["text"]) <= _TEXTS[where], f"{where} of {len(text['text'])}")
    _must(text["type"] == "plain_text" or not set("<>") & set(text["text"]), f"markup in {where}")


def _must(holds: object, words: str) -> None:
    if not holds:
        raise InvalidError(words)


def lines_of(blocks: list[Fields]) -> Iterator[str]:
    """What people read in blocks, line by line."""
    for block in blocks:
        kind = block["type"]
        if kind in ("header", "section"):
            yield from block["text"]["text"].split("\n")
        elif kind == "context":
            yield from (each["text"] for each in block["elements"])
        elif kind == "rich_text":
            for section in block["elements"]:
                yield from "".join(each["text"] for each in section["elements"]).split("\n")


def buttons_of(blocks: list[Fields]) -> dict[str, Fields]:
    """What can be pressed or chosen, by its label: the action that it is."""
    found: dict[str, Fields] = {}
    for block in blocks:
        for each in block["elements"] if block["type"] == "actions" else ():
            if each["type"] == "button":
                found[_label(each)] = each
            for option in each.get("options", ()):
                found[_label(option)] = {
                    "type": each["type"],
                    "action_id": each["action_id"],
                    "selected_option": option,
                }
    return found


def command_of(action: Fields) -> str:
    """What an action says."""
    return str(action.get("value") or action.get("selected_option", {}).get("value") or "")


def _label(shown: Fields) -> str:
    return str(shown["text"]["text"]).replace("\xa0", " ")
