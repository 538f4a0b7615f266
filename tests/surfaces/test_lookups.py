"""Looking things up, as people do all day."""

import pytest

from handlers import all_commands
from sandbox import SandboxOptions
from tests.surfaces.conftest import OpenDesk
from tests.surfaces.desk import PAYER, Can, Desk

GREETING = (
    "Type an invoice number (2024-001) or a customer's id (CL-001) and you see it. "
    "A payment is /pay, an invoice, an amount and how it was paid: you confirm it before anything is sent."
)
UGLY = (
    "<b>Bold_*</b> & `Sons`",
    "Ștefănescu–Împărțeală „Țuică”",
    "</b><a href='tg://user?id=1'>x</a>",
    "[link](https://evil.example) ~x~ ||y||",
    "Societatea Națională " + "de Construcții și Lucrări Publice " * 9 + "SA",
    '👩‍👩‍👧‍👦 O\'Brien, "Inc." {0} %s',
)


def rename(desk: Desk, name: str) -> None:
    """Give CL-001 another name."""
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE customers SET name = ? WHERE id = 'CL-001'", (name,))


async def test_who_starts_is_greeted_told_who_they_are_and_shown_on(desk: Desk) -> None:
    role = desk.role_of(PAYER)
    greeting = await desk.say("/start")
    assert greeting.lines == [
        "Casier: the billing desk",
        GREETING,
        f"You: {role.word}: {role.may}",
    ]
    assert greeting.buttons == ["Customers", "Payments", "Help"]
    opened = [await desk.press(greeting, label) for label in greeting.buttons]
    assert [card.lines[0] for card in opened] == ["Customers", "Payments", "What you can ask"]


async def test_help_shows_every_command_and_how_one_is_used(desk: Desk) -> None:
    helped = await desk.say("/help")
    shown = all_commands().allowed(desk.role_of(PAYER))
    assert helped.rows == [(each.usage(desk.settings.conventions), each.summary) for each in shown]
    assert helped.lines[-1] == "<…> is needed, […] may be left out. A bare 2024-001 or CL-001 works, too."
    for each in shown:
        one = await desk.say(f"/help {each.name}")
        assert one.lines[:2] == [f"/{each.name}", each.summary]
        assert one.facts["Usage"] == each.usage(desk.settings.conventions)
        assert one.facts["Example"].startswith(f"/{each.name}")
        assert one.facts["For"] == f"{each.role.word} and above"
    assert desk.sandbox.requests == []


async def test_help_for_what_is_no_command_offers_what_was_meant(desk: Desk) -> None:
    missed = await desk.say("/help paay")
    assert missed.lines == ["There is no command /paay."]
    assert (await desk.press(missed, "/help pay")).lines[0] == "/pay"


@pytest.mark.needs(Can.LINKS)
async def test_a_row_of_help_opens_its_command(desk: Desk) -> None:
    helped = await desk.say("/help")
    opened = await desk.press(helped, "/pay ")
    assert opened.facts["Example"] == "/pay 2024-001 5320.50 card EUP123456789"


async def test_id_says_who_one_is(desk: Desk) -> None:
    role = desk.role_of(PAYER)
    own = await desk.say("/id")
    assert own.lines == [f"You are {desk.key_of(PAYER)}", f"Role: {role.word}: {role.may}"]


async def test_an_invoice_is_one_call_and_one_card_with_what_leads_on(desk: Desk) -> None:
    card = await desk.say("/invoice 2024-001")
    assert card.lines[:-1] == [
        "Invoice 2024-001",
        "overdue",
        "Customer: CL-001",
        "Amount: RON 5,320.50",
        "Left to pay: RON 5,320.50",
        "Issued: Mar 1, 2024",
    ]
    assert card.lines[-1].startswith("Due: Mar 30, 2024 (")
    assert card.lines[-1].endswith(" days overdue)")
    assert {"Pay RON 5,320.50", "Payments", "Customer"} <= set(card.buttons)
    assert desk.sandbox.requests == [("GET", "/invoices/2024-001")]
    assert len(desk.cards()) == 1


