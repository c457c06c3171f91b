"""The page in a real browser: typed, picked, pressed and switched as people do; nothing hostile is ever obeyed."""

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
import pytest_asyncio

from bot.views import web as words
from tests.hostile import TEXTS
from tests.web_browser import PHONE, Window, browser, needs_a_browser, window
from tests.web_page import HYBRID, Served, opened

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [needs_a_browser, pytest.mark.asyncio(loop_scope="module")]
PLACES = ("readers", "video")
TITLE = "Out of Sight but Not Out of Mind: Hybrid Memory for Dynamic Video World Models"


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
    """Somebody who opened the page; nothing may have gone wrong, and nobody else may have been asked, when they leave."""
    async with window(chromium, site.address) as there:
        yield there
        assert there.errors == []
        assert there.strangers == []


async def test_what_is_typed_is_answered_with_a_card_and_becomes_the_address(visitor: Window) -> None:
    await visitor.say("search hybrid memory")
    assert TITLE in await visitor.last()
    assert unquote(visitor.page.url).endswith("#q=search hybrid memory")
    assert await visitor.page.locator(".asked").inner_text() == "search hybrid memory"
    assert not await visitor.page.locator(".greeting").is_visible()


async def test_an_address_with_a_command_answers_it_and_so_does_going_back(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address, f"#q=show%20{HYBRID}") as there:
        await there.page.wait_for_selector(".card")
        assert TITLE in await there.last()
        await there.say("trending")
        await there.page.go_back()
        await there.page.wait_for_function("() => document.querySelectorAll('.exchange').length === 3")
        await there.page.wait_for_selector(".answer:not([aria-busy]) .card")
        assert there.errors == []


async def test_verbs_and_papers_are_completed_from_the_keyboard(visitor: Window) -> None:
    page = visitor.page
    await page.locator("#say").press_sequentially("sim")
    await page.wait_for_selector("#choices li")
    await page.press("#say", "Tab")
    assert await page.input_value("#say") == "similar "
    await page.locator("#say").press_sequentially("out of si")
    await page.wait_for_selector("#choices li >> text=Hybrid Memory")
    assert await page.get_attribute("#say", "aria-expanded") == "true"
    await page.press("#say", "ArrowDown")
    active = await page.get_attribute("#say", "aria-activedescendant")
    assert await page.get_attribute(f"#{active}", "aria-selected") == "true"
    await page.press("#say", "Enter")
    assert await page.input_value("#say") == f"similar {HYBRID} "
    assert await page.get_attribute("#say", "aria-expanded") == "false"


async def test_a_suggestion_can_be_picked_with_the_pointer_and_left_with_escape(visitor: Window) -> None:
    page = visitor.page
    await page.locator("#say").press_sequentially("tre")
    await page.click("#choices li")
    assert await page.input_value("#say") == "trending "
    await page.locator("#say").press_sequentially("to")
    await page.wait_for_selector("#choices li")
    await page.press("#say", "Escape")
    assert not await page.locator("#choices").is_visible()


async def test_the_arrow_keys_go_through_what_was_said(visitor: Window) -> None:
    await visitor.say("trending")
    await visitor.say("help")
    seen = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        await visitor.page.press("#say", key)
        seen.append(await visitor.page.input_value("#say"))
    assert seen == ["help", "trending", "trending", "help", ""]


async def test_next_takes_the_place_of_the_list_and_counts_on(visitor: Window) -> None:
    await visitor.say("search model limit:12")
    assert "1 to 5 of 12" in await visitor.last()
    await visitor.page.click("text=Next")
    await visitor.page.wait_for_selector("text=6 to 10 of 12")
    assert await visitor.page.locator(".exchange").count() == 1
    assert await visitor.page.get_attribute(".answer ol", "start") == "6"
    await visitor.page.click("text=Previous")
    await visitor.page.wait_for_selector("text=1 to 5 of 12")


@pytest.mark.parametrize(
    ("label", "shown"),
    [("Abstract", "moving subjects"), ("Similar", "Papers like"), ("Cite", "@misc{")],
)
async def test_each_button_of_a_paper_asks_what_it_says(visitor: Window, label: str, shown: str) -> None:
    await visitor.say(f"show {HYBRID}")
    await visitor.page.locator(".answer").last.get_by_text(label, exact=True).click()
    await visitor.page.wait_for_function("() => document.querySelectorAll('.exchange').length === 2")
    await visitor.page.wait_for_selector(".exchange:last-child .answer:not([aria-busy])")
    assert shown.lower() in (await visitor.last()).lower()


