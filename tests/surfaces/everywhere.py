"""Every surface, and in one place what some of them can't do, and why."""

from tests.surfaces.desk import Can, Surface
from tests.surfaces.slack import on_slack
from tests.surfaces.telegram import over
from tests.surfaces.terminal import at_a_terminal
from tests.surfaces.web import on_the_web
from tests.telegram.emulated import EmulatedTelegram
from tests.telegram.strict import StrictTelegram

_WEB = {
    Can.KEEP: "the page's cards are kept in memory: after a restart the page begins anew",
    Can.FAULTS: "the page's own line to its server is broken in tests/web/test_line.py, where a browser mends it",
}
_TERMINAL = {
    Can.MANY: "whoever runs it is its only person, an admin",
    Can.TEAM: "nobody reads along",
    Can.LINKS: "rows and facts are read, and typed if need be",
    Can.REDRAW: "what is printed stays as it is: the next look is printed below",
    Can.NEWS: "it prints when it is asked",
    Can.FAULTS: "there is no way between: it is one process",
}
_SLACK = {
    Can.FAULTS: "Slack fails in its own words: its way is broken in tests/slack_app/test_faults.py",
}

SURFACES = (
    Surface("web", on_the_web, _WEB),
    Surface("terminal", at_a_terminal, _TERMINAL),
    Surface("telegram-emulated-polling", over(EmulatedTelegram, "polling")),
    Surface("telegram-emulated-webhook", over(EmulatedTelegram, "webhook")),
    Surface("telegram-strict-polling", over(StrictTelegram, "polling")),
    Surface("telegram-strict-webhook", over(StrictTelegram, "webhook")),
    Surface("slack-socket", on_slack("socket"), _SLACK),
    Surface("slack-http", on_slack("http"), _SLACK),
)
