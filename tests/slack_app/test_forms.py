"""The form for a payment, the shortcuts, and App Home."""

import asyncio
from typing import Any

from tests.slack_app.judge import buttons_of, judge_option, lines_of
from tests.slack_app.screen import Fields
from tests.slack_app.standin import No, own_channel
from tests.slack_app.workspace import CHANNEL, IDS, Talk

OWN = own_channel(IDS["cashier"])
OPEN_REST = "5320.50"


def inputs(view: Fields) -> dict[str, Fields]:
    """A form's fields, by what they are for."""
    return {
        block["element"]["action_id"].removeprefix("pay-"): block
        for block in view["blocks"]
        if block["type"] == "input"
    }


def filled(view: Fields, **words: str) -> Fields:
    """The form with these words typed or chosen, and what was in it before."""
    values: dict[str, Any] = {}
    for name, block in inputs(view).items():
        element = block["element"]
        initial = element.get("initial_value") or (element.get("initial_option") or {}).get("value")
        word = words.get(name, initial)
        option = {"text": {"type": "plain_text", "text": word}, "value": word} if word else None
        field = {"value": word} if element["type"] == "plain_text_input" else {"selected_option": option}
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"], **field}}
    return {**view, "state": {"values": values}}


def form_of(talk: Talk, who: str, kind: str, view: Fields, **more: object) -> Fields:
    return {"type": kind, "user": {"id": IDS[who], "name": who}, "team": {"id": "T0TEAM"}, "view": view, **more}


async def opened(talk: Talk, count: int = 1) -> Fields:
    view: Fields = await talk.screen.until(lambda: len(talk.screen.modals) >= count and talk.screen.modals[count - 1])
    return view


async def sent(talk: Talk, view: Fields, who: str = "cashier") -> Any:  # noqa: ANN401
    return await talk.slack.deliveries.push("interactive", form_of(talk, who, "view_submission", view))


async def suggested(talk: Talk, view: Fields, field: str, text: str, who: str = "cashier") -> list[str]:
    asked = form_of(talk, who, "block_suggestion", view, action_id=f"pay-{field}", block_id=field, value=text)
    options = (await talk.slack.deliveries.push("interactive", asked))["options"]
    for option in options:
        judge_option(option)
    return [option["value"] for option in options]


async def chosen(talk: Talk, view: Fields, field: str) -> None:
    actions = [{"action_id": f"pay-{field}", "block_id": field, "type": "external_select"}]
    await talk.slack.deliveries.push("interactive", form_of(talk, "cashier", "block_actions", view, actions=actions))


async def test_pay_alone_opens_a_form_that_is_filled_by_what_is_typed_into_it(desk: Talk) -> None:
    await desk.command("pay", channel=CHANNEL)
    view = await opened(desk)
    assert list(inputs(view)) == ["customer", "invoice", "amount", "method", "reference"]
    assert desk.sandbox.requests == []
    view = filled(view)
    assert await suggested(desk, view, "customer", "premium") == ["CL-001"]
    assert "2024-001" in await suggested(desk, view, "invoice", "premium")
    assert await suggested(desk, view, "invoice", "2024-001") == ["2024-001"]
    await chosen(desk, filled(view, customer="CL-001"), "customer")
    await chosen(desk, filled(view, customer="CL-001", invoice="2024-001"), "invoice")
    await desk.screen.until(lambda: inputs(desk.screen.modals[0])["amount"]["element"].get("initial_value"))
    view = desk.screen.modals[0]
    assert inputs(view)["amount"]["element"]["initial_value"] == OPEN_REST
    lines = [line.replace("\xa0", " ") for line in lines_of(view["blocks"])]
    assert lines == ["Customer: Client Premium (CL-001)", "Left to pay: RON 5,320.50"]
    assert await sent(desk, filled(view, method="cash", reference="OP <7>")) == {} or True
    draft = await desk.next(CHANNEL, 0)
    assert draft.lines[0] == "Pay RON 5,320.50 on 2024-001?"
    assert "Reference: OP <7>" in draft.lines
    await desk.press(draft, "Confirm")
    await desk.screen.until(lambda: "✅ recorded" in draft.lines)


