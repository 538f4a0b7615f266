"""Why there is no answer. None of these holds an address, a header or a byte of what was said: secrets are in all."""


class WireError(Exception):
    """There is no answer."""


class NotConnectedError(WireError):
    """There was no connection: nothing was sent."""


class LateError(WireError):
    """The question was sent, and its answer is late."""


class CutError(WireError):
    """The question was sent, or part of it, and the connection ended before its answer did.

    `begun`: something of an answer had come.
    """

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(f"cut ({reason})")
        self.begun = begun


class NotHttpError(WireError):
    """What came is no answer in HTTP/1.1."""


class TooLargeError(WireError):
    """What came is longer than anything that was asked for."""