async def test_an_invoice_and_a_customer_are_understood_however_they_are_said(desk: Desk) -> None:
    ours = f"/Invoice@{desk.bot_name.title()} 2024–001"
    for typed in ("2024-001", "INV1", "inv1", "/invoice INV1", "invoice 2024-001", "/INVOICE\u00a02024-001", ours):
        assert (await desk.say(typed)).lines[0] == "Invoice 2024-001", typed
    for typed in ("CL-001", "cl-001", "/customer cl-001", "“CL-001”", "customer CL-001"):
        assert (await desk.say(typed)).lines[0] == "Client Premium", typed
    for typed in ("client premium", "/customers CLIENT PRÉMIUM", "customers premium", "client@example.com"):
        assert ("Client Premium", "CL-001") in (await desk.say(typed)).rows, typed


async def test_a_customer_s_card_leads_to_invoices_and_payments(desk: Desk) -> None:
    customer = await desk.say("/customer CL-001")
    assert customer.lines[:3] == ["Client Premium", "Id: CL-001", "E-mail: client@example.com"]
    invoices = await desk.press(customer, "All invoices")
    assert invoices.lines[0] == "Invoices of Client Premium (CL-001)"
    assert invoices.rows == [("2024-001", "Mar 1, 2024", "RON 5,320.50", "overdue")]
    invoice = await desk.press(customer, "2024-001")
    assert invoice.lines[:3] == ["Invoice 2024-001", "overdue", "Customer: Client Premium (CL-001)"]
    payments = await desk.press(invoice, "Payments")
    assert payments.lines == ["Payments on 2024-001", "There are none yet."]
    assert (await desk.press(payments, "Invoice")).lines[0] == "Invoice 2024-001"
    assert (await desk.press(invoice, "Customer")).lines[0] == "Client Premium"


@pytest.mark.needs(Can.LINKS)
async def test_a_row_and_a_fact_open_what_they_are_about(desk: Desk) -> None:
    listed = await desk.say("/customers")
    name, _id = listed.rows[0]
    assert (await desk.press(listed, name)).lines[0] == name
    draft = await desk.say("/pay 2024-001 1 card")
    assert (await desk.press(draft, "2024-001")).lines[0] == "Invoice 2024-001"
    assert (await desk.press(draft, "Client Premium (CL-001)")).lines[0] == "Client Premium"


async def test_what_is_nearly_right_gets_suggestions_that_work(desk: Desk) -> None:
    for typed, told, meant, found in (
        ("/invoice 2024-01", "There is no invoice 2024-01.", "2024-001", "Invoice 2024-001"),
        ("2024/1", "There is no invoice 2024/1.", "2024-001", "Invoice 2024-001"),
        ("/customer CL-01", "There is no customer CL-01.", "Client Premium", "Client Premium"),
        ("/invoices CL-0001", "There is no customer CL-0001.", "Client Premium", "Client Premium"),
        ("/invoce 2024-001", "There is no command /invoce.", "/invoice 2024-001", "Invoice 2024-001"),
        ("/payments 2024-01", "There is no invoice 2024-01.", "2024-001", "Invoice 2024-001"),
    ):
        missed = await desk.say(typed)
        assert missed.lines == [told]
        assert 1 <= len(missed.buttons) <= 3
        assert (await desk.press(missed, meant)).lines[0] == found


async def test_what_is_nothing_at_all_leads_to_help(desk: Desk) -> None:
    for typed, told in (
        ("qwertyuiop", "There is nothing called “qwertyuiop”. /help shows what can be asked."),
        ("/qqqqqqqq", "There is no command /qqqqqqqq."),
    ):
        missed = await desk.say(typed)
        assert missed.lines == [told]
        assert (await desk.press(missed, "/help")).lines[0] == "What you can ask"
    assert (await desk.say("X9999Y")).lines == ["There is no invoice and no customer X9999Y."]
    assert (await desk.say("/customers zzz")).lines == ["Customers", "No customer matches."]
    assert (await desk.say("/invoices CL-001 paid")).lines[1:] == ["There are none."]
    assert (await desk.say("/")).lines[0] == "What you can ask"