async def test_a_citation_is_copied(chromium: "Browser", site: Served) -> None:
    granted = ["clipboard-read", "clipboard-write"]
    async with window(chromium, site.address, permissions=granted) as there:
        await there.say(f"cite {HYBRID}")
        await there.page.click(".answer .code button")
        await there.page.wait_for_function("() => document.getElementById('spoken').textContent === 'Copied'")
        assert (await there.page.evaluate("navigator.clipboard.readText()")).startswith("@misc{")


async def test_share_shows_what_everybody_would_see_which_cannot_be_shared_again(visitor: Window) -> None:
    await visitor.say(f"show {HYBRID}")
    await visitor.page.locator(".answer").get_by_text("Share", exact=True).click()
    await visitor.page.wait_for_selector(f"text={words.SAID['shared']}")
    await visitor.page.wait_for_selector(".exchange:last-child .discord")
    assert TITLE in await visitor.last()
    assert await visitor.page.locator(".exchange:last-child .press >> text=Share").count() == 0


@pytest.mark.parametrize("shown_as", ["discord", "slack"])
async def test_an_answer_is_laid_out_as_each_platform_would_from_its_very_payload(
    visitor: Window, shown_as: str
) -> None:
    await visitor.say("search video")
    await visitor.choose(shown_as)
    drawn = visitor.page.locator(f".{shown_as}.message")
    assert TITLE in await drawn.inner_text()
    assert "**" not in await drawn.inner_text()
    assert "&amp;" not in await drawn.inner_text()
    links = await drawn.locator("a").evaluate_all("all => all.map(one => one.href)")
    assert f"https://huggingface.co/papers/{HYBRID}" in links
    await visitor.page.click("summary >> text=The payload")
    payload = json.loads(await visitor.page.locator(".payload pre").inner_text())
    assert ("components" in payload) is (shown_as == "discord")
    assert ("blocks" in payload) is (shown_as == "slack")
    await visitor.choose("page")
    assert await visitor.page.locator(".message").count() == 0


async def test_slacks_own_builder_is_handed_the_blocks(visitor: Window) -> None:
    await visitor.say(f"show {HYBRID}")
    await visitor.choose("slack")
    leads = await visitor.page.locator("a >> text=Block Kit Builder").get_attribute("href")
    address, _, blocks = (leads or "").partition("#")
    assert address == "https://app.slack.com/block-kit-builder/"
    assert TITLE in json.dumps(json.loads(unquote(blocks))["blocks"], ensure_ascii=False)


OBEYED = """
place => [...place.querySelectorAll('*')].filter(one =>
  ['script', 'img', 'b', 'iframe'].includes(one.localName)
  || [...one.attributes].some(each => each.name.startsWith('on'))
  || (one.localName === 'a' && !/^https?:/.test(one.href))).map(one => one.outerHTML)
"""


@pytest.mark.parametrize("shown_as", ["page", "discord", "slack"])
async def test_hostile_papers_are_only_text(visitor: Window, shown_as: str) -> None:
    await visitor.choose(shown_as)
    for number in range(len(TEXTS)):
        await visitor.say(f"show 2603.9{number:04} part:abstract")
        place = visitor.page.locator(".answer").last
        assert "hostile" in await place.inner_text()
        assert await place.evaluate(OBEYED) == []
        assert await visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_digest_of_a_day_is_shown_as_it_would_be_posted(visitor: Window) -> None:
    page = visitor.page
    await page.click("nav a >> text=Digest")
    await page.fill("#digesting [name=query]", "video")
    await page.fill("#digesting [name=day]", "2026-03-30")
    await page.fill("#digesting [name=top]", "2")
    await page.select_option("#digesting [name=layout]", "compact")
    await page.click("#digesting button")
    await page.wait_for_selector("#posted .discord")
    shown = await page.locator("#posted").inner_text()
    assert "Papers of Mon 30 Mar 2026 for “video”" in shown
    assert "2 of" in shown
    assert words.SAID["asDiscord"] in shown  # the switch says page
    await visitor.choose("slack")
    assert TITLE in await page.locator("#posted .slack").inner_text()


