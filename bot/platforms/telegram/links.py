"""Links that open an invoice or a customer in a private chat with the bot: `t.me/our_bot?start=i_2024-001`."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

ASK = "ask"

_COMMANDS = {"i": "/invoice", "c": "/customer", "v": "/join"}
_LETTERS = {command: letter for letter, command in _COMMANDS.items()}
_LONGEST = 64
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PAYLOAD = re.compile(r"([icv])(x?)_([A-Za-z0-9_-]+)")
_START = re.compile(r"/start(?:@\S+)?\s+(\S+)\s*", re.IGNORECASE)


def deep_link(username: str, command: str = "") -> str | None:
    """The link that says this command in a private chat; None where it can't be said by link.

    Without a command, the link opens the chat.
    """
    if not command:
        return f"https://t.me/{username}?start={ASK}"
    name, _space, word = command.partition(" ")
    payload = _payload(name, word)
    return f"https://t.me/{username}?start={payload}" if payload else None


def opened(text: str) -> str:
    """The command that a link said: `/start i_2024-001` is `/invoice 2024-001`. Anything else is as it was."""
    start = _START.fullmatch(text)
    if not start:
        return text
    payload = _PAYLOAD.fullmatch(start[1])
    if not payload:
        return "/start"
    letter, packed, word = payload.groups()
    return f"{_COMMANDS[letter]} {_unpacked(word) if packed else word}".strip()


def _payload(name: str, word: str) -> str | None:
    letter = _LETTERS.get(name)
    if not letter or not word or " " in word:
        return None
    plain = _PLAIN.fullmatch(word)
    payload = f"{letter}_{word}" if plain else f"{letter}x_{urlsafe_b64encode(word.encode()).decode().rstrip('=')}"
    return payload if len(payload) <= _LONGEST else None


def _unpacked(packed: str) -> str:
    """What was packed; nothing where somebody made the link up."""
    try:
        return urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return ""
