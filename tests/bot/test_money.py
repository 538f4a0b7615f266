"""Reading amounts: what people mean, or a question, never a guess."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.money import (
    LARGEST,
    Currency,
    NotAnAmountError,
    TwoReadingsError,
    read_amount,
    show_money,
    spell_amount,
)

RON, JPY, KWD = Currency("RON"), Currency("JPY"), Currency("KWD")
CURRENCIES = st.sampled_from([RON, JPY, KWD])

# Group mark and decimal mark of the ways in which people write figures.
MANNERS = [("", "."), ("", ","), (".", ","), (",", "."), (" ", ","), (" ", "."), ("'", ".")]


@st.composite
def amounts(draw: st.DrawFn) -> tuple[Decimal, Currency]:
    """An amount that can be paid, with its currency."""
    currency = draw(CURRENCIES)
    smallest = draw(st.integers(1, int(LARGEST.scaleb(currency.decimals))))
    return Decimal(smallest).scaleb(-currency.decimals), currency


def written(amount: Decimal, currency: Currency, group: str, mark: str) -> str:
    """An amount in somebody's manner."""
    whole, _point, decimals = f"{amount:.{currency.decimals}f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    return f"{grouped}{mark}{decimals}" if decimals else grouped


@given(amounts(), st.sampled_from(MANNERS), st.sampled_from(["{}", "{} {code}", "{code} {}", "{code}{}"]))
def test_every_manner_is_read_as_meant_or_asked_back_with_that_reading(
    paid: tuple[Decimal, Currency], manner: tuple[str, str], form: str
) -> None:
    amount, currency = paid
    text = form.format(written(amount, currency, *manner), code=currency.code)
    try:
        assert read_amount(text, currency) == amount
    except TwoReadingsError as asked:
        assert amount in asked.readings


@given(amounts())
def test_a_spelled_amount_has_one_reading_only(paid: tuple[Decimal, Currency]) -> None:
    amount, currency = paid
    read = read_amount(spell_amount(amount, currency), currency)
    assert read == amount
    assert -int(read.as_tuple().exponent) == currency.decimals


@given(st.text(max_size=40), CURRENCIES)
@example("1e5", RON)
@example("0x10", RON)
@example("１２", RON)
@example("1\u0660", RON)
@example("--5", RON)
@example("5.", RON)
@example(".5", RON)
@example("9" * 400, RON)
def test_whatever_is_typed_is_an_amount_that_can_be_paid_or_a_reason(text: str, currency: Currency) -> None:
    try:
        amount = read_amount(text, currency)
    except TwoReadingsError as asked:
        assert len(set(asked.readings)) == 2
        assert all(0 < reading <= LARGEST for reading in asked.readings)
    except NotAnAmountError as error:
        assert str(error)
    else:
        assert 0 < amount <= LARGEST
        assert -int(amount.as_tuple().exponent) == currency.decimals
        assert any(mark.isascii() and mark.isdigit() for mark in text)


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"), CURRENCIES)
def test_three_digits_behind_one_mark_are_never_guessed(front: int, back: int, mark: str, currency: Currency) -> None:
    with pytest.raises(TwoReadingsError) as asked:
        read_amount(f"{front}{mark}{back:03}", currency)
    assert asked.value.readings[0] == Decimal(front * 1000 + back)


@given(st.decimals(allow_nan=False, allow_infinity=False, max_value=0, places=2, min_value=-(10**9)))
def test_nothing_and_less_is_refused(amount: Decimal) -> None:
    with pytest.raises(NotAnAmountError):
        read_amount(f"{amount:f}", RON)


@pytest.mark.parametrize("text", ["1,234,567", "1.234.567", "1 234 567", "1'234'567"])
def test_groups_said_twice_are_groups(text: str) -> None:
    assert read_amount(text, RON) == Decimal(1234567)


@pytest.mark.parametrize(
    "text", ["1,23,456", "1.234,567", "12 34", "1234,567", "0,123", "1,234.567", "1 2345", "5320.500"]
)
def test_malformed_groups_and_too_many_decimals_are_refused(text: str) -> None:
    with pytest.raises(NotAnAmountError):
        read_amount(text, RON)


def test_the_largest_amount_is_the_last() -> None:
    assert read_amount("1000000000000", RON) == LARGEST
    with pytest.raises(NotAnAmountError, match="more than can be paid"):
        read_amount("1000000000000.01", RON)


def test_money_is_shown_in_the_manner_of_the_language() -> None:
    amount = Decimal("5320.50")
    assert show_money(amount, RON, "ro") == "5.320,50\xa0RON"
    assert show_money(amount, RON, "en") == "RON\xa05,320.50"
    assert show_money(amount, Currency("EUR"), "de") == "5.320,50\xa0€"
    assert show_money(Decimal("0.005"), RON, "en") == "RON\xa00.005"
    assert show_money(amount, Currency("RSD"), "en") == "RSD\xa05,320.50"
    assert show_money(Decimal(5320), JPY, "en") == "¥5,320"
    assert read_amount("¥500", JPY) == Decimal(500)


def test_a_reading_that_had_to_be_rounded_is_known() -> None:
    with pytest.raises(TwoReadingsError) as asked:
        read_amount("1.999", RON)
    assert [asked.value.is_exact(reading) for reading in asked.value.readings] == [True, False]
