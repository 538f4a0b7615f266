"""What one `/invoice` costs: the bot beside python-telegram-bot and httpx as their docs teach, in one run."""
