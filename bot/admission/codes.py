"""Codes that let somebody in: whoever reads the database can't use them."""

import hashlib


def hashed(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
