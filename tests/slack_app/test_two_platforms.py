"""One person, two platforms: accounts joined by a code, and payments that go from one to the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.app import App
from bot.outlets import Outlet
from bot.platforms.slack.chat import SlackChat
from bot.platforms.telegram import TelegramChat
from bot.start.joining import joined
from bot.start.slack import slack_core
from sandbox import SandboxServer
from tests.slack_app.screen import Shown as OnSlack
from tests.slack_app.standin import StandInSlack, own_channel
from tests.slack_app.workspace import IDS, Talk, talk_over
from tests.stage import BRIEFLY, BRISKLY
from tests.telegram.phones import IDS as NUMBERS
from tests.telegram.phones import Talk as Phones
from tests.telegram.phones import talk_with
from tests.telegram.screen import Shown as OnTelegram
from tests.telegram.strict import StrictTelegram


@dataclass
class Both:
    """One bot on Telegram and on Slack. The colleague has a role on Telegram only, the approver on Slack only."""

    app: App
    phones: Phones[StrictTelegram]
    slack: Talk
    sandbox: SandboxServer

    async def linked(self, who: str) -> None:
        """Join somebody's two accounts."""
        code = (await self.phones.say("/link", who)).text.split("Your code: ")[1].split()[0]
        joined = await self.slack.said(f"link {code.lower()}", who)
        assert joined.lines[0] == "Joined: you are one person here and there"

    async def on_slack(self, who: str, words: str) -> OnSlack:
        """Wait for a card with these words in somebody's own chat on Slack."""
        channel = own_channel(IDS[who])

        def found() -> list[OnSlack]:
            return [card for card in self.slack.screen.seen_in(channel) if words in "\n".join(card.lines)]

        cards: list[OnSlack] = await self.slack.screen.until(found)
        return cards[-1]

    async def on_telegram(self, who: str, words: str) -> OnTelegram:
        """The same on Telegram."""
        screen = self.phones.screen
        found: list[OnTelegram] = await screen.until(
            lambda: [card for card in screen.in_chat(NUMBERS[who]) if words in card.text]
        )
        return found[-1]


