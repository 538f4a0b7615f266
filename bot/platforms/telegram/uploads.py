"""Sends files to Telegram, over aiohttp: it is loaded when there is one, and most starts end without."""

from typing import TYPE_CHECKING

from telegram.error import NetworkError, TimedOut

from bot.reply import File

if TYPE_CHECKING:
    import aiohttp


class Uploads:
    """Requests that are forms with a file. `seconds`: how long an answer may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, fields: dict[str, str], part: str, file: File) -> tuple[int, bytes]:
        """Send a form with a file in the field `part`; the answer's status and body."""
        import aiohttp  # noqa: PLC0415 - slow to load

        form = aiohttp.FormData(fields, default_to_multipart=True)
        form.add_field(part, file.content, filename=file.name, content_type=file.media_type)
        try:
            async with self._open().post(url, data=form) as answer:
                return answer.status, await answer.read()
        except TimeoutError:
            raise TimedOut("No answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"Cut ({type(error).__name__})") from None

    async def close(self) -> None:
        """Close every connection."""
        if self._session:
            await self._session.close()

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415 - as above

        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._seconds, sock_connect=min(self._seconds, 5)),
                skip_auto_headers=("User-Agent", "Accept-Encoding"),
                headers={"Accept-Encoding": "identity"},
            )
        return self._session
