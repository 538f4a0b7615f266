"""Reading the body of `POST /payments`, digit for digit."""

import json
from dataclasses import dataclass
from decimal import Decimal

from sandbox.refusals import Refused

LARGEST = Decimal("9999999999.99")


@dataclass(frozen=True)
class PaymentOrder:
    """A payment that somebody asks to have recorded."""

    invoice: str
    """The invoice's number."""
    bani: int
    """Hundredths of a leu, always above zero."""
    method: str
    reference: str | None = None


def read_order(body: bytes) -> PaymentOrder:
    """Turn a request's body into an order, or say what is wrong with it."""
    fields = _read_json(body)
    if not isinstance(fields, dict):
        raise Refused(422, "Cererea trebuie să fie un obiect JSON.")
    return PaymentOrder(
        invoice=_required_text(fields, "invoice_id"),
        bani=read_bani(fields.get("amount")),
        method=_required_text(fields, "payment_method"),
        reference=_optional_text(fields, "reference"),
    )


def read_bani(amount: object) -> int:
    """Count an amount in bani; only a JSON number above zero with at most two decimals will do."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise Refused(422, "Suma trebuie să fie un număr.")
    exact = Decimal(amount)
    if exact <= 0:
        raise Refused(422, "Suma trebuie să fie mai mare decât zero.")
    if exact > LARGEST:
        raise Refused(422, "Suma este prea mare.")
    if int(exact.as_tuple().exponent) < -2:  # noqa: PLR2004  (the decimals of money)
        raise Refused(422, "Suma poate avea cel mult două zecimale.")
    return int(exact * 100)


def _read_json(body: bytes) -> object:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_such_number)
    # Decimal answers an exponent beyond its reach with an ArithmeticError, json deep nesting with a RecursionError.
    except (ValueError, ArithmeticError, RecursionError):
        raise Refused(422, "Cererea nu este JSON valid.") from None


def _no_such_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _required_text(fields: dict[str, object], name: str) -> str:
    text = _optional_text(fields, name)
    if text is None or not text.strip():
        raise Refused(422, f"Câmpul {name} este obligatoriu.")
    return text


def _optional_text(fields: dict[str, object], name: str) -> str | None:
    text = fields.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or not _is_storable(text):
        raise Refused(422, f"Câmpul {name} trebuie să fie un text.")
    return text


def _is_storable(text: str) -> bool:
    # JSON may escape half of a surrogate pair, which no encoding can write down.
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
