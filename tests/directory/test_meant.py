"""What was probably meant: from the index, without a question to billing but the one that failed."""

from bot.reply import Outcome
from tests.stage import Desk


def _commands(reply: object) -> list[str]:
    return [button.command for button in reply.buttons]  # type: ignore[attr-defined]


async def test_a_mistyped_number_costs_no_list(indexed: Desk) -> None:
    for typed in ("2024/1", "2024001", "2024-01", "2042-001", "2024-0011", "0224-001"):
        indexed.sandbox.requests.clear()
        missed = await indexed.say(f"/invoice {typed}")
        assert (missed.text, missed.outcome) == (f"There is no invoice {typed}.", Outcome.REFUSED)
        assert "/invoice 2024-001" in _commands(missed), typed
        assert len(missed.buttons) <= 3
        assert {path for _method, path in indexed.sandbox.requests} <= {f"/invoices/{typed}"}
    assert _commands(await indexed.say("/invoice 9999-999")) == []


async def test_a_mistyped_customer_costs_no_list(indexed: Desk) -> None:
    for typed in ("CL-01", "Klient-Premium", "CL001", "LC-001", "CL-0001"):
        indexed.sandbox.requests.clear()
        missed = await indexed.say(f"/customer {typed}")
        assert missed.text == f"There is no customer {typed}."
        assert "/customer CL-001" in _commands(missed), typed
        assert "/customers" not in {path for _method, path in indexed.sandbox.requests}


async def test_a_customers_own_id_is_known_without_asking_all(indexed: Desk) -> None:
    assert (await indexed.say("/invoice INV1")).title == "Invoice 2024-001"
    assert len(indexed.sandbox.requests) <= 2
    assert (await indexed.say("/invoice INV99999")).text == "There is no invoice INV99999."
