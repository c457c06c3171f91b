"""Debian's Chromium, driven by Playwright; only where both are installed."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib import util
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHROMIUM = shutil.which("chromium") or ""
MISSING = (
    "there is no Chromium here: apt-get install chromium"
    if not CHROMIUM
    else ("" if util.find_spec("playwright") else "Playwright is not installed")
)
needs_a_browser = pytest.mark.skipif(bool(MISSING), reason=MISSING or "there is one")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}


@dataclass(slots=True)
class Window:
    """One page in a profile of its own, and everything that went wrong in it."""

    page: "Page"
    home: str
    errors: list[str] = field(default_factory=list)  # of the console and of scripts
    asked: list[str] = field(default_factory=list)  # every address that was asked for

    async def say(self, text: str) -> None:
        """Type it, and wait for the answer."""
        before = await self.page.locator(".exchange").count()
        await self.page.fill("#say", text)
        await self.page.press("#say", "Enter")
        await self.page.wait_for_function(
            "before => document.querySelectorAll('.exchange').length > before"
            " && !document.querySelector('.answer[aria-busy]')",
            arg=before,
        )

    async def choose(self, shown_as: str) -> None:
        """Move the switch."""
        await self.page.locator(f"#shown-as input[value={shown_as}]").check()

    async def last(self) -> str:
        """The text of the last answer."""
        return await self.page.locator(".answer").last.inner_text()

    @property
    def strangers(self) -> list[str]:
        """What was asked of anybody but the bot."""
        return [url for url in self.asked if not url.startswith((self.home, "data:", "blob:"))]


@asynccontextmanager
async def browser() -> AsyncIterator["Browser"]:
    """A browser with a fresh profile."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - it may be missing

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield started
        finally:
            await started.close()


@asynccontextmanager
async def window(started: "Browser", address: str, path: str = "", **how: Any) -> AsyncIterator[Window]:
    """The page in a window, as large as a desktop's unless said otherwise."""
    context = await started.new_context(**{"viewport": DESKTOP, "permissions": [], **how})
    page = await context.new_page()
    opened = Window(page, address)
    page.on("console", lambda said: opened.errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("request", lambda request: opened.asked.append(request.url))
    try:
        await page.goto(address + path)
        yield opened
    finally:
        with suppress(Exception):
            await context.close()
