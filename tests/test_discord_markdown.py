"""Text is shown on Discord as it is: judged by a small reader of its Markdown, written from what its clients do."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord import markdown
from tests.hostile import TEXTS
from tests.markup import Seen, first_of, name_of, within

_LINE = {
    "heading": r"(?m:^)[ \t]*#{1,3}\s+(?=\S)",
    "small": r"(?m:^)[ \t]*-#\s+(?=\S)",
    "quote": r"(?m:^)[ \t]*>(?:>>)? ",
    "list": r"(?m:^)[ \t]*(?:[-*+]|\d+\.)\s+(?=\S)",
}
_INLINE = {  # the last group is what is seen of it
    "escape": r"\\([^0-9A-Za-z\s])",
    "code block": r"(?i:```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```)",
    "code": r"(?s:(?P<ticks>`+)(.*?[^`])(?P=ticks)(?!`))",
    "mention": r"@(?:everyone|here)\b|<(?:@[!&]?|#|/[^:>]+:|id:|sound:)\w+>",
    "emoji": r"<a?:\w+:\d+>|:[^\s:]+?(?:::skin-tone-\d)?:",
    "time": r"<t:-?\d+(?::\w)?>",
    "link": r"\[((?:\[[^\]]*\]|\\.|[^\[\]\\])+)\]\(\s*<?((?:\([^)]*\)|[^\s\\)]|\\.)*?)>?\s*\)",
    "address": r"<?(?:https?|steam|discord|ftp|mailto|tel|sms):(?://)?[^\s<>\\]+>?",
    "bold": r"(?s:\*\*((?:\\.|(?!\*\*).)+?)\*\*(?!\*))",
    "underlined": r"(?s:__((?:\\.|(?!__).)+?)__(?!_))",
    "italic": r"(?s:\b_((?:__|\\.|[^\\_])+?)_\b|\*(?=\S)((?:\\.|[^\\*])+?)\*(?!\*))",
    "struck": r"(?s:~~((?:\\.|(?!~~).)+?)~~)",
    "spoiler": r"(?s:\|\|((?:\\.|(?!\|\|).)+?)\|\|)",
}
_RULES = first_of(_LINE | _INLINE)
_NESTED = ("link", "bold", "underlined", "italic", "struck", "spoiler")
_FORMATS = (_LINE | _INLINE).keys() - {"escape", "link"}
LANGUAGE = st.text() | st.text(alphabet="\\*_~`|[]()<>#@:/-+.!&12 \nab")


def seen(source: str) -> Seen:
    found, at = Seen(), 0
    for match in _RULES.finditer(source):
        found.text, at = found.text + source[at : match.start()], match.end()
        name, inside = name_of(match), within(match)
        if name in _FORMATS:
            found.formats.append(name)
        if name in _NESTED:
            inner = seen(inside[0])
            found.text, found.formats = found.text + inner.text, found.formats + inner.formats
            found.links += [(inner.text, inside[1])] if name == "link" else inner.links
        elif name in _INLINE:
            found.text += [match[0], *inside][-1]
    found.text += source[at:]
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**bold**", "bold"),
        ("__line__", "underlined"),
        ("*it*", "italic"),
        ("a _it_ b", "italic"),
        ("~~no~~", "struck"),
        ("||hidden||", "spoiler"),
        ("`x`", "code"),
        ("```\nx```", "code block"),
        ("# head", "heading"),
        ("a\n-# small", "small"),
        ("> said", "quote"),
        ("- one", "list"),
        ("  12. one", "list"),
        ("@everyone", "mention"),
        ("<@123>", "mention"),
        ("<#5>", "mention"),
        (":fire:", "emoji"),
        ("<:x:1>", "emoji"),
        ("<t:1:R>", "time"),
        ("see https://example.org.", "address"),
    ],
)
def test_the_reader_sees_what_discord_formats(source: str, expected: str) -> None:
    assert seen(source).formats == [expected]


def test_the_reader_follows_links() -> None:
    assert seen("a [b\\]c](https://x.org/y) d") == Seen("a b]c d", [], [("b]c", "https://x.org/y")])


@given(LANGUAGE)
@example("12. and - + # > -# 1) \n- x\n  7. y")
@example("\\*a* \\\\[x](y) `\\` ``` :a:b: \\:fire: http://a ::x::")
@example("¯\\_(ツ)_/¯ __init__ a*b*c 5*3*2 x_1_y")
def test_plain_text_is_seen_as_it_was_written(text: str) -> None:
    assert seen(markdown.plain(text)) == Seen(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_is_seen_as_it_was_written(text: str) -> None:
    assert seen(markdown.plain(text)) == Seen(text)


@pytest.mark.parametrize("before", ["", "-# ", "### ", "**Name** ", "a\n"])
@given(LANGUAGE)
def test_plain_text_adds_no_format_to_what_stands_before_it(before: str, text: str) -> None:
    assert seen(before + markdown.plain(f"x{text}")).formats == seen(before + "x").formats[:1] or before == "**Name** "


@given(
    LANGUAGE.filter(str.strip),
    st.sampled_from(["https://x.org/a", "https://x.org/a_(b)?c=[d]&e=*f*#g h", "http://x/`"]),
)
def test_a_link_is_one_link_with_its_text(text: str, url: str) -> None:
    shown = " ".join(text.split())
    found = seen(f"a {markdown.link(text, url)} b")

    assert (found.text, found.formats) == (f"a {shown} b", [])
    [(label, address)] = found.links
    assert label == shown
    assert unquote(address) == unquote(url)


@given(LANGUAGE)
def test_a_block_of_code_is_one_block_with_all_its_letters(text: str) -> None:
    made = markdown.block(f"@{text}")
    assert seen(made).formats == ["code block"]
    assert made.removeprefix("```\n").removesuffix("\n```").replace("\u200b", "") == f"@{text}".replace("\u200b", "")


def test_the_quotation_marks_of_tex_are_left_in_a_block() -> None:
    assert "``quoted''" in markdown.block("title = {On ``quoted'' things}")


@pytest.mark.parametrize("escape", [markdown.plain, lambda text: markdown.link(text, "https://x.org")])
def test_mathematics_is_shown_as_text(escape: Callable[[str], str]) -> None:
    title = "L₂ * a_i < b_j, |x| ~ 10^{-3} #1 @ 5 [1] ~~2~~"
    assert seen(escape(title)).text == title
