"""Names of subscriptions: one visible word of any script, which stays the same when it is given again."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import schedules, typed
from bot.errors import Problem, UserError
from tests.hostile import TEXTS

LETTERS = st.text(st.sampled_from("abİßﬁЯ世हि่ि́̇\u3164\ufe0f\u200d_-.9½ :\0"), max_size=50)
# What a reader sees nothing of, though it counts as a letter or as a mark.
INVISIBLE = ["\u115f", "\u1160", "\u3164", "\uffa0", "\u034f", "\u17b4", "\ufe0f", "\ufe00", "\u180b", "\U000e0100"]


def refusal(text: str) -> UserError | None:
    try:
        schedules.name(text)
    except UserError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[("robots", "robots"), ("Robots", "robots"), ("my-papers", "my-papers"), ("v1.5", "v1.5"), ("a_b", "a_b")],
        *[("x", "x"), ("9", "9"), ("_", "_"), ("世界模型", "世界模型"), ("Роботы", "роботы"), ("RÉSUMÉ", "résumé")],
        *[("हिन्दी", "हिन्दी"), ("ไทย", "ไทย"), ("e\u0301", "é"), ("İzmir", "i\u0307zmir"), ("x" * 40, "x" * 40)],
    ],
)
def test_a_name_is_one_word_of_any_script_in_small_letters(text: str, name: str) -> None:
    assert schedules.name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "two words",
            "-x",
            ".x",
            "a:b",
            "a/b",
            "a|b",
            "a\\b",
            "@everyone",
            "<#1>",
            "`x`",
            "x" * 41,
            "\u0301x",
        ),
        *("a\u200bb", "a\u202eb", "a\0", "a\n", "a\u2028", "🤖", "a\u200d", "\ud800", "İ" * 40, "a\U000e0041"),
        *INVISIBLE,
        *(f"a{char}b" for char in INVISIBLE),
        *TEXTS.values(),
    ],
)
def test_what_is_no_word_or_has_something_invisible_in_it_is_no_name(text: str) -> None:
    error = refusal(text)
    assert error and error.problem is Problem.BAD_NAME
    assert error.details == {"value": text, "longest": schedules.LONGEST_NAME}


def test_of_all_characters_names_have_only_visible_ones() -> None:
    assigned = map(chr, (*range(0x20000), *range(0xE0000, 0xE0200)))  # the rest is rare Chinese, private or unassigned
    passing = [char for char in assigned if not refusal(f"a{char}")]
    assert len(passing) > 50_000
    for char in passing:
        assert char.isprintable() and not char.isspace(), hex(ord(char))
        assert unicodedata.category(char)[0] in "LMN" or char in "_.-", hex(ord(char))
        assert not {"FILLER", "BLANK", "SELECTOR", "GRAPHEME"} & set(
            unicodedata.name(char, "").replace("-", " ").split()
        ), hex(ord(char))
        assert typed.clean(f"a{char}") == unicodedata.normalize("NFC", f"a{char}"), hex(ord(char))


@given(LETTERS | st.text(max_size=50))
def test_a_name_stays_the_same_when_it_is_given_again(text: str) -> None:
    if not refusal(text):
        name = schedules.name(text)
        assert schedules.name(name) == name == typed.clean(name)
        assert 0 < len(name) <= schedules.LONGEST_NAME


@pytest.mark.parametrize(
    ("query", "taken", "name"),
    [
        *[
            ("world models", [], "world-models"),
            ("World  Models for robots", [], "world-models-for"),
            ("", [], "papers"),
        ],
        *[("", ["papers"], "papers-2"), ("", ["papers", "papers-2", "x"], "papers-3"), ("", ["papers-2"], "papers")],
        *[
            ('author:lecun -"self driving"', [], "author-lecun-self"),
            ("?!", [], "papers"),
            ("世界模型", [], "世界模型"),
        ],
        *[("हिन्दी भाषा", [], "हिन्दी-भाषा"), ("c++", ["c"], "c-2"), ("\u3164", [], "papers"), ("İ", [], "i\u0307")],
        *[("x" * 99, [], "x" * 35), ("x" * 34 + " abc", [], "x" * 34), ("x" * 99, ["x" * 35], "x" * 35 + "-2")],
    ],
)
def test_a_free_name_is_made_of_the_first_words_of_the_query(query: str, taken: list[str], name: str) -> None:
    assert schedules.free_name(query, taken) == name


@given(LETTERS | st.text(), st.integers(0, 30))
def test_free_names_pass_as_names_and_are_never_taken(query: str, count: int) -> None:
    taken: list[str] = []
    for _ in range(count + 1):
        name = schedules.free_name(query, taken)
        assert name not in taken
        assert schedules.name(name) == name == typed.clean(name)
        taken.append(name)


@pytest.mark.parametrize("query", TEXTS.values(), ids=TEXTS)
def test_a_free_name_can_be_made_of_hostile_queries(query: str) -> None:
    name = schedules.free_name(query, ["papers"])
    assert schedules.name(name) == name


def test_names_are_free_however_many_are_taken() -> None:
    taken = {"papers", *(f"papers-{n}" for n in range(2, 5_000))}
    assert schedules.name(schedules.free_name("", taken)) == "papers-5000"
