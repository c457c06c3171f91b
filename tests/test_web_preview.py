"""The previews in a real browser: the markup of each platform as it is read there, and addresses that lead to a digest."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from bot.views import web as words
from tests.web_browser import Window, browser, needs_a_browser, window
from tests.web_page import Served, opened

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [needs_a_browser, pytest.mark.asyncio(loop_scope="module")]
DRAWN = """
async ([file, reader, text]) => {
  const place = document.createElement('div');
  place.append(...(await import(`/assets/${file}.js`))[reader](text));
  for (const one of place.querySelectorAll('a')) for (const name of ['target', 'rel']) one.removeAttribute(name);
  return place.innerHTML;
}
"""
ASKED = {"query": ["video & co"], "day": ["2026-03-30"], "top": ["2"], "layout": ["compact"]}
ADDRESS = "#digest?query=video&day=2026-03-30&top=2&layout=compact"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator["Browser"]:
    async with browser() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(chromium: "Browser", site: Served) -> AsyncIterator[Window]:
    async with window(chromium, site.address) as there:
        yield there
        assert there.errors == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("*bold* and _italic_", "<strong>bold</strong> and <em>italic</em>"),
        ("*Q*Learn*, *two*", "<strong>Q*Learn</strong>, <strong>two</strong>"),
        ("_snake_case_", "<em>snake_case</em>"),
        ("2*3*4 and a_b_c", "2*3*4 and a_b_c"),
        ("* no bold * nor ** this", "* no bold * nor ** this"),
        ("*bold with <https://x.org/a|a *link*>*", '<strong>bold with <a href="https://x.org/a">a *link*</a></strong>'),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("*a\nb*", "*a\nb*"),
    ],
)
async def test_slacks_signs_format_where_they_do_there(visitor: Window, text: str, drawn: str) -> None:
    assert await visitor.page.evaluate(DRAWN, ["slack", "mrkdwn", text]) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("[a](https://x.org/a_(b)) c", '<a href="https://x.org/a_(b)">a</a> c'),
        ("([a](https://x.org/a)) c", '(<a href="https://x.org/a">a</a>) c'),
        (r"[a](https://x.org/b\)c) d", '<a href="https://x.org/b)c">a</a> d'),
        ("[a](https://x.org", "[a](https://x.org"),
        ("[a](no address)", "[a](no address)"),
    ],
)
async def test_the_address_of_a_link_ends_where_it_does_on_discord(visitor: Window, text: str, drawn: str) -> None:
    assert await visitor.page.evaluate(DRAWN, ["discord", "inline", text]) == drawn


async def test_what_a_digest_was_asked_for_becomes_the_address(visitor: Window) -> None:
    page = visitor.page
    await page.click("nav a >> text=Digest")
    for name, [value] in ASKED.items():
        if name == "layout":
            await page.select_option("#digesting select", value)
        else:
            await page.fill(f"#digesting [name={name}]", value)
    await page.press("#digesting [name=query]", "Enter")
    await page.wait_for_selector("#posted .discord")
    part, _, asked = urlsplit(page.url).fragment.partition("?")
    assert (part, parse_qs(asked)) == ("digest", ASKED)


async def test_an_address_shows_its_digest_in_the_form_and_below_and_so_does_loading_it_again(
    chromium: "Browser", site: Served
) -> None:
    async with window(chromium, site.address, ADDRESS) as there:
        await there.page.wait_for_selector("#posted .discord")
        await there.choose("slack")
        await there.page.reload()
        await there.page.wait_for_selector("#posted .slack")
        assert "Papers of Mon 30 Mar 2026 for “video”" in await there.page.inner_text("#posted")
        values = await there.page.evaluate("[...new FormData(document.getElementById('digesting')).values()]")
        assert values == ["video", "2026-03-30", "2", "compact"]
        assert there.errors == []


async def test_an_address_that_no_form_would_make_is_one_sentence(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address, "#digest?top=999&length=1&__proto__=2") as there:
        await there.page.wait_for_selector(f"#posted >> text={words.NOT_UNDERSTOOD}")
        assert not [error for error in there.errors if "400" not in error]
