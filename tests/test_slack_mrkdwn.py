"""Text is shown on Slack as it is: judged by a small reader of its mrkdwn that formats whatever a client might format."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack import mrkdwn
from tests.hostile import TEXTS
from tests.markup import Seen, first_of, name_of, within

# Between letters and digits nothing formats. Everything else counts as a boundary, and nothing invisible as a space,
# because clients differ there.
_BEFORE, _AFTER = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_RULES = first_of(
    {
        "quote": r"(?m:^)\s*(?:&gt;(?:&gt;&gt;)?|＞) ?",
        "code block": r"```\n?([\s\S]+?)```",
        "code": r"[`｀]([^`｀\n]+)[`｀]",
        "link": r"<(https?://[^|<>\s]+)(?:\|([^<>\n]*))?>",
        "ping": r"<[@#!][^<>]*>",
        "broken": r"[<>]|&(?!(?:amp|lt|gt);)",
        "address": r"(?:https?|ftp|mailto|tel|slack):(?://)?[^\s<>|]+",
        "emoji": r":[\w+'-]+:",
        "bold": rf"{_BEFORE}[*＊](?=\S)(.*?\S)[*＊]{_AFTER}",
        "italic": rf"{_BEFORE}[_＿](?=\S)(.*?\S)[_＿]{_AFTER}",
        "struck": rf"{_BEFORE}~(?=\S)(.*?\S)~{_AFTER}",
    }
)
_NESTED = ("bold", "italic", "struck")
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\u00ad"))
LANGUAGE = (
    st.text()
    | st.text(alphabet="*_~`<>&|:@!#/-+.1a世 \n＊＿＞")
    | st.lists(
        st.sampled_from(
            [*"*_~`<>|: \n", "```", "http://", "a b", "&amp;", ":fire:", "<!here>", "<@U1|x>", "&gt;", "://"]
        )
    ).map("".join)
)
URLS = ("https://x.org/a", "https://x.org/a_(b)?c=[d]&e=*f*&lt;=1#g h", "http://x.org/|>`\n\"'<é")


def seen(source: str) -> Seen:
    found, at = Seen(), 0
    for match in _RULES.finditer(source):
        found.text, at = found.text + unescape(source[at : match.start()]), match.end()
        name, inside = name_of(match), within(match)
        if name == "link":
            inner = seen(inside[1] if inside[1:] else "")
            found.links.append((inner.text, unescape(inside[0])))
        else:
            found.formats.append(name)
            plain = "" if name == "quote" else unescape([match[0], *inside][-1])
            inner = seen(inside[0]) if name in _NESTED else Seen(plain)
        found.text, found.formats = found.text + inner.text, found.formats + inner.formats
        found.links += inner.links
    found.text += unescape(source[at:])
    return found


def visible(text: str) -> str:
    """The text without what is not shown, with the signs that are written for others."""
    return text.translate(_INVISIBLE).translate(mrkdwn.TWINS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *[("*bold*", "bold"), ("a _it_.", "italic"), ("(~no~)", "struck"), ("`x`", "code"), ("```\nx\n```", "code block")],
        *[("\u200b*\u200bbold\u200b*\u200b", "bold"), ("a`x`b", "code"), ("＊bold＊", "bold"), ("&gt; said", "quote")],
        *[("x\n>>> said", "quote"), ("＞ said", "quote"), ("<!channel>", "ping"), ("<@U12>", "ping"), ("<#C1|x>", "ping")],
        *[(":fire:", "emoji"), ("see https://x.org.", "address"), ("a & b", "broken"), ("a < b", "broken")],
    ],
)  # fmt: skip
def test_the_reader_sees_what_slack_formats(source: str, expected: str) -> None:
    assert seen(source.replace("\n>>>", "\n&gt;&gt;&gt;")).formats == [expected]


def test_the_reader_follows_links_and_reads_entities() -> None:
    assert seen("a <https://x.org/?a&amp;b|b &lt; c> d") == Seen("a b < c d", [], [("b < c", "https://x.org/?a&b")])
    assert seen("snake_case_name 2*3*4 a~b~c") == Seen("snake_case_name 2*3*4 a~b~c")


@given(LANGUAGE)
@example("*b* _i_ ~s~ `c` ```d``` > q\n> q\n  ＞ q <!channel> <@U1|x> <#C1> <https://x.org|y> http://x.org :a:b: &amp;")
@example("¯\\_(ツ)_/¯ __init__ A* search, *x*y* ~10% C*-algebras")
def test_plain_text_is_seen_as_it_was_written(text: str) -> None:
    found = seen(mrkdwn.plain(text))
    assert (visible(found.text), found.formats, found.links) == (visible(text), [], [])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_is_seen_as_it_was_written(text: str) -> None:
    found = seen(mrkdwn.plain(text))
    assert (visible(found.text), found.formats, found.links) == (visible(text), [], [])


@pytest.mark.parametrize(
    "text", ["snake_case_name", "10:30", "a - b", "x^2 = y", "O(n log n)", "“quoted”", "世界: 模型"]
)
def test_text_that_cannot_format_is_written_as_it_is(text: str) -> None:
    assert mrkdwn.plain(text) == text


@pytest.mark.parametrize(("before", "after"), [("*", "*"), ("_", "_ x"), ("*Name*  ", ""), ("~", "~"), ("1. ", " *b*")])
@given(LANGUAGE)
def test_plain_text_neither_adds_to_a_format_around_it_nor_ends_it(before: str, after: str, text: str) -> None:
    shown = mrkdwn.plain(f"x{' '.join(text.split())}x")
    assert seen(before + shown + after).formats == seen(f"{before}x{after}").formats


@given(LANGUAGE, st.sampled_from(URLS), st.text())
def test_a_link_is_one_link_with_its_text_whatever_stands_in_both(text: str, url: str, more: str) -> None:
    url += more.encode("utf-8", "replace").decode()
    found = seen(f"a {mrkdwn.link(text, url)} b")

    shown = visible(" ".join(text.split())) or "…"
    assert (visible(found.text), found.formats) == (f"a {shown} b", [])
    if found.links:
        [(label, address)] = found.links
        assert visible(label) == shown
        assert unquote(address) == unquote(url)
        assert not re.search(r"[\s|<>\"`*]", address)
    else:
        assert not mrkdwn.address(url)


@pytest.mark.parametrize(
    "url", ["", "x", "javascript:alert(1)", "https://", "slack://open", "https://[x", f"https://x.org/{'a' * 999}"]
)
def test_an_address_that_leads_nowhere_is_no_link(url: str) -> None:
    assert mrkdwn.link("A title", url) == "A title"


@given(LANGUAGE)
def test_a_block_of_code_is_one_block_with_all_its_letters(text: str) -> None:
    made = mrkdwn.block(f"@{text}")
    assert seen(made).formats == ["code block"]
    assert seen(made).text.strip("\n").translate(_INVISIBLE) == f"@{text}".strip("\n").translate(_INVISIBLE)


def test_the_quotation_marks_of_tex_are_left_in_a_block() -> None:
    assert "``quoted''" in mrkdwn.block("title = {On ``quoted'' things_}")


@pytest.mark.parametrize("written", [mrkdwn.plain, mrkdwn.block])
@settings(max_examples=30)  # long texts take long to read
@given(st.sampled_from(["&", "<b> ", "*a ", "word ", "line\n", "世", "```", "a" * 70]), st.integers(100, 3_000))
def test_a_long_text_is_cut_before_it_is_written(written: Callable[[str], str], part: str, limit: int) -> None:
    text = part * (9_000 // len(part))
    cut, whole = mrkdwn.fitted(text, limit, written), list(mrkdwn.pieces(text, limit, written))

    assert limit // 2 < len(cut) <= limit
    assert seen(cut).text.strip("\n").endswith("…")
    assert "broken" not in [name for piece in [cut, *whole] for name in seen(piece).formats]
    assert max(map(len, whole)) <= limit
    letters = "".join("".join(visible(seen(piece).text).split()) for piece in whole)
    assert letters == visible("".join(text.split()))
