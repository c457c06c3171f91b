"""Who may see what, and the headers of every answer."""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web.static import login_page
from bot.config import is_loopback
from bot.views import web as words

OPEN = ("/healthz", "/readyz")  # for whoever watches the bot; they tell nothing of papers, people or channels
ASSETS = "/assets/"
LOGIN = "/login"
COOKIE = "paper-round"
_COOKIE_SECONDS = 30 * 86_400
_READING = ("GET", "HEAD")
_FORM = "application/x-www-form-urlencoded"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]*)?", re.ASCII)  # a name or an address, and a port
HEADERS = {
    "Server": "Paper Round",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would hide the origin of the form to sign in
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_UNKEPT = {"Cache-Control": "no-store"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request through, or answers it instead; without a token only this machine is served."""

    token: str

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The answer, with the headers that every answer has."""
        answer = self._instead(request) or await handler(request)
        for name, value in {**HEADERS, **({} if "Cache-Control" in answer.headers else _UNKEPT)}.items():
            answer.headers[name] = value
        return answer

    def _instead(self, request: web.Request) -> web.StreamResponse | None:
        if request.path in OPEN:
            return None
        if not self.token and not is_local(_host(request)):
            # A page of another host that has its name lead here could else read everything (DNS rebinding).
            return _refused(HTTPStatus.FORBIDDEN, words.WRONG_HOST)
        if request.method not in _READING and not is_same_origin(request):
            return _refused(HTTPStatus.FORBIDDEN, words.WRONG_ORIGIN)
        is_open = not self.token or request.path == LOGIN or request.path.startswith(ASSETS)
        if is_open or self._is_known(request):
            return None
        if request.path != "/":
            return _refused(HTTPStatus.UNAUTHORIZED, words.TOKEN_NEEDED)
        given = request.query.get("token", "")
        return self.signed_in(request) if self._is_token(given) else self.asked(is_wrong=bool(given))

    def signed_in(self, request: web.Request) -> web.Response:
        """To the page, without the token in its address, and known from now on."""
        answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
        is_secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        answer.set_cookie(
            COOKIE, self._session, max_age=_COOKIE_SECONDS, httponly=True, samesite="Lax", secure=is_secure
        )
        return answer

    def asked(self, *, is_wrong: bool) -> web.Response:
        """The form that asks for the token."""
        page = login_page(words.WRONG_TOKEN if is_wrong else "")
        return web.Response(status=HTTPStatus.UNAUTHORIZED, body=page, content_type="text/html", charset="utf-8")

    async def login(self, request: web.Request) -> web.Response:
        """The form was sent."""
        if request.content_type != _FORM:  # a body of several parts could be wrong in many ways, and nobody sends one
            raise web.HTTPBadRequest
        try:
            given = str((await request.post()).get("token", ""))
        except (ValueError, LookupError) as error:  # what is no form, or in no known encoding
            raise web.HTTPBadRequest from error
        is_right = self._is_token(given.strip())
        return self.signed_in(request) if is_right or not self.token else self.asked(is_wrong=True)

    def _is_known(self, request: web.Request) -> bool:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._is_token(given.strip()):
            return True
        return _is_same(request.cookies.get(COOKIE, ""), self._session)

    def _is_token(self, given: str) -> bool:
        return bool(self.token) and _is_same(given, self.token)

    @property
    def _session(self) -> str:
        """What the cookie holds: made from the token, so that it needs no memory, and it cannot be turned back into it."""
        return hmac.new(self.token.encode(), b"the page of Paper Round", hashlib.sha256).hexdigest()


def is_local(host: str) -> bool:
    """Whether a Host header names this machine, with whatever port and nothing else."""
    named = _HOST.fullmatch(host)
    return named is not None and is_loopback(named[1])


def is_same_origin(request: web.Request) -> bool:
    """Whether the page that sends it is ours; a browser always says which one it is."""
    try:
        origin = urlsplit(request.headers.get("Origin", ""))
    except ValueError:
        return False
    is_ours = origin.scheme in ("http", "https") and origin.netloc.lower() == _host(request).lower()
    return is_ours and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _host(request: web.Request) -> str:
    """What its header says; where it says nothing, aiohttp would ask the system for a name, and wait for that."""
    return request.headers.get("Host", "")


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _refused(status: HTTPStatus, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
