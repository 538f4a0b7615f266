"""What the tests of what chats are told may ask for."""

from tests.notifications.newsroom import newsroom

__all__ = ["newsroom"]
