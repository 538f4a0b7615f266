"""Subscribing, looking, muting and ending, by what people say and press."""

import pytest

from bot.message import Chat, ChatKind
from bot.reply import Outcome, Reply
from tests.notifications.newsroom import OWN, Newsroom
from tests.stage import facts

TOPIC = Chat("web", "forum", ChatKind.GROUP, "5")
FORUM = Chat("web", "forum", ChatKind.GROUP)


def command(reply: Reply, label: str) -> str:
    """What the button says whose label begins so."""
    return next(button.command for button in reply.buttons if button.label.replace("\xa0", " ").startswith(label))


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


async def test_a_word_subscribes_to_everything_and_a_press_narrows_it(newsroom: Newsroom) -> None:
    card = await newsroom.say("/subscribe", chat=OWN)
    assert card.title == "Subscribed: every payment"
    narrowed = await newsroom.say(command(card, "Only from"), chat=OWN)
    assert plain(narrowed.title) == "Subscribed: payments from RON 1,000.00"
    quiet = await newsroom.say(command(narrowed, "Quiet"), chat=OWN)
    assert facts(quiet) == {"Quiet": "22:00-07:00", "Cards": "detailed"}
    compact = await newsroom.say(command(quiet, "Compact"), chat=OWN)
    assert facts(compact) == {"Quiet": "22:00-07:00", "Cards": "compact"}
    shown = await newsroom.say("/subscriptions", chat=OWN)
    (about,) = (value for label, value in facts(shown).items() if label.startswith("payments"))
    assert about.startswith("by Cashier, ")
    assert about.endswith("quiet 22:00-07:00, compact")
    assert facts(shown)["Last told"] == "never yet"
    ended = await newsroom.say(command(shown, "End"), chat=OWN)
    assert plain(ended.title) == "Ended: payments from RON 1,000.00"
    assert (await newsroom.say("/subscriptions", chat=OWN)).text == "This chat hears of no payments."


async def test_every_filter_can_be_said(newsroom: Newsroom) -> None:
    said = "/subscribe min=1000 max=5000,50 customer=CL-001 invoice=2024-001 status=Failed,confirmed quiet=22-7"
    card = await newsroom.say(said, chat=OWN)
    words = "from RON 1,000.00, up to RON 5,000.50, of CL-001, on 2024-001, confirmed / failed"
    assert plain(card.title) == f"Subscribed: payments {words}"
    assert facts(card)["Quiet"] == "22:00-07:00"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("/subscribe quiet=22:00", "“22:00” are no hours"),
        ("/subscribe quiet=7-7", "“7-7” are no hours"),
        ("/subscribe min=much", "“much” is no amount"),
        ("/subscribe status=1", "“1” is no status"),
        ("/subscribe cards=huge", "Cards are detailed, compact."),
        ("/subscribe chat=?", "“?” is no chat"),
        ("/mute 2weeks", "“2weeks” is no time"),
        ("/mute 31d", "“31d” is no time"),
    ],
)
async def test_what_can_not_be_read_is_refused_with_the_usage(newsroom: Newsroom, said: str, why: str) -> None:
    reply = await newsroom.say(said, chat=OWN)
    assert reply.outcome is Outcome.MISUSED
    assert reply.text.startswith(why)
    assert "Usage: /" in reply.text


async def test_a_bound_that_can_be_read_in_two_ways_is_asked_back(newsroom: Newsroom) -> None:
    asked = await newsroom.say("/subscribe min=1.000 customer=CL-001", chat=OWN)
    assert [button.command for button in asked.buttons] == [
        "/subscribe min=1000.00 customer=CL-001",
        "/subscribe min=1.00 customer=CL-001",
    ]


