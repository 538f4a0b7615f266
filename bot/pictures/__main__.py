"""Reads a chart as JSON, writes it as PNG."""

import sys

import msgspec

from bot.pictures.chart import Chart
from bot.pictures.drawing import drawn

sys.stdout.buffer.write(drawn(msgspec.json.decode(sys.stdin.buffer.read(), type=Chart)))
