"""A long conversation on the page: what is needed stays in sight, what is read stays in place, what is gone is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.views import web as words
from tests.web_browser import DESKTOP, PHONE, Window, browser, needs_a_browser, window
from tests.web_page import Served, opened

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

pytestmark = [needs_a_browser, pytest.mark.asyncio(loop_scope="module")]
NARROW, LOW = {"width": 320, "height": 640}, {"width": 844, "height": 390}
SAID = ("search video", "trending", "search model limit:12")
MIDDLE = "document.querySelectorAll('.exchange')[1].scrollIntoView()"
PLACE = "document.querySelectorAll('.answer')[1].getBoundingClientRect().top"
TOP_AND_SWITCH = "['.top', '#shown-as'].map(one => document.querySelector(one).getBoundingClientRect())"
ITS_HEAD_IS_SEEN = """
() => {
  const from = document.activeElement.getBoundingClientRect().top;
  return from >= document.querySelector('.top').getBoundingClientRect().bottom && from < innerHeight / 2;
}
"""
HIDDEN = """
() => {
  const [one, field, top] = [document.activeElement, document.getElementById('asking'), document.querySelector('.top')];
  if (field.contains(one) || top.contains(one) || one.matches('body, .skip')) return false;
  const { top: from, bottom: to } = one.getBoundingClientRect();
  return from < top.getBoundingClientRect().bottom || to > field.getBoundingClientRect().top;
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator["Browser"]:
    async with browser() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def reader(chromium: "Browser", site: Served) -> AsyncIterator[Window]:
    """Somebody who asked a few things, and reads the second answer."""
    async with window(chromium, site.address) as there:
        for text in SAID:
            await there.say(text)
        await there.page.evaluate(MIDDLE)
        yield there
        assert there.errors == []
        assert there.strangers == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, NARROW])
async def test_the_switch_stays_in_sight_and_leaves_room_to_read(
    chromium: "Browser", site: Served, viewport: dict[str, int]
) -> None:
    async with window(chromium, site.address, viewport=viewport) as there:
        for text in SAID:
            await there.say(text)
        top, switch = await there.page.evaluate(TOP_AND_SWITCH)
        caption = await there.page.evaluate(
            "document.querySelector('.exchange:last-child').getBoundingClientRect().top"
        )
    assert switch["top"] >= 0
    assert top["bottom"] <= caption
    assert top["height"] < viewport["height"] / 6


async def test_a_low_window_is_kept_for_the_answers(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address, viewport=LOW) as there:
        for text in SAID:
            await there.say(text)
        top, _ = await there.page.evaluate(TOP_AND_SWITCH)
    assert top["bottom"] <= 0


async def test_what_is_being_read_stays_where_it_is_when_the_switch_is_moved(reader: Window) -> None:
    before = await reader.page.evaluate(PLACE)
    for shown_as in ("slack", "discord", "page"):
        await reader.choose(shown_as)
        assert await reader.page.evaluate(PLACE) == pytest.approx(before, abs=2)


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
async def test_the_focus_is_never_hidden_in_either_direction(reader: Window, key: str) -> None:
    await reader.page.focus("#say")
    for _ in range(60):
        await reader.page.keyboard.press(key)
        assert not await reader.page.evaluate(HIDDEN)


async def test_the_focus_on_the_top_moves_nothing(reader: Window) -> None:
    before = await reader.page.evaluate("scrollY")
    for place in (".skip", "nav a", "#shown-as input:checked"):
        await reader.page.focus(place)
        assert await reader.page.evaluate("scrollY") == before


@pytest.mark.parametrize(
    ("label", "count", "begins"),
    [
        ("Abstract", 4, "show "),
        ("Next", 3, SAID[-1]),
        ("Share", 4, words.SAID["shared"]),
    ],
)
async def test_the_focus_goes_to_what_a_button_brought(reader: Window, label: str, count: int, begins: str) -> None:
    page = reader.page
    await page.locator(".exchange").last.get_by_text(label, exact=True).first.press("Enter")
    await page.wait_for_function("() => document.activeElement.matches('.exchange')")
    assert await page.locator(".exchange").count() == count
    name = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name.startswith(begins)
    assert await page.evaluate(ITS_HEAD_IS_SEEN)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('.exchange')?.getAttribute('aria-label')") == name


async def test_the_focus_stays_with_whoever_types_before_the_answer_is_there(reader: Window) -> None:
    page, answered = reader.page, asyncio.Event()

    async def later(route: "Route") -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/api/say", later)
    await page.locator(".exchange").last.get_by_text("Abstract", exact=True).first.click()
    await page.wait_for_selector(".answer[aria-busy]")
    await page.focus("#say")
    answered.set()
    await page.wait_for_selector(".exchange:last-child .answer:not([aria-busy]) .card")
    assert await page.evaluate("document.activeElement.id") == "say"


async def test_each_question_has_one_answer(reader: Window) -> None:
    assert await reader.page.locator(".answer").count() == len(SAID)


async def test_answers_that_are_no_longer_shown_are_forgotten(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address) as there:
        await there.say("help")
        await there.page.evaluate("window.first = new WeakRef(document.querySelector('.answer'))")
        while await there.page.evaluate("document.querySelectorAll('.exchange').length < 40"):
            await there.say("help")
        await there.page.fill("#say", "help")
        await there.page.press("#say", "Enter")
        await there.page.wait_for_function("() => !window.first.deref()?.isConnected")
        await there.page.request_gc()
        assert await there.page.evaluate("window.first.deref() === undefined")


async def test_a_trouble_in_the_place_of_an_answer_stays_there_when_the_switch_is_moved(
    chromium: "Browser", site: Served
) -> None:
    async with window(chromium, site.address) as there:
        await there.say("search model limit:12")
        await there.page.route("**/api/say", lambda route: route.abort())
        await there.page.click("text=Next")
        await there.page.wait_for_selector(f"text={words.SAID['noAnswer']}")
        await there.choose("slack")
        assert words.SAID["noAnswer"] in await there.last()
