"""How heavy and how quick the page is, with a hundred thousand papers behind it: `make bench-page`."""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import config
from bot.cli import wiring
from bot.cli.page import Page
from bot.health import Health
from tests import upstream, web_browser
from tests.benchmarks.large import SNAPSHOT
from tests.benchmarks.table import environment, row, spread, timed
from tests.web_browser import browser, window

if TYPE_CHECKING:
    from playwright.async_api import Browser

OPENED, ASKED = 10, 40
QUERIES = (
    "world models",
    "reinforcement lerning",
    "diffusion has:code",
    '"language model" since:1y',
    "attention -vision",
)
SHOWN = """
async text => {
  const before = document.querySelectorAll('.card').length;
  document.getElementById('say').value = text;
  const began = performance.now();
  document.getElementById('asking').requestSubmit();
  while (document.querySelectorAll('.card').length === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}
"""
WEIGHT = (
    "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
    ".reduce((sum, one) => sum + one.transferSize, 0)"
)


async def main() -> int:
    """Print the table."""
    if missing := web_browser.MISSING or upstream.MISSING:
        print(missing, file=sys.stderr)
        return 1
    print("| what | bar | measured |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, upstream.serving() as feed:
        settings = environment(Path(folder), feed)
        timed(settings, "import", str(SNAPSHOT))
        timed(settings, "sync", "--days", "480")
        async with _serving(Path(folder), feed.hf_api_url) as address, browser() as started:
            await _measured(started, address)
    return 0


@asynccontextmanager
async def _serving(folder: Path, feed: str) -> AsyncIterator[str]:
    settings = config.load({"DATA_DIR": str(folder), "HF_API_URL": feed, "HTTP_PORT": "0"})
    async with AsyncExitStack() as stack:
        found = wiring.library(settings, wiring.locked(settings), lambda _done, _total: None)
        library = await stack.enter_async_context(found)
        page = Page(settings, Health())
        stack.push_async_callback(page.end)
        await page.begin()
        page.open(lambda: library.core, library)
        yield page.address


async def _measured(started: "Browser", address: str) -> None:
    paints, weights = [], []
    for _ in range(OPENED):
        async with window(started, address) as there:
            await there.page.wait_for_load_state("networkidle")
            paints.append(await there.page.evaluate("performance.getEntriesByName('first-paint')[0].startTime"))
            weights.append(await there.page.evaluate(WEIGHT))
            assert not there.errors and not there.strangers
    async with window(started, address) as there:
        times = [
            await there.page.evaluate(SHOWN, f"search {QUERIES[n % len(QUERIES)]} limit:{5 + n // 5}")
            for n in range(ASKED)
        ]
    row("the page with everything", "under 150 kB", f"{max(weights) / 1000:,.0f} kB")
    row("first paint from loopback", "under 300 ms", f"{spread(paints)} ms")
    row(
        "a search shown after Enter, among 107k papers",
        "under 100 ms",
        f"{spread(times)} ms, p95 {statistics.quantiles(times, n=20)[18]:,.0f} ms",
    )
    row("console errors, requests to other hosts", "none", "none")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
