"""What a text that somebody points at names."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.conventions import Conventions
from bot.mentions import Named, named_in
from bot.money import Currency
from tests.stage import Say

HERE = Conventions(Currency("RON"), "en", ZoneInfo("Europe/Bucharest"))


@pytest.mark.parametrize(
    ("text", "invoices", "customers", "amounts"),
    [
        ("Acme paid 2024-001 today, RON 5,320.50 by card", ("2024-001",), (), ("5320.50",)),
        ("see cl-001 and 2024/002; 12,50 lei", ("2024/002",), ("CL-001",), ("12.50",)),
        ("am plătit 5 320,50 RON pe INV1, la 2024-01-05", ("INV1",), (), ("5320.50",)),
        ("1.234,00 (or 99.90?), not EUR 5.00, not 1,234", (), (), ("1234.00", "99.90")),
        ("2024-001, “2024–001”; 2024-001.", ("2024-001",), (), ()),
        ("nothing here: 1234, 5 and 12:30", (), (), ()),
        ("", (), (), ()),
    ],
)
def test_invoices_customers_and_amounts_are_found_each_once(
    text: str, invoices: tuple[str, ...], customers: tuple[str, ...], amounts: tuple[str, ...]
) -> None:
    assert named_in(text, HERE) == Named(invoices, customers, tuple(map(Decimal, amounts)))


def test_a_long_text_names_a_few() -> None:
    assert len(named_in(" ".join(f"2024-{number:03}" for number in range(100)), HERE).invoices) == 8


async def test_a_text_is_looked_into(say: Say) -> None:
    assert (await say("/look_in is 2024-001 paid?")).title == "Invoice 2024-001"
    assert (await say("/look_in ask CL-001")).title == "Client Premium"
    named = await say("/look_in 2024-001 and CL-001: 12,50 lei")
    assert [button.command for button in named.buttons] == [
        "/invoice 2024-001",
        "/customer CL-001",
        "/pay 2024-001 12.50",
    ]
    assert [button.command for button in (await say("/look_in 2024-001: 12,50 lei", "viewer")).buttons] == [
        "/invoice 2024-001"
    ]
    assert (await say("/look_in hello")).text == "This message names no invoice, no customer's id and no amount."
