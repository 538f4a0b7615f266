"""Links that open an invoice or a customer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.telegram import deep_link
from bot.platforms.telegram.links import opened

ids = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,38}[A-Za-z0-9])?", fullmatch=True)


@given(name=st.sampled_from(["/invoice", "/customer"]), word=ids)
def test_a_link_says_what_it_was_made_of(name: str, word: str) -> None:
    link = deep_link("casier_bot", f"{name} {word}")
    assert link
    payload = link.removeprefix("https://t.me/casier_bot?start=")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert opened(f"/start {payload}") == f"{name} {word}"
    assert opened(f"/start@casier_bot {payload}") == f"{name} {word}"


@pytest.mark.parametrize(
    "command", ["/pay 2024-001", "/confirm 7Q2K4M9XAB", "/invoice", "/invoice a b", "/invoice " + "9" * 63]
)
def test_nothing_else_can_be_said_by_link(command: str) -> None:
    assert deep_link("casier_bot", command) is None


@pytest.mark.parametrize("text", ["/start", "/invoice 1", "hello", "/start a b"])
def test_what_is_no_link_is_left_alone(text: str) -> None:
    assert opened(text) == text


@pytest.mark.parametrize("payload", ["ask", "x_1", "i_", "ö", "i-1"])
def test_a_link_of_nobody_s_making_is_a_plain_start(payload: str) -> None:
    assert opened(f"/start {payload}") == "/start"


@pytest.mark.parametrize("payload", ["ix_gICA", "ix_a"])
def test_a_link_packed_by_nobody_opens_nothing(payload: str) -> None:
    assert opened(f"/start {payload}") == "/invoice"


def test_the_chat_itself_can_be_opened() -> None:
    assert deep_link("casier_bot") == "https://t.me/casier_bot?start=ask"
