"""The lock that keeps a second process from writing to the same database."""

import fcntl
import os
from pathlib import Path
from typing import Self

from bot.errors import StoreError


class FileLock:
    """An flock on a file beside the database; the system gives it back when the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path) -> Self | None:
        """The lock, or None when another process holds it. Raises StoreError when the folder cannot be written."""
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            path = database.with_name(database.name + ".lock")
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"The folder {database.parent} cannot be written ({error.strerror}): "
                "make it writable, or set DATA_DIR to one that is."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back; the file stays, because removing it would let two hold it."""
        os.close(self._descriptor)
