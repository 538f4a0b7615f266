"""The doctor's look at where webhooks and /health are served."""

from bot.findings import Finding
from bot.server import exact_socket, tells_health
from bot.settings import Settings
from bot.store import StoreError, bots_on
from bot.words import _


async def examined_port(settings: Settings) -> Finding:
    """Whether `casier run` could listen there, or does so already."""
    part, place = _("Port"), f"{settings.http_host}:{settings.http_port}"
    try:
        exact_socket(settings.http_host, settings.http_port).close()
    except OSError as error:
        if await _is_our_own(settings):
            return Finding(part, well=True, words=_("casier run listens on {place}").format(place=place))
        words = _("casier run can't listen on {place} ({why})").format(place=place, why=_reason(error))
        remedy = _("end what listens there, or choose another port (HTTP_PORT) or address of this machine (HTTP_HOST)")
        return Finding(part, well=False, words=words, remedy=remedy)
    return Finding(part, well=True, words=_("{place} is free for casier run").format(place=place))


async def _is_our_own(settings: Settings) -> bool:
    """A bot answers there, and one is on our database."""
    try:
        bots = await bots_on(settings.database_url)
    except StoreError:
        return False
    return bots > 0 and await tells_health(settings.http_host, settings.http_port)


def _reason(error: OSError) -> str:
    cause = error.__cause__
    return str(cause.strerror if isinstance(cause, OSError) else error.strerror)