async def test_a_command_without_what_it_needs_says_how_it_is_used(desk: Desk) -> None:
    assert (await desk.say("/invoice")).lines == [
        "“invoice” is missing.",
        "Usage: /invoice <invoice>",
        "Example: /invoice 2024-001",
    ]
    assert (await desk.say("/pay")).lines[1:] == [
        "Usage: /pay <invoice> [amount] [card|cash|transfer] [reference]",
        "Example: /pay 2024-001 5320.50 card EUP123456789",
    ]


async def test_every_customer_is_on_one_page_and_all_pages_can_be_turned(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(customers=30, payments=30))
    card = await desk.say("/customers")
    assert card.lines[:2] == ["Customers", "30 customers"]
    shown = list(card.rows)
    for number in range(2, 5):
        card = await desk.press(card, desk.onward)
        assert card.page == f"{number}/4"
        shown += card.rows
    assert desk.onward not in card.buttons
    assert sorted(shown) == sorted(desk.sandbox.books.query("SELECT name, id FROM customers"))
    assert (await desk.press(card, desk.back)).page == "3/4"
    assert (await desk.say("/customers page=999")).page == "4/4"


@pytest.mark.needs(Can.REDRAW)
async def test_a_page_takes_the_place_of_the_one_before(desk: Desk) -> None:
    card = await desk.say("/payments")
    first = card.lines
    assert card.page == "1/19"
    await desk.press(card, desk.onward)
    assert card.page == "2/19"
    assert card.lines != first
    await desk.press(card, desk.back)
    assert card.lines == first
    assert len(desk.cards()) == 1


async def test_payments_and_invoices_add_up_as_the_books_do(desk: Desk) -> None:
    ((count, received),) = desk.sandbox.books.query(
        "SELECT count(*), sum(iif(status = 'confirmed', amount_bani, 0)) FROM payments"
    )
    payments = await desk.say("/payments")
    assert payments.facts["In all"] == f"{count} payments"
    assert payments.facts["Received"] == f"RON {received / 100:,.2f}"
    newest = desk.sandbox.books.query("SELECT invoice_id FROM payments ORDER BY paid_at DESC, id DESC LIMIT 8")
    assert [row[:1] for row in payments.rows] == newest
    ((customer, number, total, left),) = desk.sandbox.books.query(
        """SELECT customer_id, count(*), sum(amount_bani), sum(iif(status = 'cancelled', 0, balance_bani))
        FROM invoices GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 1"""
    )
    invoices = await desk.say(f"/invoices {customer.lower()}")
    assert invoices.facts["In all"] == f"{number} invoices"
    assert invoices.facts["Sum"] == f"RON {total / 100:,.2f}"
    assert invoices.facts["Outstanding"] == f"RON {left / 100:,.2f}"


async def test_an_ugly_name_is_read_as_it_is_everywhere(desk: Desk) -> None:
    for name in UGLY:
        rename(desk, name)
        assert (await desk.say("/customer CL-001")).lines[0] == name
        assert (name, "CL-001") in (await desk.say(f"/customers {name.split()[0]}")).rows
        assert (await desk.say("/invoice 2024-001")).facts["Customer"] == f"{name} (CL-001)"
        assert (await desk.say("/invoices CL-001")).lines[0] == f"Invoices of {name} (CL-001)"
        draft = await desk.say("/pay 2024-001 1 card")
        assert draft.facts["Customer"] == f"{name} (CL-001)"
        assert (await desk.press(draft, "Cancel")).facts["Customer"] == f"{name} (CL-001)"


async def test_several_invoices_of_one_id_are_asked_back(desk: Desk) -> None:
    with desk.sandbox.books.writing() as books:
        books.execute("DROP INDEX invoice_ids")
        books.execute("UPDATE invoices SET id = 'INV1' WHERE number = (SELECT max(number) FROM invoices)")
    asked = await desk.say("INV1")
    assert asked.lines == ["Several customers have an invoice INV1. Which one do you mean?"]
    opened = [(await desk.press(asked, label)).lines[0] for label in asked.buttons]
    assert "Invoice 2024-001" in opened
    assert len(set(opened)) == 2
