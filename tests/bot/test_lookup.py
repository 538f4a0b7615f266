"""Looking things up: by number, by id, nearly right, one or many."""

from bot.conventions import Conventions
from bot.message import CardRef, Chat
from bot.reply import Outcome, Reply, Tone
from sandbox import SandboxOptions
from tests.stage import TEAM, Desk, OpenDesk, Say, facts

MANY = SandboxOptions(customers=60, payments=300)


def _plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def _rows(reply: Reply) -> list[tuple[str, ...]]:
    assert reply.table
    return [tuple(_plain(cell) for cell in row.cells) for row in reply.table.rows]


async def test_an_invoice_is_one_call_and_one_card(desk: Desk) -> None:
    card = await desk.say("/invoice 2024-001")
    assert card.title == "Invoice 2024-001"
    assert card.status
    assert card.status.tone is Tone.BAD
    told = facts(card)
    assert told["Amount"] == told["Left to pay"] == "RON 5,320.50"
    assert told["Due"].startswith("Mar 30, 2024 (")
    assert told["Due"].endswith("days overdue)")
    assert [button.command for button in card.buttons] == ["/pay 2024-001", "/payments 2024-001", "/customer CL-001"]
    assert desk.sandbox.requests == [("GET", "/invoices/2024-001")]


async def test_cards_lead_from_customer_to_invoices_to_invoice_to_payments(say: Say) -> None:
    customer = await say("/customer CL-001")
    assert customer.title == "Client Premium"
    assert facts(customer)["E-mail"] == "client@example.com"
    invoices = await say(customer.buttons[0].command)
    assert invoices.table
    assert invoices.table.rows[0].command
    invoice = await say(invoices.table.rows[0].command)
    payments = next(button for button in invoice.buttons if button.label == "Payments")
    assert (await say(payments.command)).title.startswith("Payments on ")


async def test_a_near_miss_of_a_number_gets_a_suggestion(say: Say) -> None:
    for typed in ("2024/1", "2024-1", "2024001"):
        missed = await say(f"/invoice {typed}")
        assert missed.text == f"There is no invoice {typed}."
        assert missed.outcome is Outcome.REFUSED
        assert missed.buttons[0].command == "/invoice 2024-001"
        assert len(missed.buttons) <= 3


async def test_a_near_miss_of_a_customer_gets_a_suggestion(say: Say) -> None:
    for typed in ("CL-01", "Klient-Premium", "CL001"):
        missed = await say(f"/customer {typed}")
        assert missed.text == f"There is no customer {typed}."
        assert "/customer CL-001" in [button.command for button in missed.buttons]


async def test_a_number_that_is_neither_gets_both_kinds_of_suggestions(say: Say) -> None:
    missed = await say("X9999Y")
    assert missed.text == "There is no invoice and no customer X9999Y."
    assert (await say("X-9 9")).outcome is Outcome.REFUSED


async def test_nonsense_is_answered_with_the_way_to_help(say: Say) -> None:
    missed = await say("qwertyuiop")
    assert missed.text == "There is nothing called “qwertyuiop”. /help shows what can be asked."
    assert missed.buttons[0].command == "/help"


async def test_an_empty_message_is_greeted(say: Say) -> None:
    assert (await say("  ")).title == "Casier: the billing desk"
    assert (await say("/")).title == "What you can ask"


async def test_customers_are_paged_by_name_and_counted(open_desk: OpenDesk) -> None:
    desk = await open_desk(MANY)
    first = await desk.say("/customers")
    assert first.text == "60 customers"
    assert first.table
    assert (first.table.page, first.table.pages, first.table.previous) == (1, 8, None)
    names = []
    page = first
    while page.table and page.table.following:
        names += [row[0] for row in _rows(page)]
        page = await desk.say(page.table.following)
        assert page.in_place
    names += [row[0] for row in _rows(page)]
    truth = {name for (name,) in desk.sandbox.books.query("SELECT name FROM customers")}
    assert set(names) == truth
    assert len(names) == 60
    beyond = await desk.say("/customers page=999")
    assert beyond.table
    assert beyond.table.page == 8


async def test_customers_are_filtered_whatever_the_accents(say: Say) -> None:
    found = await say("/customers CLIENT PRÉMIUM page=1")
    assert ("Client Premium", "CL-001") in _rows(found)
    none = await say("/customers zzz")
    assert none.text == "No customer matches."
    assert none.table is None


async def test_an_ugly_name_passes_through_as_it_is(desk: Desk) -> None:
    ((ugly, customer),) = desk.sandbox.books.query("SELECT name, id FROM customers WHERE name LIKE '%<b>%' LIMIT 1")
    assert (await desk.say(f"/customer {customer}")).title == ugly


