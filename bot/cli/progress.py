"""Progress bars on standard error."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

from tqdm import tqdm

from bot.indexing import Progress


@contextmanager
def fetching(days: int, *, leave: bool = True) -> Iterator[Callable[[date], None]]:
    """A bar over days, with rate and remaining time; what it gives is told of each day that is done; `leave`: it stays."""
    with tqdm(total=days, desc="Fetching batches", unit=" days", dynamic_ncols=True, leave=leave) as bar:

        def done(_: date) -> None:
            bar.update()

        yield done


@contextmanager
def indexing() -> Iterator[Progress]:
    """A bar that appears when the search index is made anew."""
    with ExitStack() as stack:
        bars: list[tqdm[Any]] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bar = tqdm(total=total, desc="Building the search index", unit=" papers", dynamic_ncols=True)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].n)
            if done >= total:
                bars.pop().close()

        yield progress


@contextmanager
def downloading() -> Iterator[Progress]:
    """A bar over bytes, that goes when they are there."""
    with tqdm(desc="Bringing the model", unit="B", unit_scale=True, dynamic_ncols=True, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


@contextmanager
def reading() -> Iterator[Progress]:
    """A bar over papers that are read for their meaning."""
    with tqdm(desc="Reading what papers mean", unit=" papers", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            if bar.total is None:
                bar.initial = bar.n = done
            bar.total = total
            bar.update(done - bar.n)

        yield progress
