"""Words become values at the door; what people read comes from one place."""

from collections.abc import Awaitable
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import Role
from bot.arguments import Amount, Argument, PaymentMethod, Reference, plain, words
from bot.command import Command
from bot.context import Context
from bot.conventions import Conventions
from bot.money import Currency
from bot.refusals import Ambiguous, Misused
from bot.reply import Reply
from bot.router import Router
from bot.words import _, language, ngettext, pgettext, speaking

RON = Conventions(Currency("RON"), "en", ZoneInfo("Europe/Bucharest"))


async def _try(
    ctx: Context,
    amount: Amount,
    method: PaymentMethod | None = None,
    reference: Reference | None = None,
    *,
    least: Amount | None = None,
) -> Reply:
    """Try it.

    At length.
    """
    return Reply()


TRY = Command.of(_try, Role.VIEWER)


def test_usage_help_and_example_come_from_the_signature() -> None:
    assert TRY.usage(RON) == "/_try <amount> [card|cash|transfer] [reference] [least=5320.50]"
    assert TRY.example(RON) == "/_try 5320.50 card EUP123456789"
    assert TRY.summary == "Try it."


def test_keywords_are_found_anywhere() -> None:
    read = TRY.read("least=5 12,50 cash least=7 x=y a b", RON)
    assert [str(value) for value in read.values()] == ["12.50", "cash", "x=y a b", "7.00"]


@pytest.mark.parametrize(
    ("said", "why"),
    [("", "“amount” is missing."), ("least=no 5", "“no” is no amount."), ("5 card a b", "")],
)
def test_what_does_not_fit_is_refused_with_the_usage_line(said: str, why: str) -> None:
    if not why:
        assert TRY.read(said, RON)["reference"] == "a b"
        return
    with pytest.raises(Misused) as refused:
        TRY.read(said, RON)
    assert refused.value.text == f"{why}\nUsage: {TRY.usage(RON)}\nExample: {TRY.example(RON)}"


def test_too_many_words_are_refused() -> None:
    with pytest.raises(Misused, match="“x y” is too much"):
        Command.of(_only_an_amount, Role.VIEWER).read("5 x y", RON)


def test_an_ambiguous_amount_keeps_every_other_word() -> None:
    with pytest.raises(Ambiguous) as asked:
        TRY.read('1.234 card "a b" c least=5', RON)
    assert [button.command for button in asked.value.buttons] == [
        '/_try 1234.00 card "a b" c least=5',
        '/_try 1.23 card "a b" c least=5',
    ]
    for button, amount in zip(asked.value.buttons, ("1234.00", "1.23"), strict=True):
        read = TRY.read(button.command.removeprefix("/_try "), RON)
        assert (str(read["amount"]), read["reference"], str(read["least"])) == (amount, "a b c", "5.00")


def test_a_parameter_that_cannot_be_read_from_words_stops_the_start() -> None:
    async def wrong(ctx: Context, number: int) -> Reply:
        return Reply()

    with pytest.raises(TypeError, match="number"):
        Command.of(wrong, Role.VIEWER)


def test_two_commands_of_one_name_stop_the_start() -> None:
    router = Router()
    router.command(role=Role.VIEWER)(_try)
    with pytest.raises(ValueError, match="/_try is there twice"):
        Router(router, router)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("“EUP 1”", '"EUP 1"'),
        ("2024–001", "2024-001"),
        ("2024—001", "2024-001"),
        ("5\u00a0320,50", "5 320,50"),
        ("5\u202f320", "5 320"),
        ("\u200e/invoice\u200b 1 ", "/invoice 1"),
        ("O’Brien", "O'Brien"),
    ],
)
def test_what_phones_type_is_made_plain(typed: str, meant: str) -> None:
    assert plain(typed) == meant


def test_quotes_keep_spaces_together_and_a_lone_one_is_a_mark() -> None:
    assert words('a "b c" d') == ["a", "b c", "d"]
    assert words('5" pipe') == ['5"', "pipe"]
    assert words('say "half') == ["say", '"half']
    assert words("O'Brien & Sons") == ["O'Brien", "&", "Sons"]


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    said = words(plain(text))
    assert all(said)
    try:
        TRY.read(plain(text), RON)
    except (Misused, Ambiguous) as refused:
        assert refused.text


def test_plurals_are_plurals_and_languages_last_as_long_as_their_block() -> None:
    before = language()
    with speaking("ro"):
        assert language() == "ro"
        assert _("Invoice") == "Invoice"
        assert pgettext("status", "paid") == "paid"
        assert ngettext("{count} day", "{count} days", 2) == "{count} days"
    assert language() == before
    assert ngettext("{count} day", "{count} days", 1) == "{count} day"


async def _only_an_amount(ctx: Context, amount: Amount) -> Reply:
    """Take one amount."""
    return Reply()


def test_an_argument_may_be_declared_in_place() -> None:
    def shout(ctx: Context, text: Annotated[str, Argument(lambda word, _c: word.upper(), "x")]) -> Awaitable[Reply]:
        raise NotImplementedError(ctx, text)

    assert Command.of(shout, Role.VIEWER).read("a", RON) == {"text": "A"}
