"""Lines from standard input, without ever keeping the program from ending."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress

_AT_ONCE = 65_536
LONGEST = 100_000  # bytes; of a longer line the rest is dropped


async def standard_input() -> AsyncIterator[str]:
    """Each line, without its end; a thread waits for them, which dies with the program."""
    lines: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
    loop = asyncio.get_running_loop()

    def hand_on(line: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    def read() -> None:
        with suppress(RuntimeError, CancelledError):  # the program has ended
            for line in _lines():
                hand_on(line)
            hand_on(None)

    threading.Thread(target=read, daemon=True, name="standard-input").start()
    while (line := await lines.get()) is not None:
        yield line.decode("utf-8", "replace").rstrip("\r")


def _lines() -> Iterator[bytes]:
    """Lines as they come in; an input that is closed or fails has ended."""
    begun = b""
    while chunk := _chunk():
        *whole, begun = (begun[:LONGEST] + chunk).split(b"\n")
        yield from (line[:LONGEST] for line in whole)
    if begun:
        yield begun[:LONGEST]


def _chunk() -> bytes:
    # Not through sys.stdin.buffer: its lock, held by a waiting thread, aborts the interpreter at its end.
    try:
        return os.read(sys.stdin.fileno(), _AT_ONCE) if sys.stdin else b""
    except (OSError, ValueError):
        return b""
