"""Amounts as people write them, and as they are shown to them."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NoReturn

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

from bot.words import _

LARGEST = Decimal(10) ** 12

_NUMBER = r"[0-9]+(?:[ .,'][0-9]+)*"
_NAME = "[A-Za-z]+|[€$£¥₩₪₫₴₸₹₺₽₾]"
_AMOUNT = re.compile(rf"(?:(?P<before>{_NAME})\s?)?(?P<number>{_NUMBER})(?:\s?(?P<after>{_NAME}))?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?P<group>[ .,'])[0-9]{3})(?:(?P=group)[0-9]{3})*")
_EITHER = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_CODE_AT_DIGIT = re.compile(r"(?<=[A-Z])(?=[0-9])")

# What people write for a currency besides its code.
_ALSO_CALLED: dict[str, set[str]] = {"RON": {"LEI", "LEU"}, "EUR": {"€", "EURO"}, "USD": {"$"}, "GBP": {"£"}}
OFTEN_CALLED = frozenset({"RON", "EUR", "USD", "GBP", "CHF", "HUF", "MDL"}.union(*_ALSO_CALLED.values()))


class NotAnAmountError(ValueError):
    """The text is no amount that can be paid; the message says why."""


class TwoReadingsError(ValueError):
    """The text is an amount in two ways: thousands, or decimals. Never guess between them.

    `readings` can be paid; the second is rounded where the currency has fewer decimals than were written.
    """

    def __init__(self, whole: Decimal, fraction: Decimal, currency: "Currency") -> None:
        super().__init__(_("This can be read in two ways."))
        self._written = (whole, fraction)
        self.readings = (whole.quantize(currency.smallest), fraction.quantize(currency.smallest, ROUND_HALF_UP))

    def is_exact(self, reading: Decimal) -> bool:
        """Whether this is just what was written."""
        return reading in self._written


# ISO 4217 where it isn't two. CLDR, which Babel knows, has fewer for some: what is usual in shops, not what is owed.
_DECIMALS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 code, and how many decimals its amounts have."""

    code: str

    @property
    def decimals(self) -> int:
        """2 for RON, 0 for JPY, 3 for KWD."""
        return _DECIMALS.get(self.code, 2)

    @property
    def smallest(self) -> Decimal:
        """One ban, one cent: `Decimal("0.01")`."""
        return Decimal(1).scaleb(-self.decimals)

    def is_called(self, name: str) -> bool:
        """Whether people mean this currency by that word."""
        known = {self.code, get_currency_symbol(self.code, "en").upper(), *_ALSO_CALLED.get(self.code, ())}
        return name.upper() in known


def read_amount(text: str, currency: Currency) -> Decimal:
    """Read `5320.50`, `5320,50`, `5.320,50`, `5 320,50`, `5,320.50` or `RON 5320.50`.

    Positive, at most 10¹², no more decimals than the currency has, and with exactly that many in the result.
    Raises `TwoReadingsError` for `1,234` and `1.234`, `NotAnAmountError` for what can't be paid.
    """
    number = _bare_number(text.strip(), currency)
    if _EITHER.fullmatch(number):
        whole, fraction = re.sub(r"[.,]", "", number), number.replace(",", ".")
        raise TwoReadingsError(Decimal(whole), Decimal(fraction), currency)
    return _payable(Decimal(_plain_digits(number)), currency)


def spell_amount(amount: Decimal, currency: Currency) -> str:
    """Write an amount so that `read_amount` can only read it back as itself: `1234.00`."""
    plain = f"{amount.quantize(currency.smallest):f}"
    return f"0{plain}" if _EITHER.fullmatch(plain) else plain


def is_payable(amount: Decimal, currency: Currency) -> bool:
    """Whether this very amount can be paid: positive, not too large, and no finer than the currency."""
    return 0 < amount <= LARGEST and amount == amount.quantize(currency.smallest)


def show_money(amount: Decimal, currency: Currency, locale: str) -> str:
    """`5.320,50 RON` in Romanian; more decimals than usual are shown rather than rounded away."""
    decimals = max(currency.decimals, -int(amount.as_tuple().exponent))
    manner = _manner(currency.code, locale, decimals)
    if manner is None or amount < 0:
        return _by_babel(amount, currency.code, locale, decimals)
    return f"{manner.before}{amount:,.{decimals}f}{manner.after}".translate(manner.marks)


@dataclass(frozen=True, slots=True)
class _Manner:
    """What a language puts before and behind an amount, and its marks in place of Python's."""

    before: str
    after: str
    marks: dict[int, str]


@cache
def _manner(code: str, locale: str, decimals: int) -> _Manner | None:
    """Read off one amount of Babel's, who takes 50 µs for each; None where groups aren't all of three digits."""
    fraction = "9" * decimals
    shown = _by_babel(Decimal(f"1234567.{fraction}"), code, locale, decimals)
    point = rf"(\D){fraction}" if fraction else "()"
    read = re.fullmatch(rf"([^\d,.]*)1(?P<group>\D)234(?P=group)567{point}([^\d,.]*)", shown)
    if read is None:
        return None
    before, group, mark, after = read.groups()
    return _Manner(before, after, {ord(","): group, ord("."): mark})


def _by_babel(amount: Decimal, code: str, locale: str, decimals: int) -> str:
    shown = _pattern(locale, decimals).apply(amount, locale, currency=code, currency_digits=False)
    # CLDR asks for a space between a code and digits; Babel leaves it out: "RON5,320.50".
    return _CODE_AT_DIGIT.sub("\u00a0", shown)


@cache
def _pattern(locale: str, decimals: int) -> NumberPattern:
    """How a language writes money, with so many decimals."""
    pattern = parse_pattern(Locale.parse(locale).currency_formats["standard"].pattern)
    pattern.frac_prec = (decimals, decimals)
    return pattern


def _bare_number(text: str, currency: Currency) -> str:
    if text.startswith("-"):
        raise NotAnAmountError(_("An amount can't be negative."))
    written = _AMOUNT.fullmatch(text)
    if written is None:
        _not_an_amount(text)
    for name in filter(None, (written["before"], written["after"])):
        if not currency.is_called(name):
            raise NotAnAmountError(_("Amounts are in {code} here.").format(code=currency.code))
    return written["number"]


def _plain_digits(number: str) -> str:
    """Take the grouping away; what is left has a point before its decimals, if it has any."""
    mark = max(number.rfind("."), number.rfind(","))
    if mark < 0 or number.count(number[mark]) > 1:
        return _ungrouped(number)
    whole, decimals = number[:mark], number[mark + 1 :]
    if not decimals.isdigit():
        return _ungrouped(number)
    return f"{_ungrouped(whole)}.{decimals}"


def _ungrouped(number: str) -> str:
    if number.isdigit():
        return number
    if not _GROUPED.fullmatch(number):
        _not_an_amount(number)
    return re.sub(r"[ .,']", "", number)


def _payable(amount: Decimal, currency: Currency) -> Decimal:
    if amount == 0:
        raise NotAnAmountError(_("An amount of zero can't be paid."))
    if amount > LARGEST:
        raise NotAnAmountError(_("This is more than can be paid at once."))
    if -int(amount.as_tuple().exponent) > currency.decimals:
        raise NotAnAmountError(
            _("{code} has {decimals} decimals at most.").format(code=currency.code, decimals=currency.decimals),
        )
    return amount.quantize(currency.smallest)


def _not_an_amount(text: str) -> NoReturn:
    raise NotAnAmountError(_("“{text}” is no amount.").format(text=text))
