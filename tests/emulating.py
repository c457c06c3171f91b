"""The strict platforms of ../shared, each a process on this machine that is steered over HTTP."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EMULATORS = Path(__file__).resolve().parents[2] / "shared" / "emulators"


@contextmanager
def running(script: Path, *options: str) -> Iterator[str]:
    """The address of one on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(script), "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline(), "the emulator did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def sent(method: str, url: str, body: object = None, **headers: str) -> Any:
    """The answer; AssertionError for what no real person or client could do."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from error
