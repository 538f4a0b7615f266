"""What the app needs from Slack, no more and no less: the manifest asks for it, the doctor looks for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parent / "slack-manifest.yaml"

COMMAND = "/billing"
LOOK_UP = "look_up"
RECORD = "record_payment"

SCOPES = frozenset(
    (
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:read",
        "im:history",
        "im:write",
        "users:read",
    )
)
EVENTS = frozenset(("app_home_opened", "app_mention", "message.im"))
SHORTCUTS = frozenset(((LOOK_UP, "message"), (RECORD, "global")))


def differences(manifest: Mapping[str, Any]) -> list[str]:
    """Where a manifest asks for something else than the code needs, each as it is written there."""
    features, settings = manifest.get("features") or {}, manifest.get("settings") or {}
    scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
    home, asked = features.get("app_home") or {}, settings.get("interactivity") or {}
    found = (
        *_unlike("oauth_config.scopes.bot", SCOPES, scopes.get("bot")),
        *_unlike("oauth_config.scopes.user", (), scopes.get("user")),
        *_unlike("settings.event_subscriptions.bot_events", EVENTS, _events(settings)),
        *_unlike("features.slash_commands", (COMMAND,), _named(features, "slash_commands", "command")),
        *_unlike("features.shortcuts", dict(SHORTCUTS), _named(features, "shortcuts", "callback_id")),
    )
    switched = {
        "features.app_home.home_tab_enabled": home.get("home_tab_enabled"),
        "features.app_home.messages_tab_enabled": home.get("messages_tab_enabled"),
        "settings.interactivity.is_enabled": asked.get("is_enabled"),
    }
    return [*found, *(name for name, is_on in switched.items() if not is_on)]


def _events(settings: Mapping[str, Any]) -> list[str]:
    return (settings.get("event_subscriptions") or {}).get("bot_events") or []


def _named(features: Mapping[str, Any], part: str, key: str) -> list[str]:
    return [each.get(key, "") for each in features.get(part) or []]


def _unlike(where: str, needed: Any, there: Any) -> list[str]:  # noqa: ANN401 - names, in whatever holds them
    needed, there = set(needed), set(there or ())
    return [f"{where}: -{name}" for name in sorted(needed - there)] + [
        f"{where}: +{name}" for name in sorted(there - needed)
    ]
