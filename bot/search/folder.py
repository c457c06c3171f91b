"""The folder of the index on disk: what it was made from, and whether every file in it is whole."""

import json
import shutil
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import IndexDamaged, StoreError

_STATE = "paper-round.json"
_META = "meta.json"
# Each file of the engine ends in a footer with the CRC of what stands before it:
# footer (JSON), its length and this number, both as 32 bits little-endian.
_MAGIC = 1337
_WORD = 4
_CHUNK = 1 << 20
_PARTS = (".term", ".idx", ".pos", ".store", ".fast", ".fieldnorm")


@dataclass(frozen=True, slots=True)
class FolderState:
    """Which store the index follows and how far it is; kept beside the files of the engine."""

    schema: int
    identity: str
    cursor: int
    rebuilding: bool = False


def read_state(folder: Path) -> FolderState:
    """The state that was written last. Raises IndexDamaged when there is none that makes sense."""
    try:
        return FolderState(**json.loads((folder / _STATE).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(f"{folder}: {error}") from error


def write_state(folder: Path, state: FolderState) -> None:
    """Replace the state in one step."""
    temporary = folder / f"{_STATE}.new"
    temporary.write_text(json.dumps(asdict(state)), "utf-8")
    temporary.replace(folder / _STATE)


def empty(folder: Path) -> None:
    """Make the folder anew, whatever lies there. Raises StoreError when it cannot be written."""
    try:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be written ({error.strerror}): "
            "make it writable, or set DATA_DIR to one that is."
        ) from error


def is_there(folder: Path) -> bool:
    """Whether the folder still holds an index; nothing is read."""
    return (folder / _META).is_file() and (folder / _STATE).is_file()


def verify(folder: Path) -> None:
    """Check every file that the index needs. Raises IndexDamaged.

    Without it a damaged file shows only later, as a panic of the engine in the middle of a search.
    """
    try:
        meta = json.loads((folder / _META).read_text("utf-8"))
        names = [name for segment in meta["segments"] for name in _files(segment)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"{folder / _META}: {error}") from error
    for name in names:
        _verify_file(folder / name)


class Watch:
    """Looks whether the files of an index are still there and as large as they were.

    The engine reads them through memory: one that was cut short would end the whole process (SIGBUS), and one that is
    gone is missed only at the next start. To look takes some tens of microseconds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}

    def look(self) -> None:
        """Raises IndexDamaged. Files that are seen for the first time are taken as they are: they never change."""
        try:
            sizes = self._found()
        except IndexDamaged:  # unless the engine has just merged them into others
            sizes = self._found()
        if any(self._sizes.get(name, size) != size for name, size in sizes.items()):
            raise IndexDamaged(f"{self._folder}: a file was changed")
        self._sizes = sizes

    def _found(self) -> dict[str, int]:
        """Every file that the engine needs now, with its size."""
        try:
            meta = json.loads((self._folder / _META).read_bytes())
            names = [name for segment in meta["segments"] for name in _files(segment)]
            return {name: (self._folder / name).stat().st_size for name in names}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"{self._folder}: {error}") from error


def _files(segment: dict[str, Any]) -> list[str]:
    """The files of one segment as meta.json describes it."""
    name, deletes = segment["segment_id"].replace("-", ""), segment["deletes"]
    return [f"{name}{part}" for part in _PARTS] + ([f"{name}.{deletes['opstamp']}.del"] if deletes else [])


def _verify_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            file.seek(max(0, size - 2 * _WORD))
            length, magic = (int.from_bytes(file.read(_WORD), "little") for _ in range(2))
            body = size - 2 * _WORD - length
            if magic != _MAGIC or body < 0:
                raise IndexDamaged(f"{path}: it has no footer")
            file.seek(body)
            expected = json.loads(file.read(length))["crc"]
            file.seek(0)
            crc = 0
            while body > 0:
                chunk = file.read(min(_CHUNK, body))
                crc, body = zlib.crc32(chunk, crc), body - len(chunk)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise IndexDamaged(f"{path}: {error}") from error
    if crc != expected:
        raise IndexDamaged(f"{path}: its checksum is wrong")
