"""Pictures of the page for the README: `make screenshots`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests import web_browser
from tests.web_browser import DESKTOP, PHONE, Window, browser, window
from tests.web_page import Served, opened

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"


async def main() -> int:
    """Take them all anew."""
    if web_browser.MISSING:
        print(web_browser.MISSING, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as site, browser() as started:
            async with window(started, site.address) as there:
                await _ask(there)
                await _kept(there, "page")
                for name in ("discord", "slack"):
                    await there.choose(name)
                    await _kept(there, name)
            async with window(started, site.address, "#board", color_scheme="dark") as there:
                await there.page.wait_for_selector(".calendar")
                await _kept(there, "board")
            async with window(started, site.address, viewport=PHONE) as there:
                await _ask(there)
                await _kept(there, "phone")
            await _digest(started, site)
    print(f"{len([*FOLDER.glob('*.png')])} pictures in {FOLDER}")
    return 0


async def _ask(there: Window) -> None:
    await there.say("search video world models")
    await there.page.evaluate("document.activeElement.blur()")


async def _digest(started: object, site: Served) -> None:
    async with window(started, site.address, "#digest", viewport=DESKTOP) as there:  # type: ignore[arg-type]
        await there.page.fill("#digesting [name=query]", "video")
        await there.page.click("#digesting button")
        await there.page.wait_for_selector("#posted .message")
        await _kept(there, "digest")


async def _kept(there: Window, name: str) -> None:
    await there.page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