@pytest.fixture
async def both(slack: StandInSlack, sandbox: SandboxServer, folder: Path) -> AsyncIterator[Both]:
    """That bot, where everything above 5 takes a second person."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(StrictTelegram().running())
        people = {
            "admins": ("telegram:1",),
            "approvers": (f"slack:{IDS['approver']}",),
            "cashiers": ("telegram:3", "telegram:4"),
        }
        talk = talk_over(slack, sandbox, folder, approval_limit=5, **people)
        phones = talk_with(telegram, sandbox, talk.settings)
        outlets: dict[str, Outlet] = {}
        talk.app = phones.app = app = await stack.enter_async_context(joined(talk.settings, outlets, BRISKLY, BRIEFLY))
        there = TelegramChat(phones.options, phones._core(app), phones.shorts, {})  # noqa: SLF001 - as it joins itself
        here = SlackChat(talk.options, replace(slack_core(app)))
        outlets |= {"telegram": there, "slack": here}
        await stack.enter_async_context(there.running())
        await stack.enter_async_context(here.running())
        await slack.deliveries.until_connected(1)
        stack.push_async_callback(app.services.desk.close)
        stack.push_async_callback(app.services.news.close)
        yield Both(app, phones, talk, sandbox)


async def test_asked_on_telegram_and_approved_on_slack_is_shown_on_both(both: Both) -> None:
    await both.slack.said("id", "approver")
    draft = await both.phones.say("/pay 2024-001 10 cash REF", "cashier")
    await both.phones.press(draft, "Confirm", "cashier")
    waiting = await both.on_slack("approver", "needs a second person")
    await both.slack.press(waiting, "Approve", "approver")
    await both.slack.screen.until(lambda: "✅ recorded" in waiting.lines)
    assert "recorded" in await both.phones.looks(draft, "recorded")
    assert "Approved by: Approver <&>" in waiting.lines
    assert both.sandbox.requests.count(("POST", "/payments")) == 1


async def test_asked_on_slack_and_approved_on_telegram_is_shown_on_both(both: Both) -> None:
    await both.linked("cashier")
    await both.phones.say("/grant telegram:4 approver", "admin")
    await both.phones.say("/id", "colleague")
    draft = await both.slack.said("pay 2024-001 10 cash REF")
    await both.slack.press(draft, "Confirm")
    waiting = await both.on_telegram("colleague", "needs a second person")
    await both.phones.press(waiting, "Approve", "colleague")
    await both.phones.looks(waiting, "recorded")
    await both.slack.screen.until(lambda: "✅ recorded" in draft.lines)
    assert both.sandbox.requests.count(("POST", "/payments")) == 1


async def test_a_code_makes_two_accounts_one_person_with_one_role_and_one_trail(both: Both) -> None:
    assert (await both.slack.said("payments")).lines[0].startswith("This is a billing desk")
    refused = await both.slack.said("link")
    assert refused.lines[0].startswith("Say /billing link where you have access already")
    await both.linked("cashier")
    notice = await both.on_telegram("cashier", "has said your code")
    assert f"slack:{IDS['cashier']} (Cashier <&>)" in notice.text
    assert (await both.slack.said("payments")).lines[0] == "Payments"
    await both.phones.say("/payments", "cashier")
    trail = (await both.phones.say(f"/audit slack:{IDS['cashier']}", "admin")).text
    assert "linked" in trail
    people = (await both.phones.say("/people", "admin")).text
    assert people.count("cashier") == 2
    await both.phones.press(notice, "Undo", "cashier")
    assert (await both.slack.said("payments")).lines[0].startswith("This is a billing desk")
    assert "not joined with another account" in (await both.phones.say("/unlink", "cashier")).text


async def test_nobody_approves_with_their_other_account_what_they_asked_for(both: Both) -> None:
    await both.linked("cashier")
    await both.phones.say("/grant telegram:3 approver", "admin")
    draft = await both.phones.say("/pay 2024-001 10 cash REF", "cashier")
    await both.phones.press(draft, "Confirm", "cashier")
    await both.on_slack("approver", "needs a second person")
    order = draft.labelled("Withdraw").removeprefix("/cancel ")
    refused = await both.slack.said(f"approve {order}")
    assert refused.lines == ["You have asked for this payment yourself: somebody else has to approve it."]
    assert not [card for card in both.slack.screen.seen_in(own_channel(IDS["cashier"])) if "Approve" in card.buttons]
    withdrawn = await both.slack.said(f"cancel {order}")
    assert "withdrawn" in " ".join(withdrawn.lines)
    await both.phones.looks(draft, "withdrawn")


async def test_a_draft_is_confirmed_and_taken_back_with_either_account(both: Both) -> None:
    await both.linked("cashier")
    draft = await both.phones.say("/pay 2024-001 1 cash REF", "cashier")
    await both.slack.command(draft.labelled("Confirm").removeprefix("/"))
    await both.phones.looks(draft, "recorded")
    await both.phones.say("/pay 2024-001 2 cash REF", "cashier")
    assert (await both.slack.said("cancel")).lines == ["1 payment cancelled. Nothing was sent."]


async def test_a_code_is_good_once_for_the_newest_and_on_the_other_platform_only(both: Both) -> None:
    first = (await both.phones.say("/link", "cashier")).text.split("Your code: ")[1].split()[0]
    second = (await both.phones.say("/link", "cashier")).text.split("Your code: ")[1].split()[0]
    assert "not good" in " ".join((await both.slack.said(f"link {first}")).lines)
    assert "Joined" in " ".join((await both.slack.said(f"link {second}")).lines)
    assert "not good" in " ".join((await both.slack.said(f"link {second}", "stranger")).lines)
    third = (await both.phones.say("/link", "colleague")).text.split("Your code: ")[1].split()[0]
    assert "same platform" in (await both.phones.say(f"/link {third}", "stranger")).text
    refused = await both.phones.say(f"/unlink slack:{IDS['cashier']}", "colleague")
    assert refused.text == "Only an admin decides that for somebody else."
    await both.phones.say(f"/unlink slack:{IDS['cashier']}", "admin")
    assert (await both.slack.said("payments")).lines[0].startswith("This is a billing desk")