async def test_invoices_show_count_sum_and_what_is_outstanding(desk: Desk) -> None:
    ((customer, count, total, left),) = desk.sandbox.books.query(
        """SELECT customer_id, count(*), sum(amount_bani), sum(iif(status = 'cancelled', 0, balance_bani))
        FROM invoices GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 1"""
    )
    told = facts(await desk.say(f"/invoices {customer.lower()}"))
    assert told["In all"].startswith(f"{count} invoice")
    assert told["Sum"] == f"RON {total / 100:,.2f}"
    assert told["Outstanding"] == f"RON {left / 100:,.2f}"


async def test_invoices_of_a_customer_that_is_not_there_are_refused(say: Say) -> None:
    missed = await say("/invoices CL-0001")
    assert missed.text == "There is no customer CL-0001."
    assert missed.buttons[0].command == "/customer CL-001"


async def test_invoices_are_filtered_by_status(desk: Desk) -> None:
    assert (await desk.say("/invoices CL-001 PAID")).text == "There are none."
    ((status,),) = desk.sandbox.books.query("SELECT status FROM invoices WHERE customer_id = 'CL-001'")
    assert _rows(await desk.say(f"/invoices CL-001 {status}"))[0][0] == "2024-001"


async def test_unpaid_is_whatever_has_something_left_to_pay(desk: Desk) -> None:
    for status in ("overdue", "partial", "unpaid", "postponed"):
        with desk.sandbox.books.writing() as books:
            books.execute("UPDATE invoices SET status = ? WHERE customer_id = 'CL-001'", (status,))
        for word in ("unpaid", "open", "UNPAID"):
            assert _rows(await desk.say(f"/invoices CL-001 {word}"))[0][0] == "2024-001"
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE invoices SET status = 'cancelled' WHERE customer_id = 'CL-001'")
    assert (await desk.say("/invoices CL-001 unpaid")).text == "There are none."
    assert "with something left to pay" in (await desk.say("/help invoices")).text


async def test_a_status_that_is_none_is_answered_with_those_that_there_are(desk: Desk) -> None:
    missed = await desk.say("/invoices CL-001 foo")
    assert missed.text == "No invoice of CL-001 is “foo”. What there is: overdue."
    assert [button.command for button in missed.buttons] == ["/invoices CL-001 overdue"]
    with desk.sandbox.books.writing() as books:
        books.execute("DELETE FROM invoices WHERE customer_id = 'CL-001'")
    assert (await desk.say("/invoices CL-001 foo")).text == "CL-001 has no invoices with a status."


async def test_a_list_that_does_not_say_what_is_left_is_not_guessed(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(demo=True, summary_balance=False, bare_lists=True, extra_fields=True))
    listed = await desk.say("/invoices CL-001")
    assert facts(listed)["Outstanding"] == "at least RON 0.00"
    assert listed.notes == ("The list doesn't say what is left on 1 invoice: open it to see.",)


async def test_payments_add_up_only_what_was_received(desk: Desk) -> None:
    ((count,),) = desk.sandbox.books.query("SELECT count(*) FROM payments")
    ((received,),) = desk.sandbox.books.query("SELECT sum(amount_bani) FROM payments WHERE status = 'confirmed'")
    listed = await desk.say("/payments")
    told = facts(listed)
    assert told["In all"] == f"{count} payments"
    assert told["Received"] == f"RON {received / 100:,.2f}"
    assert "pending" in told["Not added up"]
    newest = desk.sandbox.books.query("SELECT paid_at FROM payments ORDER BY paid_at DESC LIMIT 8")
    conventions: Conventions = desk.settings.conventions
    assert [row[1] for row in _rows(listed)] == [_plain(conventions.day(moment)) for (moment,) in newest]


async def test_payments_of_one_invoice_by_number_or_its_own_id(desk: Desk) -> None:
    assert (await desk.say("/payments 2024-001")).text == "There are none yet."
    assert (await desk.say("/payments INV1")).title == "Payments on 2024-001"
    assert (await desk.say("/payments 2024-01")).buttons[0].command == "/invoice 2024-001"


async def test_several_invoices_with_one_id_are_asked_back(desk: Desk) -> None:
    with desk.sandbox.books.writing() as books:
        books.execute("DROP INDEX invoice_ids")
        books.execute("UPDATE invoices SET id = 'INV1' WHERE number = (SELECT max(number) FROM invoices)")
    asked = await desk.say("INV1")
    assert asked.text == "Several customers have an invoice INV1. Which one do you mean?"
    assert len(asked.buttons) == 2


async def test_an_own_id_that_nobody_has_is_not_there(say: Say) -> None:
    assert (await say("INV99999")).text == "There is no invoice INV99999."


