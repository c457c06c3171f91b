"""A small Hugging Face Hub on this machine, with a CDN beside it, which answer as the real ones do."""

import asyncio
import hashlib
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.errors import SourceError
from bot.sources.hub import MODEL, REPOSITORY, REVISION, TOKENIZER, Hub, _flags, installed, onnx_files
from tests.wire import head

VNNI, AVX2 = "onnx/model_qint8_avx512_vnni.onnx", "onnx/model_quint8_avx2.onnx"
ARM, PORTABLE = "onnx/model_qint8_arm64.onnx", "onnx/model.onnx"
TOKENS = b'{"tokens": []}' * 20
FILES = {path: path.encode() * 40 for path in (VNNI, AVX2, ARM, PORTABLE)} | {TOKENIZER: TOKENS}
BEST = onnx_files(platform.machine(), _flags())[0]  # what this machine takes
WEIGHTS = FILES[BEST]
TOTAL = len(WEIGHTS) + len(TOKENS)

RESOLVE = f"/{REPOSITORY}/resolve/{REVISION}/"
CACHE = f"/api/resolve-cache/models/{REPOSITORY}/{REVISION}/"
STATUSES = {200: "OK", 206: "Partial Content", 302: "Found", 307: "Temporary Redirect", 404: "Not Found"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; `place` is "hub" or "cdn"."""

    place: str
    method: str
    path: str
    headers: dict[str, str]

    @property
    def file(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; the length is that of the body where no other is given, and None leaves a header out."""

    status: int
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None  # the connection ends after so many bytes of the body
    is_held: bool = False  # or stays open without a word

    def bearing(self, **headers: str | None) -> "Answer":
        """With other headers too; `content_type` stands for Content-Type."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()})


Twist = Callable[[Request, Answer], Answer]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def blob_id(content: bytes) -> str:
    """As `git hash-object` has it."""
    return hashlib.sha1(f"blob {len(content)}\x00".encode() + content).hexdigest()


@dataclass(slots=True)
class LocalHub:
    """Its files by path, those in `onnx/` on the CDN; every answer goes through `twist`."""

    files: dict[str, bytes]
    url: str = ""
    cdn: str = ""
    requests: list[Request] = field(default_factory=list)
    twist: Twist = lambda _, answer: answer

    def asked(self, method: str) -> list[tuple[str, str | None]]:
        """The files that were asked for with that method, with the range."""
        return [(one.file, one.headers.get("range")) for one in self.requests if one.method == method]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.twist(request, self._from_cdn(request) if request.place == "cdn" else self._from_hub(request))

    def _from_hub(self, request: Request) -> Answer:
        path = request.path.removeprefix(RESOLVE).removeprefix(CACHE)
        content = self.files.get(path)
        if content is None or path == request.path:
            return Answer(404, {"x-error-code": "EntryNotFound"}, b"Entry not found")
        commit = {"x-repo-commit": REVISION}
        if path.startswith("onnx/"):
            linked = {"x-linked-etag": f'"{sha256(content)}"', "x-linked-size": str(len(content))}
            return Answer(302, {**commit, **linked, "location": f"{self.cdn}/{path}"}, b"Found")
        if request.path.startswith(RESOLVE):
            return Answer(307, {**commit, "location": f"{CACHE}{path}?etag=x"}, b"Temporary Redirect")
        return _piece(request, content, {**commit, "etag": f'"{blob_id(content)}"', "content-type": "text/plain"})

    def _from_cdn(self, request: Request) -> Answer:
        if request.method != "GET":
            return Answer(403)  # a signed address is good for one method
        content = self.files[request.path.removeprefix("/")]
        return _piece(request, content, {"etag": '"the-cdn-has-its-own"', "content-type": "application/octet-stream"})


def _piece(request: Request, content: bytes, headers: dict[str, str | None]) -> Answer:
    wanted = request.headers.get("range")
    if wanted is None:
        return Answer(200, headers, content)
    begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
    if begin >= len(content):
        return Answer(416, {"content-range": f"bytes */{len(content)}"})
    span = {"content-range": f"bytes {begin}-{len(content) - 1}/{len(content)}"}
    return Answer(206, {**headers, **span}, content[begin:])


@asynccontextmanager
async def serving(files: dict[str, bytes]) -> AsyncIterator[LocalHub]:
    """A hub with these files, until the end of the block."""
    hub = LocalHub(files)

    def handler(place: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(_handle(hub, place, reader, writer))
            handling.add(task)

        return handle

    handling: set[asyncio.Task[None]] = set()
    servers = [await asyncio.start_server(handler(place), "127.0.0.1", 0) for place in ("hub", "cdn")]
    hub.url, hub.cdn = (f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers)
    try:
        yield hub
    finally:
        for server in servers:
            server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)
        for server in servers:
            await server.wait_closed()


async def _handle(hub: LocalHub, place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, target, _ = first.split()
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        answer = hub.answer(Request(place, method, target.partition("?")[0], headers))
        sent = {"content-length": str(len(answer.body)), **answer.headers}
        status = f"{answer.status} {STATUSES.get(answer.status, 'Something')}"
        writer.write(head(status, **{name: text for name, text in sent.items() if text is not None}))
        if method != "HEAD":
            writer.write(answer.body[: answer.cut])
        await writer.drain()
        if answer.is_held:
            await asyncio.Event().wait()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the client hung up
    finally:
        writer.close()


async def fetch(url: str, folder: Path, **changes: Any) -> list[tuple[int, int]]:
    """Bring the model; what was told of the progress."""
    told: list[tuple[int, int]] = []
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        known = Hub(client, url, **changes)
        await known.fetch(folder, lambda have, total: told.append((have, total)))
    return told


async def failure(url: str, folder: Path, **changes: Any) -> SourceError:
    with pytest.raises(SourceError) as error:
        await fetch(url, folder, **changes)
    assert not installed(folder)
    return error.value


def is_whole(folder: Path) -> bool:
    return (
        installed(folder)
        and (folder / MODEL).read_bytes() == WEIGHTS
        and (folder / TOKENIZER).read_bytes() == TOKENS
        and not parts(folder)
    )


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.part"))


def part(folder: Path) -> Path:
    """Where the model grows."""
    return folder / f"{MODEL}.{sha256(WEIGHTS)}.part"
