"""The files of the page, read once; the words in them come from the views."""

import hashlib
import json
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template

from bot.views import web as words

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class File:
    """What is sent: its bytes, its type, and the tag by which a browser knows that it has it already."""

    body: bytes
    content_type: str
    tag: str


def files() -> dict[str, File]:
    """All files by name, and `words.js` with the words that the scripts say."""
    found = {}
    for file in (resources.files("adapters.web") / "static").iterdir():
        kind = _TYPES.get(f".{file.name.rpartition('.')[2]}", "")
        if kind:
            text = file.read_text("utf-8")
            found[file.name] = _file(_filled(text) if kind == "text/html" else text, kind)
    said = json.dumps(words.SAID, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return found | {"words.js": _file(f"export default {said};\n", "text/javascript")}


def login_page(trouble: str) -> bytes:
    """The form that asks for the token, with what was wrong with the last one."""
    return _page("login.html", trouble)


def waiting_page(reason: str) -> bytes:
    """What is shown while there is nothing to show, with why that is so."""
    return _page("waiting.html", reason)


def _page(name: str, sentence: str) -> bytes:
    text = (resources.files("adapters.web") / "static" / name).read_text("utf-8")
    return _filled(text, sentence).encode()


def _filled(text: str, sentence: str = "") -> str:
    """The text with every `$word` in it, and the sentence; each is written so that it is nothing but text."""
    known = {**words.SHOWN, "sentence": sentence}
    return Template(text).substitute({name: escape(value) for name, value in known.items()})


def _file(text: str, kind: str) -> File:
    body = text.encode()
    return File(body, kind, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
