"""What Slack says no with, and what is meant by it."""

from bot.settings import SettingsError
from bot.words import _


class SlackNoError(Exception):
    """Slack has refused a call; `code` is its word for why. Nothing of what was sent is in the message."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


class SlackAwayError(Exception):
    """Slack can't be reached, or didn't answer in time."""


class WrongTokenError(SettingsError):
    """Slack doesn't know a token of ours: the start ends with this line."""

    def __init__(self, name: str, code: str) -> None:
        words = _(
            "{name} is wrong: Slack says “{code}”. Copy it again from your Slack app (docs/slack.md shows where)."
        )
        super().__init__(words.format(name=name, code=code))


BAD_TOKEN = frozenset(
    ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type")
)
# Where we can't write until somebody lets us in.
CLOSED = frozenset(
    (
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "user_not_found",
        "user_disabled",
        "cannot_dm_bot",
        "messages_tab_disabled",
    )
)
# A card that can't be drawn anew.
GONE = frozenset(("message_not_found", "cant_update_message", "edit_window_closed", *CLOSED))