async def test_the_index_suggests_what_is_misspelt_and_what_is_left_to_pay(talk: Talk) -> None:
    talk.settings = talk.settings.model_copy(update={"directory_requests_per_second": 1000})
    async with talk.running():
        while not await talk.app.services.rounds.step():
            pass
        await talk.command("pay")
        view = filled(await opened(talk))
        before = len(talk.sandbox.requests)
        assert "CL-001" in await suggested(talk, view, "customer", "premum client")
        assert await suggested(talk, view, "invoice", "premium") == ["2024-001"]
        assert (await suggested(talk, view, "invoice", "2024-001"))[0] == "2024-001"
        assert await suggested(talk, filled(view, customer="CL-001"), "invoice", "20") == ["2024-001"]
        assert len(talk.sandbox.requests) == before


async def test_pay_with_an_invoice_opens_the_form_with_its_rest(here: Talk) -> None:
    await here.command("pay INV1")
    await here.screen.until(
        lambda: here.screen.modals and inputs(here.screen.modals[0])["amount"]["element"].get("initial_value")
    )
    view = here.screen.modals[0]
    assert inputs(view)["invoice"]["element"]["initial_option"]["value"] == "2024-001"
    await sent(here, filled(view, method="card", amount="12,50"))
    assert (await here.next(OWN, 0)).lines[0] == "Pay RON 12.50 on 2024-001?"


async def test_another_invoice_brings_its_own_rest_and_another_customer_forgets_it(here: Talk) -> None:
    ((number, left),) = here.sandbox.books.query(
        "SELECT number, balance_bani FROM invoices WHERE balance_bani > 0 AND number != '2024-001' LIMIT 1"
    )
    await here.command("pay 2024-001")
    view = await opened(here)

    async def rest(amount: str) -> None:
        await here.screen.until(lambda: inputs(view)["amount"]["element"].get("initial_value", "") == amount)

    await rest(OPEN_REST)
    await chosen(here, filled(view, invoice=number), "invoice")
    await rest(f"{left / 100:.2f}")
    await chosen(here, filled(view, customer="CL-002"), "customer")
    await rest("")
    assert inputs(view)["invoice"]["block_id"] == "invoice-CL-002"
    assert "initial_option" not in inputs(view)["invoice"]["element"]
    await chosen(here, filled(view, amount="7", invoice="2024-001"), "invoice")
    await rest("7")


async def test_an_amount_that_was_said_stays_and_an_invoice_that_is_not_there_is_told_in_the_form(here: Talk) -> None:
    await here.command("pay 2024-001 7,5")
    await here.screen.until(lambda: here.screen.modals and len(here.screen.modals[0]["blocks"]) > 5)
    assert inputs(here.screen.modals[0])["amount"]["element"]["initial_value"] == "7.50"
    await here.command("pay 2024-404")
    await here.screen.until(lambda: len(here.screen.modals) > 1 and len(here.screen.modals[1]["blocks"]) > 5)
    assert "⚠️ There is no invoice 2024-404." in list(lines_of(here.screen.modals[1]["blocks"]))


async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_drafted(desk: Talk) -> None:
    await desk.command("pay")
    view = await opened(desk)
    empty = await sent(desk, filled(view))
    assert empty["response_action"] == "errors"
    assert list(empty["errors"]) == ["invoice-", "amount-", "method"]
    wrong = await sent(desk, filled(view, invoice="2024-404", amount="1,234", method="cash", reference="x" * 65))
    assert wrong["errors"] == {
        "invoice-": "There is no invoice 2024-404.",
        "amount-": "This can be read in two ways: write 1234.00 or 1.23.",
        "reference": "A reference has 64 characters at most.",
    }
    assert (
        "negative"
        in (await sent(desk, filled(view, invoice="2024-001", amount="-5", method="cash")))["errors"]["amount-"]
    )
    assert desk.screen.seen_in(OWN) == []