async def test_the_board_shows_subscriptions_deliveries_votes_and_sources(visitor: Window) -> None:
    page = visitor.page
    await page.click("nav a >> text=Board")
    await page.wait_for_selector(".calendar")
    rows = await page.locator(".calendar tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == ["All", "papers", "video"]
    assert "✓" in rows[1]
    assert [row.split("✓")[0].split()[1:6] for row in rows[1:]] == [
        ["fake", "·", "guild", "·", name] for name in PLACES
    ]
    assert await page.locator(".chart").count() == 5
    label = await page.locator(".chart").first.get_attribute("aria-label")
    assert label == f"{TITLE}: 124 votes"
    shown = await page.locator("#state").inner_text()
    assert "The 2 papers with the most votes for “video”, every day at 09:00 (UTC)." in shown
    assert "ada" not in shown.lower().split()
    assert "Search index" in shown


async def test_the_page_has_no_place_to_post_and_says_where_to_say_it(visitor: Window) -> None:
    await visitor.say("subscribe video top:2")
    await visitor.page.locator(".answer").get_by_text("Confirm", exact=True).click()
    await visitor.page.wait_for_selector("text=This page has no place to post.")
    assert "/papers subscribe video top:2" in await visitor.last()


COVERED = """
() => {
  const one = document.activeElement, field = document.getElementById('asking');
  return !field.contains(one) && one.getBoundingClientRect().bottom > field.getBoundingClientRect().top;
}
"""


async def test_the_focus_is_never_lost_and_never_hidden_by_the_field(visitor: Window) -> None:
    page = visitor.page
    await page.locator("#examples button").first.press("Enter")
    await page.wait_for_selector(".card")
    assert await page.evaluate("document.activeElement.id") == "say"
    await page.evaluate("scrollTo(0, 0); document.querySelector('nav a').focus()")
    reached = set()
    while "say" not in reached:
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("document.activeElement.id"))
        assert not await page.evaluate(COVERED)


async def test_what_was_being_typed_comes_back_below_the_history(visitor: Window) -> None:
    await visitor.say("help")
    await visitor.page.fill("#say", "half a que")
    await visitor.page.press("#say", "Escape")
    for key, shown in (("ArrowUp", "help"), ("ArrowDown", "half a que"), ("ArrowDown", "half a que")):
        await visitor.page.press("#say", key)
        assert await visitor.page.input_value("#say") == shown


async def test_where_the_days_have_no_room_the_newest_are_shown(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address, "#board", viewport=PHONE) as there:
        await there.page.wait_for_selector(".calendar")
        ends = "[document.querySelector('.scroll'), document.querySelector('.calendar thead th:last-child')]"
        edge, newest = await there.page.evaluate(f"{ends}.map(one => one.getBoundingClientRect().right)")
        assert newest <= edge


async def test_a_board_that_was_never_seen_says_that_the_bot_is_gone_and_looks_again(
    chromium: "Browser", site: Served
) -> None:
    async with window(chromium, site.address) as there:
        await there.page.wait_for_load_state("networkidle")
        await there.page.route("**/*", lambda route: route.abort())
        await there.page.click("nav a >> text=Board")
        await there.page.wait_for_selector(f"#state >> text={words.SAID['noAnswer']}")
        await there.page.unroute("**/*")
        await there.page.press("#state button", "Enter")
        await there.page.wait_for_selector(".calendar")
        assert await there.page.evaluate("document.activeElement.textContent") == words.SAID["refresh"]


@pytest.mark.parametrize("path", ["#q=", "#q=%20", "#"])
async def test_an_address_that_asks_nothing_is_answered_with_nothing(
    chromium: "Browser", site: Served, path: str
) -> None:
    async with window(chromium, site.address, path) as there:
        await there.say("help")
        assert await there.page.locator(".asked").all_inner_texts() == ["help"]


async def test_a_bot_that_is_gone_is_one_sentence(chromium: "Browser", site: Served) -> None:
    async with window(chromium, site.address) as there:
        await there.page.route("**/api/say", lambda route: route.abort())
        await there.say("trending")
        assert words.SAID["noAnswer"] in await there.last()
