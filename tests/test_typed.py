"""What people type and paste becomes one line of plain text."""

import unicodedata
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import typed

MOST_SECONDS = 0.05  # 10,000 characters; far more than it takes, far less than anything quadratic

anything = st.text(st.characters()) | st.text("a\"'|: <>=-\u00a0\u200b“”\n")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("“world models”", '"world models"'),
        ("„Weltmodelle“", '"Weltmodelle"'),
        ("«modèles»", '"modèles"'),
        ("「世界」『模型』", '"世界""模型"'),
        ("＂ｘ＂", '"ｘ"'),
        ("``quoted''", '"quoted"'),
        ("it’s ‘so’", "it's 'so'"),
        ("author\uff1alecun\uff5chinton", "author:lecun|hinton"),
        ("\uff0dsurvey", "-survey"),
        ("world\u00a0models", "world models"),
        ("  world \t models\r\n\u2028now\u3000", "world models now"),
        ("wor\u200bld\ufeff mo\u00addels", "world models"),
        ("\u202eworld\u202c \u2066models\u2069", "world models"),
        ("a\x00b\x1b[31mc\x07\x7f\x9b", "ab[31mc"),
        ("\ud800lone", "lone"),
        ("Schro\u0308dinger", "Schrödinger"),
        ("<https://arxiv.org/abs/2401.12345>", "https://arxiv.org/abs/2401.12345"),
        ("see <https://a.org/x|a.org/x>, ok", "see https://a.org/x , ok"),
        ("<http://a.org|one><http://b.org|two>", "http://a.org http://b.org"),
        ("a <b> and x < y > z", "a <b> and x < y > z"),
        ("<mailto:x@y.org|x>", "<mailto:x@y.org|x>"),
        ("", ""),
        ("\u200b\x00", ""),
    ],
)
def test_text_is_brought_to_one_plain_line(text: str, cleaned: str) -> None:
    assert typed.clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc", ("a", "b", "c")),
        ('"a b" c', ('"a b"', "c")),
        ('author:"yann lecun" x', ('author:"yann lecun"', "x")),
        ('name="a b" x', ('name="a b"', "x")),
        ('-"a b" c|"d e" f', ('-"a b"', 'c|"d e"', "f")),
        ('a 27" screen limit:3', ("a", '27"', "screen", "limit:3")),
        ('5" x 7" prints', ('5"', "x", '7"', "prints")),
        ('"left open limit:3', ('"left', "open", "limit:3")),
        ('"a" b "', ('"a"', "b", '"')),
        ("", ()),
    ],
)
def test_words_are_cut_at_spaces_outside_quotes(text: str, words: tuple[str, ...]) -> None:
    assert typed.words(text) == words


@given(anything)
def test_cleaned_text_is_one_visible_line_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = typed.clean(text)

    assert cleaned.isprintable()
    assert cleaned == " ".join(cleaned.split())
    assert unicodedata.is_normalized("NFC", cleaned)
    assert typed.visible(cleaned) == cleaned


@given(anything)
def test_no_letter_gets_lost_between_words(text: str) -> None:
    assert "".join("".join(typed.words(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "unit", ['"', "|", "-", ":", " ", "<", "<https://a|", '" ', 'a"', "\u0323\u0301", "\u200b", "“a"]
)
def test_ten_thousand_characters_are_read_at_once(unit: str) -> None:
    text = (unit * 10_000)[:10_000]

    assert min(repeat(lambda: typed.words(typed.clean(text)), number=1, repeat=3)) < MOST_SECONDS
