"""The files that replies carried, for as long as there is room."""

import hashlib
import re
import secrets
from urllib.parse import quote

from starlette.responses import Response

from bot.reply import File

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?charset=[\w-]+)?", re.ASCII)


class Shelf:
    """Files by names that can't be guessed; the oldest make room once the bytes are too many."""

    def __init__(self, room: int = 64 * 1024 * 1024) -> None:
        self._room = room
        self._files: dict[str, File] = {}
        self._secret = secrets.token_bytes(32)

    def put(self, file: File) -> str:
        """Keep a file and say its name; the same file has the same name, so that a redrawn picture stays still."""
        name = self._name(file)
        self._files.pop(name, None)
        self._files[name] = file
        while len(self._files) > 1 and self._filled() > self._room:
            del self._files[next(iter(self._files))]
        return name

    def get(self, name: str) -> File | None:
        """The file of this name, if it is still here."""
        return self._files.get(name)

    def _filled(self) -> int:
        return sum(len(file.content) for file in self._files.values())

    def _name(self, file: File) -> str:
        digest = hashlib.blake2b(key=self._secret, digest_size=20)
        for part in (repr(file.name).encode(), repr(file.media_type).encode(), file.content):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def response(file: File) -> Response:
    """The file as a browser takes it: only a picture is shown in place, and nothing in it runs."""
    shown = "inline" if file.media_type in PICTURES else "attachment"
    name = quote(file.name.encode(errors="replace"), safe="")
    plain = _MEDIA_TYPE.fullmatch(file.media_type)
    return Response(
        file.content,
        headers={
            "Content-Type": file.media_type if plain else "application/octet-stream",
            "Content-Disposition": f"{shown}; filename*=utf-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
    )