async def test_complete_and_wrong_commands_and_people_who_may_not_pay_get_no_form(here: Talk) -> None:
    assert (await here.said("pay 2024-001 10 cash")).lines[0] == "Pay RON 10.00 on 2024-001?"
    assert (await here.said("pay 2024-001 nonsense")).lines[0].startswith("“nonsense”")
    assert (await here.said("pay", "viewer")).lines[0].startswith("This is for the role “cashier”")
    await here.mention("pay 2024-001")
    assert (await here.next(CHANNEL, 0)).lines[0] == "Pay invoice 2024-001"
    assert here.screen.modals == []


async def test_a_form_that_can_not_be_opened_is_asked_for_in_words(here: Talk) -> None:
    here.slack.faults["views.open"] = [No("expired_trigger_id")]
    assert (await here.said("pay 2024-001")).lines[0] == "Pay invoice 2024-001"
    here.slack.faults["views.update"] = [No("not_found")]
    await here.command("pay 2024-001")
    await opened(here)


async def test_billing_that_is_away_leaves_the_form_to_be_sent_all_the_same(here: Talk) -> None:
    await here.command("pay")
    view = await opened(here)
    here.sandbox.faults.add("GET", "*", "error-before-commit", times=50)
    assert await suggested(here, filled(view), "customer", "premium") == []
    told = await sent(here, filled(view, invoice="2024-001", amount="5", method="cash"))
    assert told["errors"]["invoice-"].startswith("The billing system does not answer right now")
    assert await suggested(here, filled(view), "customer", "premium", "viewer") == []


def shortcut(talk: Talk, who: str, name: str, **more: object) -> Fields:
    kind = "message_action" if "message" in more else "shortcut"
    user = {"id": IDS[who], "name": who}
    return {
        "type": kind,
        "callback_id": name,
        "user": user,
        "trigger_id": talk.slack.trigger(),
        "team": {"id": "T"},
        **more,
    }


async def pointed(talk: Talk, text: str, who: str = "cashier") -> list[str]:
    before = len(talk.screen.seen_in(CHANNEL, IDS[who]))
    where = {"channel": {"id": CHANNEL, "name": "billing"}, "response_url": talk.slack.respond_url(CHANNEL, IDS[who])}
    told = shortcut(talk, who, "look_up", message={"type": "message", "text": text, "ts": talk.slack.ts()}, **where)
    await talk.slack.deliveries.push("interactive", told)
    card = await talk.next(CHANNEL, before, IDS[who])
    assert card.reader == IDS[who]
    return [*card.lines, *card.buttons]


async def test_a_message_is_looked_up_and_what_it_names_leads_on(desk: Talk) -> None:
    assert (await pointed(desk, "is 2024-001 paid?"))[0] == "Invoice 2024-001"
    assert (await pointed(desk, "what about <mailto:x@y.z|cl-001>?"))[0] == "Client Premium"
    named = await pointed(desk, "2024-001 &amp; CL-001:\nRON 5,320.50 came")
    assert named[:4] == ["Named in the message", "Invoices: 2024-001", "Customers: CL-001", "Amounts: RON 5,320.50"]
    assert {"2024-001", "CL-001", "Pay RON 5,320.50 on 2024-001"} <= set(named)
    assert "Pay RON 5,320.50 on 2024-001" not in await pointed(desk, "2024-001: RON 5,320.50", "viewer")
    assert await pointed(desk, "") == [
        "This message names no invoice, no customer's id and no amount.",
        "Share to channel",
    ]


async def test_the_shortcut_opens_the_form_or_says_why_not(desk: Talk) -> None:
    await desk.slack.deliveries.push("interactive", shortcut(desk, "cashier", "record_payment"))
    view = await opened(desk)
    await sent(desk, filled(view, invoice="2024-001", amount="5", method="cash"))
    assert (await desk.next(OWN, 0)).lines[0] == "Pay RON 5.00 on 2024-001?"
    own = own_channel(IDS["viewer"])
    await desk.slack.deliveries.push("interactive", shortcut(desk, "viewer", "record_payment"))
    assert (await desk.next(own, 0)).lines[0].startswith("This is for the role “cashier”")


