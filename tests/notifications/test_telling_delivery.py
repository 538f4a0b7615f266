"""What a chat is told, in which order, how often; over bursts, pauses, faults and restarts."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, text

from bot.billing.models import Payment
from bot.dates import now
from bot.message import CardRef, Chat, ChatKind, Message
from bot.notifications import News
from bot.reply import Reply
from bot.store import Notice, OrderState
from bot.store.tables import deliveries, payment_events
from tests.notifications.newsroom import OWN, SECONDS, Newsroom
from tests.stage import TEAM, Wall, confirm_of, facts

MANY = 7
_LONGER_THAN_A_TRY = 0.3
BIG = Chat("web", "big", ChatKind.GROUP)


class SlowWall(Wall):
    """A wall where nothing is pinned before it may be."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        self.called: set[Chat] = set()

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Pin a new card, late."""
        self.called.add(chat)
        await self.goes_on.wait()
        return await super().send(chat, reply, answering, under)


def titles(told: list[Reply]) -> list[str]:
    return [card.title.replace("\xa0", " ") for card in told]


async def test_payments_are_told_in_the_order_in_which_they_came(newsroom: Newsroom) -> None:
    for amount in ("1", "2", "3"):
        await newsroom.come(newsroom.payment(amount))
    told = await newsroom.hears(3)
    assert titles(told) == [f"RON {amount}.00 on 2024-001" for amount in (1, 2, 3)]


async def test_more_than_five_at_once_are_one_message_with_a_total(newsroom: Newsroom) -> None:
    paid = [newsroom.payment("100.10") for _each in range(MANY)]
    await newsroom.come(*paid, newsroom.payment("5000", status="failed"), newsroom.payment("7", status="pending"))
    (card,) = await newsroom.hears(1)
    assert titles([card]) == ["9 payments, total RON 700.70"]
    assert facts(card) == {"Not added up": "1 failed, 1 pending"}
    assert card.table
    assert len(card.table.rows) == 8
    assert card.notes == ("And 1 more: /payments shows them.",)


async def test_five_at_once_are_told_each(newsroom: Newsroom) -> None:
    await newsroom.come(*(newsroom.payment(str(amount)) for amount in range(1, 6)))
    await newsroom.hears(5)


async def test_what_came_while_the_bot_was_away_says_so(newsroom: Newsroom) -> None:
    await newsroom.restart()
    earlier = now() - timedelta(hours=1)
    await newsroom.come(*(newsroom.payment("10", paid=earlier) for _each in range(MANY)))
    (card,) = await newsroom.hears(1)
    assert titles([card]) == ["7 payments while I was away, total RON 70.00"]


async def test_what_was_not_told_before_a_stop_is_told_after_the_start(newsroom: Newsroom) -> None:
    newsroom.wall.broken = True
    await newsroom.come(newsroom.payment("1"), newsroom.payment("2"))
    await newsroom.close()
    newsroom.wall.broken = False
    await newsroom.open()
    assert titles(await newsroom.hears(2)) == ["RON 1.00 on 2024-001", "RON 2.00 on 2024-001"]


async def test_a_chat_that_fails_keeps_no_other_waiting_and_misses_nothing(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=OWN)
    newsroom.wall.deaf.add(OWN.id)
    await newsroom.come(newsroom.payment("1"))
    await newsroom.hears(1)
    newsroom.wall.deaf.clear()
    await newsroom.hears(1, OWN)


async def test_a_muted_chat_is_told_afterwards_in_one_message(newsroom: Newsroom) -> None:
    await newsroom.say("/mute 2h")
    for _each in range(3):
        await newsroom.come(newsroom.payment("10"))
    await newsroom.calm()
    assert newsroom.told() == []
    shown = await newsroom.say("/subscriptions")
    assert shown.status
    assert shown.status.word.startswith("muted until")
    await newsroom.restart()
    await newsroom.say("/unmute")
    assert titles(await newsroom.hears(1)) == ["3 payments while this was muted, total RON 30.00"]


async def test_one_that_waited_is_told_by_its_own_card_which_says_so(newsroom: Newsroom) -> None:
    await newsroom.say("/mute 30m")
    await newsroom.come(newsroom.payment("10"))
    await newsroom.calm()
    await newsroom.say("/unmute")
    (card,) = await newsroom.hears(1)
    assert (titles([card]), card.notes) == (["RON 10.00 on 2024-001"], ("It came while this was muted.",))
    await newsroom.come(newsroom.payment("20"), at=now() - timedelta(hours=1))
    assert (await newsroom.hears(2))[-1].notes == ("It came while I was away.",)
    await newsroom.come(newsroom.payment("30"))
    assert (await newsroom.hears(3))[-1].notes == ()


async def test_in_the_quiet_hours_nothing_is_told_and_after_them_all(newsroom: Newsroom) -> None:
    zone = newsroom.desk.settings.conventions.timezone
    clock = now().astimezone(zone)
    begin, end = clock - timedelta(hours=2), clock + timedelta(hours=2)
    await newsroom.say(f"/subscribe quiet={begin:%H:%M}-{end:%H:%M}", chat=OWN)
    await newsroom.come(newsroom.payment("10"), newsroom.payment("20"))
    await newsroom.hears(2)
    await newsroom.calm(OWN)
    assert newsroom.told(OWN) == []
    await newsroom.say(f"/subscribe quiet={end:%H:%M}-{begin:%H:%M}", chat=OWN)
    assert titles(await newsroom.hears(1, OWN)) == ["2 payments in the quiet hours, total RON 30.00"]


async def test_a_chat_that_is_closed_pauses_and_its_setter_is_told_once(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=BIG)
    newsroom.wall.shut.add(BIG.id)
    await newsroom.come(newsroom.payment("1"))
    (told,) = await newsroom.hears(1, OWN)
    assert told.title == "Paused: web:big"
    assert told.text.startswith("I can't write to this chat any more: ")
    assert told.text.endswith("Let me in again, then press Resume; or end it.")
    assert [button.label for button in told.buttons] == ["Resume", "Unsubscribe"]
    await newsroom.come(newsroom.payment("2"))
    await newsroom.hears(2)
    await newsroom.calm(BIG)
    await newsroom.restart()
    assert len(newsroom.told(OWN)) == 1
    shown = await newsroom.say("/subscriptions", chat=BIG)
    assert shown.status
    assert shown.status.word == "paused"
    newsroom.wall.shut.clear()
    resumed = await newsroom.say(told.buttons[0].command, chat=OWN)
    assert resumed.title == "On again: web:big"
    assert titles(await newsroom.hears(1, BIG)) == ["2 payments while I could not write here, total RON 3.00"]


async def test_a_closed_chat_of_the_settings_is_told_to_the_admins(newsroom: Newsroom) -> None:
    newsroom.wall.shut.add(TEAM.id)
    await newsroom.come(newsroom.payment())
    (told,) = await newsroom.hears(1, Chat("web", "admin"))
    assert told.title == "Paused: web:team"
    assert told.text.startswith("I can't write to this chat, and never have: ")
    assert told.text.endswith("Let me in, then press Resume; or take it out of NOTIFY.")
    assert [button.label for button in told.buttons] == ["Resume"]
    newsroom.wall.shut.clear()
    await newsroom.say(told.buttons[0].command, "admin", Chat("web", "admin"))
    await newsroom.hears(1)


async def test_a_closed_chat_that_subscribed_more_than_the_settings_say_has_both_ways_out(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe min=5")
    await newsroom.desk.app.closed(TEAM)
    (told,) = await newsroom.hears(1, OWN)
    assert told.text.endswith("or end what was subscribed, and take it out of NOTIFY.")
    await newsroom.say(told.buttons[1].command, chat=OWN)
    assert list(facts(await newsroom.say("/subscriptions")))[:-1] == ["every payment"]


async def test_subscribing_again_resumes(newsroom: Newsroom) -> None:
    await newsroom.desk.app.closed(TEAM)
    await newsroom.come(newsroom.payment())
    await newsroom.calm()
    assert newsroom.told() == []
    await newsroom.say("/subscribe")
    await newsroom.hears(1)


async def test_a_chat_with_a_new_id_is_followed_with_what_waits_and_also_after_a_start(newsroom: Newsroom) -> None:
    await newsroom.say("/mute 1h")
    await newsroom.come(newsroom.payment("1"), newsroom.payment("2"))
    await newsroom.calm()
    await newsroom.desk.app.moved(TEAM, BIG)
    await newsroom.restart()
    await newsroom.come(newsroom.payment("3"))
    await newsroom.calm(BIG)
    await newsroom.say("/unmute", chat=BIG)
    assert titles(await newsroom.hears(1, BIG)) == ["3 payments while this was muted, total RON 6.00"]
    assert newsroom.told() == []


async def test_a_status_that_changes_redraws_the_card_and_is_said_under_it(newsroom: Newsroom) -> None:
    pending = newsroom.payment("10", status="pending")
    await newsroom.come(pending)
    await newsroom.hears(1)
    await newsroom.restart()
    confirmed = await newsroom.change(pending, "confirmed")
    card, below = await newsroom.hears(2)
    assert (card.status, below.status) == (below.status, card.status)
    assert card.status
    assert card.status.word == "confirmed"
    assert facts(card)["Before"] == "pending"
    assert below.text == f"Payment {pending.id} was pending, and is confirmed now."
    first, second = newsroom.cards()
    assert newsroom.wall.under == {second: first}
    await newsroom.change(confirmed, "refunded")
    card, _below, last = await newsroom.hears(3)
    assert newsroom.wall.under[newsroom.cards()[2]] == first
    assert (card.status and card.status.word, last.status and last.status.word) == ("refunded", "refunded")


async def test_a_change_of_what_nobody_was_shown_has_a_card_of_its_own(newsroom: Newsroom) -> None:
    unseen = newsroom.payment("10", status="pending")
    await newsroom.change(unseen, "confirmed")
    (card,) = await newsroom.hears(1)
    assert facts(card)["Before"] == "pending"
    gone = newsroom.cards()[0]
    del newsroom.wall.cards[gone]
    await newsroom.change(replace_status(unseen, "confirmed"), "refunded")
    (card,) = await newsroom.hears(1)
    assert facts(card)["Before"] == "confirmed"


async def test_a_shown_payment_is_followed_also_out_of_the_filter(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe status=pending", chat=OWN)
    pending = newsroom.payment("10", status="pending")
    await newsroom.come(pending)
    await newsroom.hears(1, OWN)
    await newsroom.change(pending, "confirmed")
    card, _below = await newsroom.hears(2, OWN)
    assert card.status
    assert card.status.word == "confirmed"


async def test_a_change_while_its_card_is_on_its_way_is_followed_out_of_the_filter(newsroom: Newsroom) -> None:
    newsroom.wall = slow = SlowWall()
    await newsroom.restart()
    await newsroom.say("/subscribe status=pending", chat=OWN)
    pending = newsroom.payment("10", status="pending")
    await newsroom.come(pending)
    await newsroom.until(lambda: slow.called >= {TEAM, OWN})
    await newsroom.change(pending, "confirmed")
    slow.goes_on.set()
    card, _below = await newsroom.hears(2, OWN)
    assert card.status
    assert card.status.word == "confirmed"


async def test_a_change_of_what_waits_yet_is_followed_out_of_the_filter(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe status=pending", chat=OWN)
    newsroom.wall.deaf.add(OWN.id)
    pending = newsroom.payment("10", status="pending")
    await newsroom.come(pending)
    await newsroom.change(pending, "confirmed")
    newsroom.wall.deaf.clear()
    card, _below = await newsroom.hears(2, OWN)
    assert card.status
    assert card.status.word == "confirmed"


async def test_what_can_not_be_written_down_at_once_is_not_told_again(newsroom: Newsroom) -> None:
    newsroom.wall = slow = SlowWall()
    await newsroom.restart()
    await newsroom.come(newsroom.payment("10"))
    await newsroom.until(lambda: slow.called)
    async with newsroom.desk.app.services.store.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE deliveries RENAME TO out_of_reach"))
    slow.goes_on.set()
    await newsroom.until(newsroom.told)
    await asyncio.sleep(_LONGER_THAN_A_TRY)
    async with newsroom.desk.app.services.store.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE out_of_reach RENAME TO deliveries"))
    await newsroom.hears(1)


async def test_changes_among_many_redraw_their_cards_and_are_counted_apart(newsroom: Newsroom) -> None:
    pending = newsroom.payment("10", status="pending")
    await newsroom.come(pending)
    await newsroom.hears(1)
    await newsroom.say("/mute 1h")
    await newsroom.change(pending, "confirmed")
    await newsroom.come(newsroom.payment("20"))
    await newsroom.calm()
    await newsroom.say("/unmute")
    card, summary = await newsroom.hears(2)
    assert card.status
    assert card.status.word == "confirmed"
    assert titles([summary]) == ["2 payments while this was muted, total RON 30.00"]
    assert facts(summary) == {"Status changed": "1 payment"}


async def test_what_was_recorded_in_a_chat_is_not_told_there_again(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=OWN)
    draft = await newsroom.say("/pay 2024-001 10 cash", chat=OWN)
    receipt = await newsroom.say(confirm_of(draft), chat=OWN)
    number = receipt.title.rpartition(" ")[2]
    ours = replace_id(newsroom.payment("10"), number)
    await newsroom.come(ours, newsroom.payment("11"))
    assert titles(await newsroom.hears(1, OWN)) == ["RON 11.00 on 2024-001"]
    first, _other = await newsroom.hears(2)
    assert {"Recorded by": "Cashier", "Method": "cash"}.items() <= facts(first).items()


async def test_one_that_is_being_recorded_waits_for_its_verdict(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=OWN)
    desk = newsroom.desk.app.services.desk
    draft = await newsroom.say("/pay 2024-001 10 cash", chat=OWN)
    order_id = draft.subject or ""
    orders = newsroom.desk.app.services.store.orders
    await orders.claim(order_id, now(), OrderState.HELD, send_at=now(), expires_at=now() + timedelta(hours=1))
    await orders.begin(order_id, now())
    await newsroom.come(replace_id(newsroom.payment("10"), "777"))
    await newsroom.until(lambda: True)
    sending = await desk.order(order_id)
    assert sending
    assert newsroom.told(OWN) == []
    await orders.settle(replace(sending, state=OrderState.RECORDED, settled_at=now(), payment="777"))
    (card,) = await newsroom.hears(1)
    assert facts(card)["Recorded by"] == "Cashier"
    await newsroom.calm(OWN)
    assert newsroom.told(OWN) == []


async def test_the_same_amount_by_somebody_else_is_told_when_the_waiting_is_over(newsroom: Newsroom) -> None:
    orders = newsroom.desk.app.services.store.orders
    draft = await newsroom.say("/pay 2024-001 10 cash", chat=OWN)
    await orders.claim(draft.subject or "", now(), OrderState.HELD, send_at=now(), expires_at=now())
    await orders.begin(draft.subject or "", now())
    await newsroom.come(newsroom.payment("10"), at=now() - timedelta(seconds=4))
    (card,) = await newsroom.hears(1)
    assert "Recorded by" not in facts(card)


async def test_what_is_asked_of_billing_while_it_is_away_is_asked_again(newsroom: Newsroom) -> None:
    mine = await newsroom.desk.app.services.billing.invoice("2024-001")
    await newsroom.say(f"/subscribe customer={mine.customer_id}", chat=OWN)
    newsroom.sandbox.faults.add("GET", "*", "unauthorized", times=100)
    await newsroom.come(newsroom.payment("10"))
    (card,) = await newsroom.hears(1)
    assert facts(card).keys() == {"When"}
    assert newsroom.told(OWN) == []
    assert [notice.event.amount for notice in await waiting(newsroom, OWN)] == [Decimal(10)]
    newsroom.sandbox.faults.clear()
    await newsroom.say("/unmute", chat=OWN)
    await newsroom.hears(1, OWN)


async def waiting(newsroom: Newsroom, chat: Chat) -> list[Notice]:
    return list(await newsroom.desk.app.services.store.notices.waiting(chat.key, 10))


async def test_what_was_being_sent_at_a_kill_is_sent_again_and_counted(newsroom: Newsroom) -> None:
    await newsroom.say("/mute 1h")
    await newsroom.come(newsroom.payment("10"))
    await newsroom.calm()
    store = newsroom.desk.app.services.store
    (notice,) = await store.notices.waiting(TEAM.key, 10)
    await store.notices.claim(TEAM.key, [notice.event.id])
    await newsroom.restart()
    await newsroom.until(lambda: newsroom.desk.app.services.news.doubtful == 1)
    await newsroom.say("/unmute")
    await newsroom.hears(1)


async def test_nothing_is_left_of_news_that_were_not_to_be(newsroom: Newsroom) -> None:
    services = newsroom.desk.app.services
    news = News(newsroom.payment(), is_new=True, before=None, seen_at=now())
    async with services.store.engine.connect() as transaction:
        await transaction.run_sync(services.news.listener.hear, [news])
        await transaction.rollback()
    await newsroom.come(newsroom.payment("2"))
    assert titles(await newsroom.hears(1)) == ["RON 2.00 on 2024-001"]


async def test_what_is_old_is_forgotten_but_what_cards_show(newsroom: Newsroom) -> None:
    await newsroom.come(newsroom.payment("1"))
    await newsroom.hears(1)
    await newsroom.come(*(newsroom.payment("2") for _each in range(MANY)))
    await newsroom.hears(2)
    store = newsroom.desk.app.services.store
    assert await store.notices.forget(now(), now() - timedelta(days=1)) == 0
    async with store.engine.connect() as connection:
        kept = (await connection.execute(select(payment_events.c.amount))).scalars().all()
    assert kept == [Decimal(1)]
    await store.notices.forget(now(), now())
    async with store.engine.connect() as connection:
        assert (await connection.execute(select(deliveries))).all() == []


async def test_admins_are_told_once_that_payments_can_not_be_watched(newsroom: Newsroom) -> None:
    alarm, since = newsroom.desk.app.services.news.alarm, datetime(2026, 11, 25, 10, tzinfo=UTC)
    for _time in range(2):
        await alarm.failing(since, "no answer")
    await alarm.back(since)
    failing, back = newsroom.told(Chat("web", "admin"))
    assert failing.text == "Billing's list of payments can't be read: no answer"
    assert back.title == "Payments are watched again"


async def test_a_compact_card_is_one_line(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe cards=compact", chat=OWN)
    await newsroom.come(newsroom.payment("10"))
    (card,) = await newsroom.hears(1, OWN)
    assert card.facts == ()
    assert "(CL-" in card.text


async def test_a_subscription_that_ended_is_told_no_more(newsroom: Newsroom) -> None:
    await newsroom.say("/subscribe", chat=OWN)
    await newsroom.say("/mute 1h", chat=OWN)
    await newsroom.come(newsroom.payment())
    await newsroom.calm(OWN)
    await newsroom.say("/unsubscribe", chat=OWN)
    async with asyncio.timeout(SECONDS):
        while await waiting(newsroom, OWN):
            await asyncio.sleep(0.01)
    assert newsroom.told(OWN) == []


def replace_status(payment: Payment, status: str) -> Payment:
    return Payment(id=payment.id, amount=payment.amount, invoice_number=payment.invoice_number, status=status)


def replace_id(payment: Payment, number: str) -> Payment:
    return Payment(
        id=type(payment.id)(number),
        amount=payment.amount,
        invoice_number=payment.invoice_number,
        status=payment.status,
        paid_at=payment.paid_at,
    )
