"""The embedding model, downloaded once from the Hugging Face Hub.

Which headers carry checksum and size is as the hub's own client reads them (huggingface_hub,
`file_download.py`): a large file is a redirect to a CDN, with its SHA-256 in `X-Linked-Etag` and
with `X-Linked-Size`; a small one comes from the hub itself, perhaps after a redirect there, and
its `ETag` is its blob id in git. The model is public: no token is sent to anybody.
"""

import asyncio
import platform
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from bot.errors import SourceError
from bot.sources import _model_files as disk
from bot.sources._http import Patience, _seconds
from bot.sources._model_files import MODEL, REVISION, TOKENIZER, ModelFile, installed

__all__ = ["MODEL", "NAME", "REPOSITORY", "REVISION", "TOKENIZER", "Hub", "installed", "onnx_files"]

NAME = "Hugging Face Hub"
REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
MAX_BYTES = 200_000_000  # of one file; the largest here has 90 million
PATIENCE = Patience(silence=30.0, total=3_600.0)  # an hour for all of it; the next attempt goes on from there
_MAX_REDIRECTS = 5
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TAG = re.compile(r'(?:W/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?')
_NUMBER = re.compile(r"[0-9]{1,15}")
_PORTABLE = "onnx/model.onnx"

Progress = Callable[[int, int], None]  # bytes so far, bytes in all


def onnx_files(machine: str, flags: Collection[str] | None) -> tuple[str, ...]:
    """The ONNX files for a processor, the best first; the repository has all, a mirror may lack some.

    `machine` as `platform.machine` has it; `flags` are its abilities as Linux names them, None when
    they are not known. The small ones are int8. With VNNI signed weights are twice as fast; without
    it their products overflow on x86, so that AVX2 and the first AVX-512 need the unsigned ones.
    """
    if machine.lower() in ("arm64", "aarch64"):
        return ("onnx/model_qint8_arm64.onnx", _PORTABLE)
    if machine.lower() not in ("x86_64", "amd64"):
        return (_PORTABLE,)
    vnni = ("onnx/model_qint8_avx512_vnni.onnx",) if flags and "avx512_vnni" in flags else ()
    avx2 = ("onnx/model_quint8_avx2.onnx",) if flags is None or "avx2" in flags else ()
    return (*vnni, *avx2, _PORTABLE)


