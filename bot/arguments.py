"""Words become values here, at the door, in types named after the business."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Annotated

from bot import money
from bot.conventions import Conventions
from bot.hours import QuietHours
from bot.message import Chat, read_chat
from bot.words import _

_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛′＇ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys(
            "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
            " ",
        ),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad", None),
    },
)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')
_PLAIN_WORD = re.compile(r'[^\s"=]+')
_LONGEST_ID = 64
_ONE_SHOT = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}")
_ANYWAY = re.compile(r"anyway(?:-([0-9a-f]{8}))?")
_FIRST_GROUP = re.compile(r"[^\W\d_]*[0-9]{1,3}")
_NEXT_GROUP = re.compile(r"[0-9]{3}(?:[.,][0-9]*)?")
_LONGEST_REFERENCE = 64
_MOST_PAGES = 5_000
_MOST_HOURS = 24 * 30
_CHAT = re.compile(r"(?:[a-z]+:)?-?[A-Za-z0-9]{1,40}(?::[0-9.]{1,40})?")
_SPAN = re.compile(r"([1-9][0-9]{0,4})(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST_SPAN = timedelta(days=30)
_STATUSES = re.compile(r"[^\W\d](?:[\w-]{0,31})(?:,[^\W\d](?:[\w-]{0,31})){0,9}")
_STYLES = ("detailed", "compact")


@dataclass(frozen=True, slots=True)
class Argument:
    """How one kind of value is read from words.

    `read` raises `ValueError` with words for the reader. `takes` says how many of the words left belong to it (an
    amount may hold spaces); by default one. `choices`: what may be said, where that is a closed list. Not `shown` in
    the usage line: what buttons say and people rarely type.
    """

    read: Callable[[str, Conventions], object]
    example: str
    takes: Callable[[Sequence[str], Conventions], int] = lambda _said, _conventions: 1
    choices: Callable[[Conventions], tuple[str, ...]] | None = None
    shown: bool = True


def plain(text: str) -> str:
    """What was meant by what a phone typed: curly quotes, long dashes and no-break spaces made plain."""
    return text.translate(_SAME).strip()


def words(text: str) -> list[str]:
    """Split at spaces; `"…"` keeps its spaces together, and `""` in it is a quotation mark."""
    return [quoted.replace('""', '"') or bare for quoted, bare in _QUOTED.findall(text) if quoted or bare]


def said(name: str, *values: str | None, **named: object) -> str:
    """Write a command so that it reads back to exactly these values: `said("pay", "2024-001", "5.00")`."""
    spoken = [_as_word(value) for value in values if value]
    return " ".join([f"/{name}", *spoken, *(f"{key}={value}" for key, value in named.items())])


def _as_word(value: str) -> str:
    if _PLAIN_WORD.fullmatch(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def looks_like_invoice(word: str) -> bool:
    """`2024-001`, `2024/001`, `INV1`: worth asking billing for an invoice."""
    return bool(re.fullmatch(r"(?i)(?:\d{2,4}[-/.]\d+|inv-?\d+|f-?\d+)", word))


def looks_like_customer(word: str) -> bool:
    """`CL-001`: letters, then a number."""
    return bool(re.fullmatch(r"[A-Za-z]{1,6}-?\d+", word)) and not looks_like_invoice(word)


def _identifier(word: str, _conventions: Conventions) -> str:
    if len(word) > _LONGEST_ID or not word.isprintable():
        raise ValueError(_("“{word}” is no number that billing could know.").format(word=word[:_LONGEST_ID]))
    return word


def _amount(text: str, conventions: Conventions) -> Decimal:
    return money.read_amount(text, conventions.currency)


def _method(word: str, conventions: Conventions) -> str:
    for method in conventions.methods:
        if method.casefold() == word.casefold():
            return method
    raise ValueError(
        _("“{word}” is no payment method here: {methods}.").format(word=word, methods=", ".join(conventions.methods)),
    )


def _reference(text: str, _conventions: Conventions) -> str:
    if len(text) > _LONGEST_REFERENCE:
        raise ValueError(_("A reference has {count} characters at most.").format(count=_LONGEST_REFERENCE))
    if not text.isprintable():
        raise ValueError(_("A reference is one line of readable characters."))
    return text


def _one_shot(word: str, _conventions: Conventions) -> str:
    if not _ONE_SHOT.fullmatch(word.upper()):
        raise ValueError(_("“{word}” is none of our payments.").format(word=word))
    return word.upper()


def _anyway(word: str, _conventions: Conventions) -> str:
    match = _ANYWAY.fullmatch(word.casefold())
    if not match:
        raise ValueError(_("“{word}” is too much.").format(word=word))
    return match[1] or ""


def _page(word: str, _conventions: Conventions) -> int:
    if not (word.isascii() and word.isdigit() and 0 < int(word) <= _MOST_PAGES):
        raise ValueError(_("“{word}” is no page.").format(word=word))
    return int(word)


def _hours(word: str, _conventions: Conventions) -> int:
    if not (word.isascii() and word.isdigit() and 0 < int(word) <= _MOST_HOURS):
        words = _("“{word}” are no hours: write a number from 1 to {most}.")
        raise ValueError(words.format(word=word[:_LONGEST_ID], most=_MOST_HOURS))
    return int(word)


def _ids(text: str, _conventions: Conventions) -> frozenset[str]:
    return frozenset(words(text))


def _quiet(text: str, _conventions: Conventions) -> QuietHours:
    try:
        return QuietHours.read(text)
    except ValueError:
        words = _("“{text}” are no hours: write from when until when, 22:00-07:00.")
        raise ValueError(words.format(text=text[:_LONGEST_ID])) from None


def _chat(word: str, _conventions: Conventions) -> Chat:
    if not _CHAT.fullmatch(word):
        words = _("“{word}” is no chat: write it as platform:id, e.g. telegram:-1001234.")
        raise ValueError(words.format(word=word[:_LONGEST_ID]))
    return read_chat(word)


def _span(word: str, _conventions: Conventions) -> timedelta:
    found = _SPAN.fullmatch(word.lower())
    span = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < span <= _LONGEST_SPAN:
        words = _("“{word}” is no time: write 30m, 2h or 1d, up to 30d.")
        raise ValueError(words.format(word=word[:_LONGEST_ID]))
    return span


def _statuses(word: str, _conventions: Conventions) -> tuple[str, ...]:
    if not _STATUSES.fullmatch(word):
        raise ValueError(_("“{word}” is no status: write e.g. confirmed or failed,refunded.").format(word=word[:64]))
    return tuple(sorted(set(word.casefold().split(","))))


def _style(word: str, _conventions: Conventions) -> str:
    if word.casefold() not in _STYLES:
        raise ValueError(_("Cards are {styles}.").format(styles=", ".join(_STYLES)))
    return word.casefold()


def _as_it_is(text: str, _conventions: Conventions) -> str:
    return text


def _name(word: str, _conventions: Conventions) -> str:
    return word.removeprefix("/").partition("@")[0].lower()


def _all_the_rest(said: Sequence[str], _conventions: Conventions) -> int:
    return len(said)


def _amount_words(said: Sequence[str], conventions: Conventions) -> int:
    """`5 320,50`, `RON 5320.50` and `5320.50 lei` are one amount in two words."""
    taken = 2 if len(said) > 1 and _is_money(said[0], conventions) else 1
    if _FIRST_GROUP.fullmatch(said[taken - 1]):
        taken += sum(1 for _group in takewhile(_NEXT_GROUP.fullmatch, said[taken:]))
    return taken + 1 if taken < len(said) and _is_money(said[taken], conventions) else taken


def _is_money(word: str, conventions: Conventions) -> bool:
    return conventions.currency.is_called(word) or word.upper() in money.OFTEN_CALLED


InvoiceNumber = Annotated[str, Argument(_identifier, "2024-001")]
CustomerId = Annotated[str, Argument(_identifier, "CL-001")]
Amount = Annotated[Decimal, Argument(_amount, "5320.50", takes=_amount_words)]
PaymentMethod = Annotated[str, Argument(_method, "card", choices=lambda conventions: conventions.methods)]
Reference = Annotated[str, Argument(_reference, "EUP123456789", takes=_all_the_rest)]
PaymentToken = Annotated[str, Argument(_one_shot, "7Q2K4M9XAB")]
Anyway = Annotated[str, Argument(_anyway, "anyway", shown=False)]
BillingId = Annotated[str, Argument(_identifier, "56")]
BillingIds = Annotated[frozenset[str], Argument(_ids, "57 58", takes=_all_the_rest, shown=False)]
Reason = Annotated[str, Argument(_reference, "wrong invoice", takes=_all_the_rest)]
SearchText = Annotated[str, Argument(_as_it_is, "premium", takes=_all_the_rest)]
TrailSubject = Annotated[str, Argument(_as_it_is, "2024-001", takes=_all_the_rest)]
StatusWord = Annotated[str, Argument(lambda word, _conventions: word.lower(), "unpaid")]
Statuses = Annotated[tuple[str, ...], Argument(_statuses, "confirmed")]
Quiet = Annotated[QuietHours, Argument(_quiet, "22:00-07:00")]
ChatPlace = Annotated[Chat, Argument(_chat, "telegram:-1001234")]
Span = Annotated[timedelta, Argument(_span, "2h")]
StyleWord = Annotated[str, Argument(_style, "compact")]
SubscriptionName = Annotated[str, Argument(_identifier, "all")]
Former = Annotated[str, Argument(_identifier, "all", shown=False)]
RequestName = Annotated[str, Argument(_identifier, "7Q2K4M9X")]
Code = Annotated[str, Argument(_identifier, "kX3v9Qm0TzWb5rYcLd8hNg")]
Hours = Annotated[int, Argument(_hours, "24")]
CommandName = Annotated[str, Argument(_name, "pay")]
Page = Annotated[int, Argument(_page, "2", shown=False)]
