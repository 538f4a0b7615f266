"""Ports and names that misbehave, as billing's tests have them."""

from tests.billing.conftest import full_port, slow_names

__all__ = ["full_port", "slow_names"]