async def home(talk: Talk, who: str, words: str = "") -> list[str]:
    """Open the home, or wait until it shows these words; read it."""
    if not words:
        talk.screen.homes.pop(IDS[who], None)
        told = talk.event({"type": "app_home_opened", "tab": "home", "channel": own_channel(IDS[who])}, who)
        await talk.slack.deliveries.push("events_api", told)
    await talk.screen.until(
        lambda: words in "\n".join(lines_of(talk.screen.homes.get(IDS[who], []))) and IDS[who] in talk.screen.homes
    )
    return [line.replace("\xa0", " ") for line in lines_of(talk.screen.homes[IDS[who]])]


def at_home(talk: Talk, who: str, **action: str) -> Fields:
    view = {"type": "home", "id": "V1"}
    return form_of(
        talk,
        who,
        "block_actions",
        view,
        container={"type": "view", "view_id": "V1"},
        trigger_id=talk.slack.trigger(),
        actions=[action],
    )


async def press_at_home(talk: Talk, who: str, label: str) -> None:
    buttons = buttons_of(talk.screen.homes[IDS[who]])
    button = next(each for text, each in buttons.items() if text.startswith(label))
    told = at_home(talk, who, action_id=button["action_id"], value=button.get("value", ""))
    await talk.slack.deliveries.push("interactive", told)


async def test_the_home_shows_who_one_is_the_newest_payments_and_a_search(desk: Talk) -> None:
    shown = await home(desk, "cashier")
    assert "Nothing: no payment to approve, none to settle." in shown
    assert {"Waiting for you", "Newest payments", "You"} <= set(shown)
    assert "Role: cashier: may look things up and record payments" in shown
    await desk.slack.deliveries.push("interactive", at_home(desk, "cashier", action_id="home-search", value="2024-001"))
    assert "Invoice 2024-001" in await home(desk, "cashier", "Invoice 2024-001")
    await press_at_home(desk, "cashier", "Customer")
    assert "Client Premium" in await home(desk, "cashier", "Client Premium")
    await press_at_home(desk, "cashier", "Record a payment")
    await opened(desk)
    assert "Waiting for you" not in await home(desk, "viewer")
    assert (await home(desk, "stranger"))[0] == f"You are slack:{IDS['stranger']}"


async def test_pages_are_turned_in_the_home_and_admins_see_what_is_unknown(here: Talk) -> None:
    here.sandbox.faults.add("POST", "/payments", "drop-before-commit")
    draft = await here.said("pay 2024-001 10 cash REF")
    await here.press(draft, "Confirm")
    await here.screen.until(lambda: "❌ unknown" in draft.lines, 20)
    shown = await home(here, "admin")
    assert any(line.startswith("2024-001 · RON 10.00 · unknown") for line in shown), shown
    told = at_home(here, "admin", action_id="home-search", value="payments page=2")
    await here.slack.deliveries.push("interactive", told)
    await home(here, "admin", "Page 2 of 19")
    await press_at_home(here, "admin", "›")
    await home(here, "admin", "Page 3 of 19")


async def test_a_payment_asked_for_in_the_home_comes_into_our_own_chat(here: Talk) -> None:
    await home(here, "cashier")
    said = at_home(here, "cashier", action_id="home-search", value="pay 2024-001 10 cash")
    await here.slack.deliveries.push("interactive", said)
    await home(here, "cashier", "I have answered you in our own chat")
    assert (await here.next(OWN, 0)).lines[0] == "Pay RON 10.00 on 2024-001?"


async def test_what_waits_for_an_approver_is_in_their_home_and_opens_there(talk: Talk) -> None:
    talk.settings = talk.settings.model_copy(update={"approval_limit": 5})
    async with talk.running():
        draft = await talk.said("pay 2024-001 10 cash")
        await talk.press(draft, "Confirm")
        await talk.screen.until(lambda: talk.screen.seen_in(own_channel(IDS["approver"])))
        shown = await home(talk, "approver")
        assert any(line.startswith("2024-001 · RON 10.00 · needs a second person") for line in shown), shown
        assert "Nothing: no payment to approve, none to settle." in await home(talk, "cashier")
        talk.slack.faults["views.publish"] = [No("fatal_error")]
        await press_at_home(talk, "approver", "2024-001")
        await asyncio.sleep(0.1)
        await press_at_home(talk, "approver", "2024-001")
        assert len(talk.screen.seen_in(own_channel(IDS["approver"]))) >= 1