async def test_several_subscriptions_of_a_chat_tell_once(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe min=50")
    last = await newsroom.say("/subscribe invoice=2024-001")
    assert facts(last)["Also"].startswith("every payment; payments from")
    assert last.notes == ("However many of these a payment fits, it is told once.",)
    await newsroom.come(newsroom.payment("60"))
    await newsroom.hears(1)


async def test_only_what_is_asked_for_is_told(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe min=100 max=200 status=confirmed", chat=OWN)
    amounts = ("99.99", "100", "200", "200.01")
    await newsroom.come(*(newsroom.payment(amount) for amount in amounts), newsroom.payment("150", status="failed"))
    told = await newsroom.hears(2, OWN)
    assert sorted(plain(card.title).split()[1] for card in told) == ["100.00", "200.00"]


async def test_a_customers_payments_are_told_once_billing_says_whose_they_are(newsroom: Newsroom) -> None:
    mine = await newsroom.desk.app.services.billing.invoice("2024-001")
    await newsroom.say(f"/subscribe customer={mine.customer_id}", chat=OWN)
    other = await other_invoice(newsroom, str(mine.customer_id))
    await newsroom.come(newsroom.payment("1", other), newsroom.payment("2"), newsroom.payment("3", "no-such-invoice"))
    (card,) = await newsroom.hears(1, OWN)
    assert "2024-001" in card.title


async def other_invoice(newsroom: Newsroom, customer: str) -> str:
    """An invoice of somebody else's."""
    async for each in newsroom.desk.app.services.billing.customers():
        if each.id != customer:
            async for invoice in newsroom.desk.app.services.billing.invoices_of(each.id):
                return invoice.number
    raise AssertionError("nobody else")


async def test_a_topic_is_a_chat_of_its_own(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=TOPIC)
    await newsroom.come(newsroom.payment())
    await newsroom.hears(1, TOPIC)
    assert newsroom.told(FORUM) == []
    assert (await newsroom.say("/subscriptions", chat=FORUM)).text == "This chat hears of no payments."


async def test_viewers_look_and_only_cashiers_decide(newsroom: Newsroom) -> None:
    looked = await newsroom.say("/subscriptions", "viewer")
    assert facts(looked)["every payment"] == "from the settings (NOTIFY), detailed"
    assert looked.buttons == ()
    for said in ("/subscribe", "/unsubscribe", "/mute 1h", "/unmute", "/resume", "/send_test"):
        assert (await newsroom.say(said, "viewer")).outcome is Outcome.REFUSED


async def test_another_chat_is_for_admins_and_is_told_of_it(newsroom: Newsroom) -> None:
    refused = await newsroom.say("/subscribe chat=web:forum", chat=OWN)
    assert refused.text == "For another chat only an admin decides, or who has subscribed it."
    card = await newsroom.say("/subscribe min=10 chat=forum", "admin", Chat("web", "admin"))
    assert facts(card)["Chat"] == "web:forum"
    (greeting,) = newsroom.told(Chat("web", "forum"))
    assert plain(greeting.text) == "From now on this chat is told of: payments from RON 10.00. Admin has wanted it."
    await newsroom.come(newsroom.payment("11"))
    await newsroom.hears(2, Chat("web", "forum"))
    everywhere = await newsroom.say("/subscriptions", "admin", Chat("web", "admin"))
    assert everywhere.table
    assert [row.cells[0] for row in everywhere.table.rows] == ["web:forum", "web:team"]
    looked = await newsroom.say(everywhere.table.rows[0].command or "", "admin", Chat("web", "admin"))
    assert command(looked, "End").endswith("chat=web:forum")
    tested = await newsroom.say(command(looked, "Send a test"), "admin", Chat("web", "admin"))
    assert tested.text == "A test was sent to web:forum."
    assert newsroom.told(Chat("web", "forum"))[-1].warnings == ("This is a test: no payment has come.",)


async def test_what_is_decided_for_another_chat_names_it(newsroom: Newsroom) -> None:
    own = Chat("web", "admin")

    async def say(text: str) -> Reply:
        return await newsroom.say(text, "admin", own)

    none = await say("/mute 1h chat=forum")
    assert (none.text, none.buttons[0].command) == ("web:forum hears of no payments.", "/subscribe chat=web:forum")
    looked = await say("/subscriptions chat=forum")
    assert (looked.text, looked.buttons[0].command) == (none.text, none.buttons[0].command)
    await say("/subscribe min=1 chat=forum")
    await say("/subscribe min=2 chat=forum")
    offered = await say("/mute chat=forum")
    assert offered.title == "Mute the payments in web:forum?"
    choice = await say("/unsubscribe chat=forum")
    answers = [choice, *[await say(each.buttons[0].command) for each in (offered, choice)]]
    answers += [await say(f"/{said} chat=forum") for said in ("unmute", "unsubscribe")]
    assert [facts(each) for each in answers] == [{"Chat": "web:forum"}] * 5
    assert answers[-1].text == "It hears of no payments any more."
    await say("/subscribe chat=forum")
    missed = await say("/unsubscribe OTHER chat=forum")
    assert missed.text == "web:forum has no subscription OTHER."


async def test_a_chat_that_can_not_be_written_to_is_not_subscribed(newsroom: Newsroom) -> None:
    newsroom.wall.shut.add("forum")
    refused = await newsroom.say("/subscribe chat=web:forum", "admin")
    assert refused.text.startswith("I can't write to web:forum")
    for place in ("telegram:-5", "terminal:ana"):
        away = await newsroom.say(f"/subscribe chat={place}", "admin")
        assert away.text == f"Nothing can be told to {place} without being asked."


async def test_what_comes_from_the_settings_is_muted_there_and_ended_only_in_them(newsroom: Newsroom) -> None:
    refused = await newsroom.say("/unsubscribe")
    assert refused.text.startswith("This comes from the settings (NOTIFY)")
    assert (await newsroom.say(command(refused, "Mute"))).title == "Mute the payments here?"
    await newsroom.restart(notify=())
    assert (await newsroom.say("/subscriptions")).text == "This chat hears of no payments."
    await newsroom.restart(notify=("web:team",))
    assert "every payment" in facts(await newsroom.say("/subscriptions"))


async def test_of_several_one_or_all_are_ended(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe min=1", chat=OWN)
    await newsroom.say("/subscribe min=2", chat=OWN)
    await newsroom.say("/subscribe min=3", chat=OWN)
    choice = await newsroom.say("/unsubscribe", chat=OWN)
    assert len(choice.buttons) == 4
    first = await newsroom.say(choice.buttons[0].command, chat=OWN)
    assert first.text == "2 subscriptions are left."
    assert (await newsroom.say(choice.buttons[0].command, chat=OWN)).text.startswith("This chat has no subscription")
    assert (await newsroom.say("/unsubscribe all", chat=OWN)).text == "This chat hears of no payments any more."
    assert (await newsroom.say("/unsubscribe", chat=OWN)).text == "This chat hears of no payments."


async def test_subscriptions_are_in_the_trail(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=OWN)
    await newsroom.say("/mute 1h", chat=OWN)
    await newsroom.say("/unsubscribe", chat=OWN)
    page = await newsroom.say("/audit web:cashier", "admin")
    assert page.table
    rows = [row.cells[2:] for row in page.table.rows if "subscriptions" in row.cells[2]]
    assert rows == [("changed subscriptions of web:cashier", "—", done) for done in ("removed", "muted", "added")]


async def test_a_test_shows_how_a_payment_will_look(newsroom: Newsroom) -> None:
    card = await newsroom.say("/send_test")
    assert card.warnings == ("This is a test: no payment has come.",)
    assert facts(card)["Left to pay"] == "RON 0.00"
