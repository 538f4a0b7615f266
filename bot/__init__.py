"""Casier: a billing desk in the chat."""
