"""Lines from standard input, without ever keeping the program from ending."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator

_AT_ONCE = 65_536
LONGEST = 100_000  # bytes; a longer line is read in pieces


async def standard_input() -> AsyncIterator[str]:
    """Each line, without its end; a thread waits for them, which dies with the program."""
    lines: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
    loop = asyncio.get_running_loop()

    def hand_on(line: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    def read() -> None:
        # Not through sys.stdin.buffer: its lock, held by a waiting thread, aborts the interpreter at its end.
        begun = b""
        try:
            while chunk := os.read(sys.stdin.fileno(), _AT_ONCE):
                *whole, begun = (begun + chunk).split(b"\n")
                for line in whole:
                    hand_on(line)
                if len(begun) > LONGEST:
                    hand_on(begun)
                    begun = b""
            if begun:
                hand_on(begun)
            hand_on(None)
        except (RuntimeError, asyncio.CancelledError):
            return  # the program has ended

    threading.Thread(target=read, daemon=True, name="standard-input").start()
    while (line := await lines.get()) is not None:
        yield line.decode("utf-8", "replace").rstrip("\r")
