"""Progress bars on standard error where that is a terminal; elsewhere log lines stand alone in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

from tqdm import tqdm

from bot.indexing import Progress


def _bar(*, leave: bool = True, **how: Any) -> "tqdm[Any]":
    return tqdm(**how, leave=leave, dynamic_ncols=True, disable=None)


@contextmanager
def fetching(days: int, *, leave: bool = True) -> Iterator[Callable[[date], None]]:
    """A bar over days, with rate and remaining time; what it gives is told of each day that is done; `leave`: it stays."""
    with _bar(total=days, desc="Fetching batches", unit=" days", leave=leave) as bar:

        def done(_: date) -> None:
            bar.update()

        yield done


@contextmanager
def importing(name: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """A bar over the bytes of a file; what it gives is told how many were read, and how many new papers they brought."""
    with _bar(total=size, desc=name, unit="B", unit_scale=True) as bar:

        def progress(read: int, added: int) -> None:
            bar.set_postfix_str(f"{added:,} new papers", refresh=False)
            bar.update(read - bar.n)

        yield progress


@contextmanager
def indexing() -> Iterator[Progress]:
    """A bar that appears when the search index is made anew."""
    with ExitStack() as stack:
        bars: list[tqdm[Any]] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bar = _bar(total=total, desc="Building the search index", unit=" papers")
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].n)
            if done >= total:
                bars.pop().close()

        yield progress


@contextmanager
def downloading() -> Iterator[Progress]:
    """A bar over bytes, that goes when they are there."""
    with _bar(desc="Bringing the model", unit="B", unit_scale=True, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


@contextmanager
def reading() -> Iterator[Progress]:
    """A bar over papers that are read for their meaning."""
    with _bar(desc="Reading what papers mean", unit=" papers") as bar:

        def progress(done: int, total: int) -> None:
            if bar.total is None:
                bar.initial = bar.n = done
            bar.total = total
            bar.update(done - bar.n)

        yield progress
