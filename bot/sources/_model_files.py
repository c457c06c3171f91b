"""The files of the model on the disk: parts that grow, whole files, and the receipt that is written last."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.errors import SourceError

REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"  # of the repository, pinned
MODEL, TOKENIZER, RECEIPT = "model.onnx", "tokenizer.json", "model.json"
_LOCK = "model.lock"
_SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file as the hub announces it; `checksum` is its SHA-256, or its blob id in git (40 digits)."""

    name: str  # here
    path: str  # in the repository
    checksum: str
    size: int  # bytes

    def part(self, folder: Path) -> Path:
        """Where it grows; what is announced with another checksum is never continued there."""
        return folder / f"{self.name}.{self.checksum}.part"

    def is_at(self, path: Path) -> bool:
        """Whether the path holds exactly this."""
        with suppress(FileNotFoundError), path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == self.size:
                return hashlib.file_digest(file, self._digest).hexdigest() == self.checksum
        return False

    def _digest(self) -> "hashlib._Hash":
        if len(self.checksum) == _SHA256_DIGITS:
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)  # as git counts


def installed(folder: Path) -> bool:
    """Whether the pinned model lies there, whole and undamaged; takes some hundredths of a second."""
    try:
        receipt = json.loads((folder / RECEIPT).read_bytes())
        files = [ModelFile(name, **receipt["files"][name]) for name in (MODEL, TOKENIZER)]
        return bool(receipt["revision"] == REVISION) and all(file.is_at(folder / file.name) for file in files)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The folder is there, and no other process brings files into it. Raises SourceError when one does."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SourceError("another process is downloading the model already") from error
        yield
    finally:
        os.close(descriptor)  # the file stays, because removing it would let two hold it


def keep_only(files: Sequence[ModelFile], folder: Path) -> None:
    """Remove parts of other files than these, and the receipt, which is not true while they come."""
    parts = {file.part(folder) for file in files}
    for path in (folder / RECEIPT, *folder.glob("*.part")):
        if path not in parts:
            path.unlink(missing_ok=True)


def size(path: Path) -> int:
    """Bytes; 0 when nothing is there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def growing(part: Path, begin: int) -> Iterator[BinaryIO]:
    """The part to write to from a byte on, which is its end or 0; after a failure of the disk it is gone."""
    try:
        with part.open("ab" if begin else "wb") as file:
            yield file
    except OSError:  # a full disk is not left full: the database may be on it too
        part.unlink(missing_ok=True)
        raise


def settle(file: ModelFile, folder: Path) -> None:
    """Give a part that is whole its name. Raises SourceError when it is wrong, and removes it."""
    part = file.part(folder)
    if not file.is_at(part):
        part.unlink(missing_ok=True)
        raise SourceError(f"what it sent as {file.path} does not have the checksum that it announced")
    _replace(part, folder / file.name)


def sign(files: Sequence[ModelFile], repository: str, folder: Path) -> None:
    """Write the receipt: the files are there as a whole."""
    known = {file.name: {"path": file.path, "checksum": file.checksum, "size": file.size} for file in files}
    receipt = {"repository": repository, "revision": REVISION, "files": known}
    part = folder / f"{RECEIPT}.part"
    part.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    _replace(part, folder / RECEIPT)


def _replace(part: Path, whole: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())  # else a power failure could leave the name without the bytes
    part.replace(whole)
