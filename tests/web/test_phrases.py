"""Everything that the page says by itself can be said in another language."""

import re
from pathlib import Path

from bot.platforms.web import chat
from bot.platforms.web.phrases import phrases

PAGE = Path(chat.__file__).parent / "page"


def test_every_phrase_of_the_page_is_known_and_every_known_one_is_said() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js"))
    html = (PAGE / "index.html").read_text(encoding="utf-8").partition("<body")[2]
    said = set(re.findall(r'word\(\s*"([^"]*)"', scripts))
    written = {text.strip() for text in re.findall(r">([^<>]*[a-z]{2}[^<>]*)<", html)}
    written |= set(re.findall(r'aria-label="([^"]*)"', html))
    written -= {"Casier", "This page needs JavaScript."}
    assert said | written == set(phrases())