async def test_an_own_id_among_too_many_customers_is_left_to_the_reader(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(customers=301, payments=1))
    refused = await desk.say("INV1")
    assert "open the customer" in refused.text
    assert len(desk.sandbox.requests) < 5


async def test_a_payment_without_an_invoice_breaks_nothing(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(customers=1, payments=1))
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE invoices SET status = 'Stornată <i>'")
        books.execute("UPDATE payments SET status = 'weird', paid_at = 'yesterday'")
    assert facts(await desk.say("/payments"))["Not added up"] == "1 weird"
    assert _rows(await desk.say("/payments"))[0] == ("2024-001", "yesterday", "RON 5,320.50", "weird")
    card = await desk.say("/invoice 2024-001")
    assert card.status
    assert card.status.word == "Stornată <i>"


async def test_figures_and_days_are_written_as_the_reader_writes_them(open_desk: OpenDesk) -> None:
    desk = await open_desk(language="ro")
    told = facts(await desk.say("/invoice 2024-001"))
    assert told["Amount"] == "5.320,50 RON"
    assert told["Issued"] == "1 mar. 2024"


async def test_a_customer_with_nothing_known_is_still_a_card(desk: Desk) -> None:
    rows = desk.sandbox.books.query("SELECT id FROM customers WHERE phone IS NULL AND email IS NULL LIMIT 1")
    assert "Phone" not in facts(await desk.say(f"/customer {rows[0][0]}"))
    ((lonely,),) = desk.sandbox.books.query(
        "SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM invoices) LIMIT 1"
    )
    empty = await desk.say(f"/customer {lonely}")
    assert facts(empty)["Invoiced"] == "0 invoices, RON 0.00"
    assert empty.buttons == ()
    assert (await desk.say(f"/invoices {lonely}")).text == "There are none."


async def test_ids_of_any_kind_read_back_from_every_button(desk: Desk) -> None:
    for odd in ("7 100", "ABC 000123", "FĂ–12", "№5", 'a"b', "A=1", "12:3"):
        with desk.sandbox.books.writing() as books:
            books.execute("PRAGMA defer_foreign_keys = 1")
            books.execute("UPDATE payments SET invoice_id = ? WHERE invoice_id = '2024-001'", (odd,))
            books.execute("UPDATE invoices SET number = ? WHERE id = 'INV1'", (odd,))
        listed = await desk.say("/invoices CL-001")
        assert listed.table
        await desk.post(listed.table.rows[0].command or "", card=CardRef(Chat("web", "cashier"), "gone"))
        _card, shown = desk.wall.newest
        assert shown.title == f"Invoice {odd}"
        await desk.post(shown.buttons[0].command, card=CardRef(Chat("web", "cashier"), "gone"))
        _card, asked = desk.wall.newest
        assert asked.title == f"Pay invoice {odd}"
        draft = await desk.say(asked.buttons[0].command)
        if odd != "FĂ–12":  # typed, a long dash is taken for a short one
            assert facts(draft)["Invoice"] == odd


async def test_a_word_of_billings_is_counted_however_it_is_written(desk: Desk) -> None:
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE payments SET status = upper(status)")
    assert facts(await desk.say("/payments"))["Received"] != "RON 0.00"


async def test_a_moment_with_a_zone_is_listed_on_the_readers_day(open_desk: OpenDesk) -> None:
    desk = await open_desk(SandboxOptions(customers=1, payments=1))
    with desk.sandbox.books.writing() as books:
        books.execute("UPDATE payments SET paid_at = '2026-11-22T23:30:00Z'")
    assert _rows(await desk.say("/payments"))[0][1] == "Nov 23, 2026"


async def test_talk_in_a_team_is_no_command(desk: Desk) -> None:
    await desk.say("/pay 2024-001 1 card", chat=TEAM)
    assert (await desk.say("cancel", chat=TEAM)).text.startswith("There is nothing called")
    assert (await desk.say("/cancel", chat=TEAM)).text.startswith("1 payment cancelled")
    assert (await desk.say("/invoice\n2024-001", chat=TEAM)).title == "Invoice 2024-001"
    assert (await desk.say("/invoice@casier_bot\n2024-001", chat=TEAM)).title == "Invoice 2024-001"


async def test_a_customer_is_taken_as_it_is_written_first(desk: Desk) -> None:
    with desk.sandbox.books.writing() as books:
        books.execute(
            "INSERT INTO customers VALUES ('cl-001', 'The Small One', NULL, NULL, NULL, '2024-01-01 00:00:00')"
        )
    assert (await desk.say("/customer cl-001")).title == "The Small One"
    assert (await desk.say("/customer CL-001")).title == "Client Premium"
