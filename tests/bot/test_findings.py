"""What an examination found, as the terminal prints it."""

import io

from rich.console import Console

from bot.doctor import _clock
from bot.platforms import terminal


def test_what_could_not_be_looked_at_is_not_called_well() -> None:
    paper = io.StringIO()
    terminal.tell(_clock(None), Console(file=paper, width=100))
    assert paper.getvalue() == "– Clock: not checked: billing doesn't say what time it has\n"
