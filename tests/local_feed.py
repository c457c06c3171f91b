"""A small feed on this machine, with papers of our own making, for tests of whole programs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Days = dict[date, list[dict[str, Any]]]


def entry(id_: str, title: str, votes: int = 1) -> dict[str, Any]:
    """One entry in the layout of the feed."""
    author = {"name": "Ada Lovelace"}
    return {"paper": {"id": id_, "title": title, "summary": f"About {title}.", "authors": [author], "upvotes": votes}}


class _Server(ThreadingHTTPServer):
    def __init__(self, days: Days, bodies: dict[date, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.days = days
        self.bodies = bodies


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        status, body = 404, b'{"error": "Paper not found"}'
        if url.path == "/api/daily_papers":
            day = date.fromisoformat(parse_qs(url.query)["date"][0])
            found = json.dumps(self.server.days.get(day, [])).encode()
            status, body = 200, self.server.bodies.get(day, found)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(days: Days, bodies: dict[date, bytes] | None = None) -> Iterator[str]:
    """The address of the API; `bodies` are sent as they are instead of the entries of a day."""
    server = _Server(days, bodies or {})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
