"""Slack's part of the doctor: do our tokens work, what do they allow, and does the manifest fit the program."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from bot.findings import Finding
from bot.platforms.slack.api import Api, Identity
from bot.platforms.slack.faults import BAD_TOKEN, SlackAwayError, SlackNoError
from bot.platforms.slack.needs import MANIFEST, SCOPES, differences
from bot.platforms.slack.options import SlackOptions
from bot.platforms.slack.webhook import PATH
from bot.words import _

PART = "Slack"


async def examine(options: SlackOptions, notify: Iterable[str] = ()) -> AsyncIterator[Finding]:
    """Ask Slack about ourselves, and whether we are in the channels (ids) that are to be told of payments.

    Nothing is sent, and no connection is opened.
    """
    yield manifest()
    async with Api(options) as api:
        try:
            us = await api.identify()
        except (SlackNoError, SlackAwayError) as error:
            yield _unknown(error, "SLACK_BOT_TOKEN")
            return
        words = _("we are {name} in {team}").format(name=f"@{us.name}", team=us.team_name)
        yield Finding(PART, well=True, words=words)
        yield _scopes(us)
        yield await _way(api, options)
        for channel in notify:
            yield await _notified(api, channel, us)


def manifest(path: Path = MANIFEST) -> Finding:
    """Whether the manifest asks for what the program needs."""
    part = _("Slack, manifest")
    found = differences(yaml.safe_load(path.read_text(encoding="utf-8")))
    if not found:
        return Finding(part, well=True, words=_("it asks for what this program needs, and for nothing else"))
    words = _("it doesn't fit this program: {what}").format(what=", ".join(found))
    return Finding(part, well=False, words=words, remedy=_("take {path} as it came").format(path=path.name))


def _unknown(error: SlackNoError | SlackAwayError, name: str) -> Finding:
    if isinstance(error, SlackNoError) and error.code in BAD_TOKEN:
        words = _("it doesn't know {name} ({why})").format(name=name, why=error.code)
        remedy = _("copy {name} again from your Slack app").format(name=name)
        return Finding(PART, well=False, words=words, remedy=remedy)
    remedy = _("check the connection, and SLACK_API_URL")
    return Finding(PART, well=False, words=_("it can't be reached ({why})").format(why=error), remedy=remedy)


def _scopes(us: Identity) -> Finding:
    part = _("Slack, scopes")
    missing, idle = sorted(SCOPES - us.scopes), sorted(us.scopes - SCOPES)
    if missing:
        words = _("some are missing: {scopes}").format(scopes=", ".join(missing))
        remedy = _("add them under “OAuth & Permissions”, then “Reinstall to Workspace”")
        return Finding(part, well=False, words=words, remedy=remedy)
    remedy = _("these are of no use: {scopes}").format(scopes=", ".join(idle)) if idle else ""
    return Finding(part, well=True, words=_("we may do all that we need"), remedy=remedy)


async def _way(api: Api, options: SlackOptions) -> Finding:
    """How Slack's events come to us."""
    part = _("Slack, events")
    if not options.app_token:
        words = _("Slack sends them to {path}, signed; whether it does, only a message to the bot shows")
        remedy = _("every request URL of the Slack app is your host's with {path}").format(path=PATH)
        return Finding(part, well=True, words=words.format(path=PATH), remedy=remedy)
    try:
        await api.connect(options.app_token)
    except SlackNoError as error:
        words = _("SLACK_APP_TOKEN opens no connection ({why})").format(why=error.code)
        remedy = _("under “Basic Information”, make an app-level token with connections:write; turn “Socket Mode” on")
        return Finding(part, well=False, words=words, remedy=remedy)
    except SlackAwayError as error:
        return _unknown(error, "SLACK_APP_TOKEN")
    return Finding(part, well=True, words=_("a connection for them can be opened"))


async def _notified(api: Api, channel: str, us: Identity) -> Finding:
    part = _("Slack, payments")
    if not channel.startswith(("C", "G")):
        return Finding(part, well=True, words=_("{channel} is told of them alone").format(channel=channel))
    try:
        found = (await api.ask("conversations.info", channel=channel))["channel"]
    except SlackAwayError as error:
        return _unknown(error, "NOTIFY")
    except SlackNoError as error:
        found, why = {}, error.code
    else:
        why = "not_in_channel"
    if found.get("is_member"):
        return Finding(part, well=True, words=_("the channel {channel} can be told of them").format(channel=channel))
    words = _("the channel {channel} of NOTIFY is closed to us ({why})").format(channel=channel, why=why)
    remedy = _("say “/invite @{name}” in it; /billing id tells a channel's id").format(name=us.name)
    return Finding(part, well=False, words=words, remedy=remedy)
