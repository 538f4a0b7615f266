"""What the doctor finds out about Slack, and that the manifest, the code and the page about them say the same."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from rich.console import Console

from bot.platforms import terminal
from bot.platforms.slack import checkup
from bot.platforms.slack.needs import EVENTS, MANIFEST, SCOPES, differences
from bot.platforms.slack.options import SlackOptions
from tests.slack_app.standin import APP_TOKEN, TOKEN, Broken, No, Reset, StandInSlack
from tests.slack_app.workspace import CHANNEL

PAGE = Path(__file__).parents[2] / "docs" / "slack.md"


def options(slack: StandInSlack, app_token: str = APP_TOKEN) -> SlackOptions:
    return SlackOptions(token=TOKEN, app_token=app_token, url=slack.url, retry=0.01)


async def told(chosen: SlackOptions, *notify: str) -> str:
    paper = io.StringIO()
    async for finding in checkup.examine(chosen, notify):
        terminal.tell(finding, Console(file=paper, width=300))
    return paper.getvalue()


@pytest.fixture
def asked() -> dict[str, Any]:
    """The manifest."""
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return manifest


async def test_the_doctor_finds_all_well_and_sends_nothing(slack: StandInSlack) -> None:
    slack.members.add(CHANNEL)
    found = await told(options(slack), CHANNEL, "U0ADMIN")
    for line in (
        "✓ Slack, manifest: it asks for what this program needs, and for nothing else",
        "✓ Slack: we are @casier in Stand-in",
        "✓ Slack, scopes: we may do all that we need",
        "✓ Slack, events: a connection for them can be opened",
        f"✓ Slack, payments: the channel {CHANNEL} can be told of them",
        "✓ Slack, payments: U0ADMIN is told of them alone",
    ):
        assert line in found
    assert slack.deliveries.opened == 0
    assert "✓ Slack, events: Slack sends them to /slack/events, signed" in await told(options(slack, ""))


async def test_the_doctor_names_what_is_wrong_and_the_remedy(slack: StandInSlack) -> None:
    slack.scopes = "chat:write,commands,admin"
    missing = await told(options(slack))
    assert "✗ Slack, scopes: some are missing: app_mentions:read, channels:read, files:write" in missing
    assert "Reinstall to Workspace" in missing
    slack.scopes = ",".join([*SCOPES, "admin"])
    assert "these are of no use: admin" in await told(options(slack))
    wrong = await told(SlackOptions(token="xoxb-wrong", url=slack.url))
    assert "✗ Slack: it doesn't know SLACK_BOT_TOKEN (invalid_auth)" in wrong
    assert "copy SLACK_BOT_TOKEN again" in wrong
    away = await told(SlackOptions(token=TOKEN, url="http://127.0.0.1:1/api/", retry=0.01))
    assert "✗ Slack: it can't be reached" in away
    assert "check the connection, and SLACK_API_URL" in away
    assert "SLACK_APP_TOKEN opens no connection (invalid_auth)" in await told(options(slack, "xapp-wrong"))
    slack.faults["apps.connections.open"] = [Broken() for _time in range(9)]
    assert "SLACK_APP_TOKEN opens no connection (http_502)" in await told(options(slack))


async def test_the_doctor_says_which_channels_can_be_told_of_payments(slack: StandInSlack) -> None:
    shut = await told(options(slack), CHANNEL)
    assert f"✗ Slack, payments: the channel {CHANNEL} of NOTIFY is closed to us (not_in_channel)" in shut
    assert "say “/invite @casier” in it" in shut
    slack.faults["conversations.info"] = [No("channel_not_found")]
    assert "is closed to us (channel_not_found)" in await told(options(slack), CHANNEL)


def test_a_manifest_that_asks_for_something_else_is_found_out(asked: dict[str, Any]) -> None:
    assert differences(asked) == []
    asked["oauth_config"]["scopes"]["bot"] = [*sorted(SCOPES - {"commands"}), "admin"]
    asked["settings"]["event_subscriptions"]["bot_events"].append("message.channels")
    asked["features"]["app_home"]["home_tab_enabled"] = False
    del asked["features"]["shortcuts"]
    assert differences(asked) == [
        "oauth_config.scopes.bot: -commands",
        "oauth_config.scopes.bot: +admin",
        "settings.event_subscriptions.bot_events: +message.channels",
        "features.shortcuts: -look_up",
        "features.shortcuts: -record_payment",
        "features.app_home.home_tab_enabled",
    ]
    assert len(differences({})) > len(SCOPES)


def test_a_manifest_that_was_changed_is_found_by_the_doctor(tmp_path: Path) -> None:
    changed = tmp_path / "slack-manifest.yaml"
    changed.write_text(MANIFEST.read_text(encoding="utf-8").replace("- im:write", "- im:read"), encoding="utf-8")
    found = checkup.manifest(changed)
    assert not found.well
    assert found.words == (
        "it doesn't fit this program: oauth_config.scopes.bot: -im:write, oauth_config.scopes.bot: +im:read"
    )


async def test_a_slack_that_goes_away_while_the_doctor_looks_is_told(slack: StandInSlack) -> None:
    for method, notify in (("apps.connections.open", ()), ("conversations.info", (CHANNEL,))):
        slack.faults[method] = [Reset() for _time in range(5)]
        assert "✗ Slack: it can't be reached" in await told(options(slack), *notify)


def test_every_scope_and_event_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert not [name for name in SCOPES | EVENTS if f"`{name}`" not in page]


def test_the_page_has_ten_steps_and_the_doctor_looks_after_each() -> None:
    steps = PAGE.read_text(encoding="utf-8").partition("\n## ")[0].split("\n1. ")[1]
    assert [f"\n{number}. " in steps for number in range(2, 12)] == [True] * 9 + [False]
    assert all("doctor" in step for step in re.split(r"\n\d+\. ", steps))
