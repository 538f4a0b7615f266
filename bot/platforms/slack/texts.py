"""Texts on their way to Slack: cut where they must be, and never read as markup."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_UNESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
# <https://a|a>, <mailto:a@b|a@b>; people and channels are <@U1|name> and <#C1|name>: https://docs.slack.dev/messaging/formatting-message-text
_REFERRED = re.compile(r"<[@#]([A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


class Span(NamedTuple):
    """A piece of text; `style` is how it is drawn, if at all."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def clean(text: str) -> str:
    """Half a surrogate pair is no character: nobody could send it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """A value that must not look like two: whoever named a customer doesn't write our lines."""
    return text if text.isprintable() else _BREAKS.sub(" ", clean(text))


def escaped(text: str) -> str:
    """Where Slack reads markup, these three are written so."""
    return text.translate(_ESCAPES)


def shortened(text: str, most: int) -> str:
    """At most so many characters, and a sign where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def pieces(text: str, most: int) -> Iterator[str]:
    """Pieces of at most so many characters, cut at spaces where there are some."""
    while len(text) > most:
        space = text.rfind(" ", most // 2, most)
        end = space + 1 if space > 0 else most
        yield text[:end]
        text = text[end:]
    yield text


def typed(text: str) -> str:
    """What somebody typed: Slack makes links of what looks like one, and writes three characters otherwise.

    People and channels that were picked are meant by their ids.
    """
    meant = _REFERRED.sub(r"slack:\1", text)
    shown = _LINK.sub(lambda link: link[2] or link[1].removeprefix("mailto:"), meant)
    return re.sub("&(?:lt|gt|amp);", lambda escape: _UNESCAPES[escape[0]], shown)
