"""A billing API to try the bot with: faithful to the contract, persistent, with faults on demand."""

from sandbox.app import create_app
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.options import SandboxOptions
from sandbox.server import SandboxServer

__all__ = ["Fault", "FaultKind", "Faults", "SandboxOptions", "SandboxServer", "create_app"]
