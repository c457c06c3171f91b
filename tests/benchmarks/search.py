"""How well and how fast search finds: `make bench-search`; with --million, the same among a million papers.

Ends with status 1 when a figure of quality is more than one point below the recorded one.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from tests.benchmarks import figures, quality, scale, shelf
from tests.benchmarks.figures import Figure
from tests.benchmarks.table import row
from tests.upstream import MISSING

TITLES, TITLES_OF_A_MILLION = 150, 100


def main() -> int:
    """Print the table."""
    options = _arguments()
    if MISSING:
        print(f"nothing measured: {MISSING}")
        return 1
    print("| what | bar | measured |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        measured = asyncio.run(_measured(options, Path(folder)))
    if options.record:
        figures.record(measured)
    low = figures.fallen(measured, figures.recorded())
    for figure in low:
        print(f"fallen: {figure.name}: {figure.value:.3f}", file=sys.stderr)
    return int(bool(low))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search", description=__doc__)
    parser.add_argument("--million", action="store_true", help="measure speed and size among a million papers")
    parser.add_argument("--papers", type=int, default=1_000_000, help="another number of papers than a million")
    parser.add_argument("--folder", type=Path, help="keep the million here, and take what is there already")
    parser.add_argument("--words-alone", action="store_true", help="measure nothing that needs the model")
    parser.add_argument("--record", action="store_true", help="these are the figures to compare with from now on")
    return parser.parse_args()


async def _measured(options: argparse.Namespace, folder: Path) -> list[Figure]:
    without = "words alone were asked for" if options.words_alone else shelf.MODEL_MISSING
    if without:
        row("with the model", "", f"not measured: {without}")
    if options.million:
        kept = options.folder or folder
        return await _shown(scale.measure(kept, options.papers, TITLES_OF_A_MILLION, model=not without))
    measured = await _shown(_of_words(folder))
    if without:
        return measured
    return measured + await _shown(_of_the_model(folder))


async def _of_words(folder: Path) -> AsyncIterator[Figure]:
    async for figure in quality.seeds(folder / "seeds", model=False):
        yield figure
    async for figure in quality.sentences(folder / "sentences", few=False, model=False):
        yield figure
    async for figure in quality.sentences(folder / "few", few=True, model=False):
        yield figure
    async for figure in scale.of_the_snapshot(folder / "snapshot", TITLES):
        yield figure


async def _of_the_model(folder: Path) -> AsyncIterator[Figure]:
    async for figure in quality.seeds(folder / "seeds-model", model=True):
        yield figure
    async for figure in quality.sentences(folder / "few-model", few=True, model=True):
        yield figure


async def _shown(measuring: AsyncIterator[Figure]) -> list[Figure]:
    """All of them; each is printed as soon as it is known."""
    known, measured = figures.recorded(), []
    async for figure in measuring:
        figures.show(figure, known)
        measured.append(figure)
    return measured


if __name__ == "__main__":
    sys.exit(main())