class Hub:
    """The model's home; `url` is the address of the hub or of a mirror."""

    def __init__(self, client: httpx.AsyncClient, url: str, patience: Patience = PATIENCE) -> None:
        self._client = client
        self._url = httpx.URL(url.rstrip("/"))
        self._patience = patience

    async def fetch(self, folder: Path, progress: Progress) -> None:
        """Bring the model into the folder, from where an earlier attempt stopped; when it is there, nothing is asked.

        Raises SourceError; what was received by then is kept, unless it is wrong or the disk is full.
        """
        with _translated(folder):
            if await asyncio.to_thread(installed, folder):
                return
            with disk.alone(folder):
                async with asyncio.timeout(self._patience.total):
                    await self._bring(folder, progress)

    async def _bring(self, folder: Path, progress: Progress) -> None:
        flags = await asyncio.to_thread(_flags)
        model = await self._first(MODEL, onnx_files(platform.machine(), flags))
        files = (model, await self._announced(TOKENIZER, TOKENIZER))
        await asyncio.to_thread(disk.keep_only, files, folder)
        before, total = 0, sum(file.size for file in files)
        for file in files:
            if not await asyncio.to_thread(file.is_at, folder / file.name):
                await self._download(file, folder, _later(progress, before, total))
                await asyncio.to_thread(disk.settle, file, folder)
            before += file.size
        await asyncio.to_thread(disk.sign, files, REPOSITORY, folder)
        progress(total, total)

    async def _first(self, name: str, paths: tuple[str, ...]) -> ModelFile:
        """The announcement of the first of the paths that the hub has."""
        for path in paths[:-1]:
            try:
                return await self._announced(name, path)
            except SourceError as error:
                if error.status != httpx.codes.NOT_FOUND:
                    raise
        return await self._announced(name, paths[-1])

    async def _announced(self, name: str, path: str) -> ModelFile:
        """The file as the hub, and nobody else, announces it."""
        tag, size, url = "", 0, self._address(path)
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._asked("HEAD", url) as reply:
                found = _announcement(reply)
                tag, size = tag or found[0], size or found[1]
                if (tag and size) or not reply.is_redirect:
                    break
                url = self._next(reply)
                if not self._is_own(url):  # whoever sends the file does not say what is right
                    break
        else:
            raise SourceError("it redirects in a circle")
        if not tag or not size:
            raise SourceError(f"it announces no checksum or no size of {path}")
        if size > MAX_BYTES:
            raise SourceError(f"it announces {path} with {size} bytes, and {MAX_BYTES // 1_000_000} MB is the most")
        return ModelFile(name, path, tag, size)

    async def _download(self, file: ModelFile, folder: Path, progress: Callable[[int], None]) -> None:
        """Let the part grow to the announced size: from where it is, or from 0 where the host cannot do that."""
        part = file.part(folder)
        have = await asyncio.to_thread(disk.size, part)
        if have >= file.size:
            return
        for asked in dict.fromkeys((have, 0)):
            async with self._opened(self._address(file.path), asked) as reply:
                begin = _begin(reply, asked, file)
                if begin is not None:
                    await _save(reply, part, begin, file.size, progress)
                    return
        raise SourceError(f"it sends another piece of {file.path} than it was asked for")

    @asynccontextmanager
    async def _opened(self, url: httpx.URL, begin: int) -> AsyncIterator[httpx.Response]:
        """The answer behind all redirects, its body not read yet."""
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._asked("GET", url, {"Range": f"bytes={begin}-"} if begin else {}) as reply:
                if not reply.is_redirect:
                    yield reply
                    return
                url = self._next(reply)
        raise SourceError("it redirects in a circle")

    @asynccontextmanager
    async def _asked(
        self, method: str, url: httpx.URL, headers: dict[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A redirect, a success or "no such range"; everything else is raised."""
        wanted = {"Accept-Encoding": "identity"} | (headers or {})
        patience = httpx.Timeout(self._patience.silence, connect=self._patience.connect)
        async with self._client.stream(method, url, headers=wanted, timeout=patience, follow_redirects=False) as reply:
            _check(reply)
            yield reply

    def _address(self, path: str) -> httpx.URL:
        return httpx.URL(f"{self._url}/{REPOSITORY}/resolve/{REVISION}/{path}")

    def _next(self, reply: httpx.Response) -> httpx.URL:
        """Where a redirect leads: to any host by https, because the hub's checksum guards what comes from there."""
        url = reply.url.join(reply.headers.get("location", ""))
        is_local = url.scheme == self._url.scheme == "http" and url.host in _LOOPBACK  # as it was configured
        if not url.host or not (url.scheme == "https" or is_local):
            raise SourceError(f"it redirects to {url.host or 'nowhere'} without https")
        return url

    def _is_own(self, url: httpx.URL) -> bool:
        return (url.scheme, url.host, url.port) == (self._url.scheme, self._url.host, self._url.port)


def _later(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    """Tells of one file's bytes, after those of the files before it."""
    return lambda have: progress(before + have, total)


def _flags() -> frozenset[str] | None:
    """The abilities of the processor, as Linux names them; None elsewhere."""
    try:
        found = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return frozenset(found[1].split()) if found else None


def _check(reply: httpx.Response) -> None:
    status, headers = reply.status_code, reply.headers
    if reply.is_redirect or status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return
    if status not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        path = reply.url.path.rpartition("/")[2]
        sentence = _REFUSALS.get(status, "it is out of order" if reply.is_server_error else "it refused")
        waiting = _seconds(headers.get("retry-after", ""))
        raise SourceError(f"{sentence} (HTTP {status} for {path})", status=status, waiting=waiting)
    if headers.get("content-type", "").lower().startswith("text/html"):
        raise SourceError("it answers with a web page instead of the model: something stands between us")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise SourceError("it answers in an encoding that was not asked for")


_REFUSALS = {
    401: "it wants a login for the model",
    403: "it does not give us the model",
    404: "it does not have the model",
    429: "it says that it is asked too often",
}


def _announcement(reply: httpx.Response) -> tuple[str, int]:
    """The checksum and the size that an answer tells of a file; empty and 0 where it does not."""
    own = {} if reply.is_redirect else reply.headers  # of a redirect, ETag and length are not the file's
    tag = _TAG.fullmatch(reply.headers.get("x-linked-etag", own.get("etag", "")))
    size = reply.headers.get("x-linked-size", own.get("content-length", ""))
    return tag[1] if tag else "", _number(size)


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


def _begin(reply: httpx.Response, asked: int, file: ModelFile) -> int | None:
    """The byte of the file with which the answer begins; None when that is not what was asked for."""
    if reply.status_code == httpx.codes.PARTIAL_CONTENT:
        right = f"bytes {asked}-{file.size - 1}/{file.size}"
        return asked if reply.headers.get("content-range", "").lower() == right else None
    if not reply.is_success:
        return None
    if "content-length" in reply.headers and _number(reply.headers["content-length"]) != file.size:
        raise SourceError(f"it sends {file.path} in another size than it announced")
    return 0


async def _save(reply: httpx.Response, part: Path, begin: int, size: int, progress: Callable[[int], None]) -> None:
    """Write the answer down as it comes, so that what came is kept when it breaks off."""
    have = begin
    with disk.growing(part, begin) as file:
        progress(have)
        async for piece in reply.aiter_raw():
            have += len(piece)
            if have > size:
                raise SourceError("it sends more than it announced")
            await asyncio.to_thread(file.write, piece)
            progress(have)
    if have < size:
        raise httpx.RemoteProtocolError("the answer ended too early")


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Every failure of the network and of the disk as a SourceError."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise SourceError("it cannot be reached") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise SourceError("it did not answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise SourceError(f"the connection broke ({type(error).__name__})") from error
    except OSError as error:
        raise SourceError(f"the model cannot be saved in {folder}: {error.strerror}") from error
