"""Text of papers for plain display."""

import re
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.excerpts import first_sentences, shorten
from bot.readable import readable
from tests.recorded import entries, titled_in_tex
from tests.thorough import THOROUGH
from tests.upstream import MISSING

needs_recordings = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REAL_TITLES = {
    r"$\tau$-bench: A Benchmark for Tool-Agent-User Interaction": "τ-bench: A Benchmark for Tool-Agent-User Interaction",
    r"$\textit{Trans-LoRA}$: towards data-free Transferable": "Trans-LoRA: towards data-free Transferable",
    "$μ$LO: Compute-Efficient Meta-Generalization": "μLO: Compute-Efficient Meta-Generalization",
    r"Planar Earthmover is not in $L_1$": "Planar Earthmover is not in L₁",
    r"$τ^2$-Bench: Evaluating Conversational Agents": "τ²-Bench: Evaluating Conversational Agents",
    r"$\mathbb{R}^{2k}$ is Theoretically Large Enough": "ℝ²ᵏ is Theoretically Large Enough",
    r"Negative-Weight Shortest Paths in $\tilde{O}(m^{10/7} \log W)$ Time": (
        "Negative-Weight Shortest Paths in Õ(m^(10/7) log W) Time"
    ),
    r"Rounds in $O(\log{\Delta}/\epsilon\log\log{\Delta})$": "Rounds in O(log Δ/ε log log Δ)",
    r"Sublinear Algorithms for $(\Delta + 1)$ Vertex Coloring": "Sublinear Algorithms for (Δ + 1) Vertex Coloring",
    r"every graph with $\Delta\geqslant 8$": "every graph with Δ⩾8",
    r"toroidal graphs with no $K_{3,3}$'s": "toroidal graphs with no K₃,₃'s",
    r"permutations over $F_{2^n}$": "permutations over F_(2ⁿ)",
    r"UI2Code$^\text{N}$": "UI2Codeᴺ",
    r"$\mathcal{V}isi\mathcal{P}runer$": "VisiPruner",
    r"\textsc{T-Mask}: Temporal Masking": "T-Mask: Temporal Masking",
    r"By \underline{V}alue \underline{S}ign \underline{F}lip": "By Value Sign Flip",
    r"360$^\circ$ Scenes": "360° Scenes",
    r"360{\deg} Video": "360° Video",
    r"DESIGN-R\textsuperscript{\textregistered} Assessment": "DESIGN-R® Assessment",
    r"Prefill \& Decode": "Prefill & Decode",
    r"\$OneMillion-Bench: How Far": "$OneMillion-Bench: How Far",
    r"{\OE}uvre, formul{\ae}, {\L}ukasiewicz": "Œuvre, formulæ, Łukasiewicz",
    r"Spanning Tree Congestion and Gy\H{o}ri-Lov\'{a}sz": "Spanning Tree Congestion and Győri-Lovász",
    r"Comunica\c{c}\~oes na\"{\i}ve \v{C}ern\'{y} {\'e}": "Comunicações naïve Černý é",
    r"\(X\)-evolve": "X-evolve",
    r"the algebraic \lambda-calculus": "the algebraic λ-calculus",
    r"Comment on `Detecting Topology'": "Comment on ‘Detecting Topology’",
    r"effectively ``breaks'' it": "effectively “breaks” it",
    "X^{2}-Gaussian: 4D Radiative": "X²-Gaussian: 4D Radiative",
    "V_{0.5}: Generalist": "V_0.5: Generalist",
    "via texttt{D}ual-texttt{H}ead": "via Dual-Head",
    "full-360^{circ} coverage": "full-360° coverage",
    r"a \b{eta}-VAE": "a β-VAE",
}
LEFT_AS_THEY_ARE = [
    "SWE-Lancer: Can Frontier LLMs Earn $1 Million from Real-World Freelance Software Engineering?",
    "Earn $1 Million from work and lose $2 Million from play",
    "Training a Commercial-Level Video Generation Model in $200k",
    "Fixing 7,400 Bugs for 1$: Cheap Crash-Site Program Repair",
    "Paper-to-Page Crafting for Under $0.1",
    "it costs $5-$10, or $3M to $4M, or $5 and 10$ at most",
    "from US$5 to CA$7 and A$9",
    "the variables $HOME_DIR and $PATH_X",
    "V^3: Viewing Volumetric Videos and π_RL, A^2Search, cat.n.01, L_2",
    "100% of R&D in a_b and #1 ~ 2",
    r"in C:\path\alpha or D:\tau",
    r"we propose \method, {\name} and \ours{}",
    r"match \d{4} and \w+ and \.py and \"hello\" there",
    "a set {x} and a {y}",
    "run `pip install x` and `y`",
    "5'' and 6'' wide, it's the authors' own",
    "日本語のタイトル",
    "می‌خواهم",
    "👩‍👩‍👧‍👦 families 🇩🇪",
]
SPECIMENS = [
    (r"54.6\% of \#1 a\_b", "54.6% of #1 a_b"),
    (r"(\"Ust\"un et al.)", "(Üstün et al.)"),
    (r"the query\'s content", "the query's content"),
    (r"{\em and} {\it vs.} {\bf x}", "and vs. x"),
    (r"at \url{https://a.b/c_d%20e~f}.", "at https://a.b/c_d%20e~f."),
    (r"the \href{https://a.b}{home page}", "the home page"),
    (r"\textbf{a \emph{b} {c} $x_1$}", "a b {c} x₁"),
    (r"\textbf{a~b}~c", "a b~c"),
    (r"$\frac{a+b}{2}$ and $\sqrt{2}$", "(a+b)/2 and √2"),
    (r"$x^{n_i}$ $2^{10}$ $10^{-3}$ $k^{th}$", "x^(nᵢ) 2¹⁰ 10⁻³ kᵗʰ"),
    (r"$x_{max}$ $x_{hidden}$ $x_q$", "xₘₐₓ x_hidden x_q"),
    (r"$a\not\in B$, $a \ne b$", "a∉B, a ≠ b"),
    (r"$B\to K\pi$ and $B \to K$", "B→Kπ and B → K"),
    (r"$\left\{ x \right\}$ $\big( y \big)$", "{ x } ( y )"),
    (r"$\unheardof{x}$", "unheardof x"),
    (r"$$E = mc^2$$", "E = mc²"),
    (r"costs $5 with $n$ samples", "costs $5 with n samples"),
    (r"Stra{\ss}e, Gr\o nlund, Bolet\'{\i}n", "Straße, Grønlund, Boletín"),
    (r"\textbf{", r"\textbf{"),
    ("$ $", "$ $"),
    ("a\x00b\u200b\u202e\ufeffc\ud800 \n\t d", "abc d"),
    ("e\u0301", "é"),
]
HOSTILE = [
    *("$", "\\", "{", "}", "^{", "$a ", r"\textbf{", r"\frac{", r"\(", r"\[\(", "``a ", "`a ", r"\'", r"{\'", r"\hat"),
    *(
        "$$a",
        "_{",
        r"\textbf{$",
        r"\url{",
        "~",
        "A:\\",
        "a. ",
        "\u0301\u0323",
        "\u200d",
        "\U0001f1e6",
        "1",
        r"$\sqrt{",
        ".",
        ")",
        "文",
    ),
]

pieces = [*"${}^_~&%'`ab12.()[]\\ ", r"\textbf{", r"\frac", r"\alpha", r"\'e", r"\ell "]
tex = st.lists(st.sampled_from(pieces)).map("".join)
anything = st.text(st.characters(exclude_categories=())) | tex
limits = st.integers(1, 60)


def is_visible(text: str) -> bool:
    return any(not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in text)


@pytest.mark.parametrize(("title", "shown"), [*REAL_TITLES.items(), *SPECIMENS])
def test_tex_becomes_readable(title: str, shown: str) -> None:
    assert readable(title) == shown


@pytest.mark.parametrize("text", LEFT_AS_THEY_ARE)
def test_what_is_not_known_to_be_tex_is_left_as_it_is(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize("shown", [*REAL_TITLES.values(), *LEFT_AS_THEY_ARE])
def test_what_is_readable_stays_the_same(shown: str) -> None:
    assert readable(shown) == shown


@given(anything)
@example("$$")
@example("\u200d")
@example(r"$\text{\(\text{\[$")
def test_any_text_becomes_text_that_can_be_shown(text: str) -> None:
    shown = readable(text)
    assert is_visible(shown) or not is_visible(text)
    assert shown == " ".join(shown.split())
    assert unicodedata.is_normalized("NFC", shown)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs")]
    assert {char for char in shown if unicodedata.category(char) == "Cf"} <= set("\u200c\u200d")


@given(st.text(st.characters(categories=["L", "Nd", "Zs", "Sc", "Sm", "Po"], exclude_characters="$\\^_{}~'`")))
def test_text_without_tex_is_only_normalised(text: str) -> None:
    assert readable(text) == " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_no_longer_than_other_text(piece: str) -> None:
    text = f"{piece * 10_000}x"
    begun = time.process_time()
    assert readable(text)
    assert len(shorten(text, 200)) <= 200
    assert len(first_sentences(text, 200)) <= 200
    assert time.process_time() - begun < 5


@given(anything, limits)
def test_a_shortened_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    whole = shorten(text, len(text) + 1)
    assert len(short) <= limit
    assert short == whole if len(whole) <= limit else short.endswith("…") and whole.startswith(short[:-1])
    assert shorten(short, limit) == short


@given(st.text(st.sampled_from("ab \u0301\u200d👩🏽🇩🇪\ufe0f")), limits)
def test_a_shortened_text_ends_between_characters_as_they_are_seen(text: str, limit: int) -> None:
    short, whole = shorten(text, limit), shorten(text, len(text) + 1)
    if short in (whole, "…"):
        return
    kept = short[:-1]
    rest = whole[len(kept) :]
    assert unicodedata.category(rest[0])[0] != "M"
    assert rest[0] not in "\u200d🏽"
    assert not kept.endswith("\u200d") or rest[0] == " "
    flags = re.search("[🇩🇪]*$", kept)
    assert rest[0] not in "🇩🇪" or not flags or len(flags[0]) % 2 == 0


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Attention Is All You Need", 25, "Attention Is All You Need"),
        ("Attention Is All You Need", 24, "Attention Is All You…"),
        ("Attention Is All You Need", 22, "Attention Is All You…"),
        ("Attention, Is All You Need", 11, "Attention…"),
        ("Donaudampfschifffahrtsgesellschaft", 10, "Donaudamp…"),
        ("anything", 1, "…"),
        ("", 1, ""),
        ("cafe\u0301s", 5, "caf…"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 9, "👩‍👩‍👧‍👦…"),
        ("👍🏽👍🏽", 2, "…"),
        ("🇩🇪🇫🇷🇬🇧", 4, "🇩🇪…"),
        ("e" + "\u0301" * 100_000, 50, "e" + "\u0301" * 6),
    ],
)
def test_text_is_shortened_where_a_reader_would(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


@given(anything, limits)
def test_first_sentences_keep_to_the_limit(text: str, limit: int) -> None:
    sentences = first_sentences(text, limit)
    assert len(sentences) <= limit
    assert first_sentences(sentences, limit) == sentences


@pytest.mark.parametrize(
    "sentence",
    [
        "We beat it by 54.6 and 2.5 points.",
        "Some models, e.g. Qwen, i.e. LLMs, fail.",
        "It follows Vaswani et al. We do, too.",
        "See Fig. 3, Figs. 4 and 5, Eq. (1) vs. Sec. 2.",
        "It was found by D. E. Knuth in the U.S. Navy.",
        "Is it true?",
        "It is (as said.)",
        "文が一つ。",
    ],
)
def test_a_sentence_ends_at_its_end(sentence: str) -> None:
    assert first_sentences(f"{sentence} Another one is much too long to fit into the limit as well.", 60) == sentence


def test_as_many_sentences_as_fit_are_shown() -> None:
    text = "One is short. Two is, too! Three is longer than the rest."
    assert first_sentences(text, 100) == text
    assert first_sentences(text, 30) == "One is short. Two is, too!"
    assert first_sentences(text, 13) == "One is short."
    assert first_sentences(text, 10) == "One is…"


def recorded_titles() -> Iterator[str]:
    yield from (entry["title"] for entry in entries())
    yield from (record["title"] for record in titled_in_tex() if "$" in record["title"])


def recorded_abstracts() -> Iterator[str]:
    for entry in entries():
        yield from filter(None, (entry.get("summary"), entry.get("ai_summary")))


@needs_recordings
def test_every_recorded_title_becomes_readable() -> None:
    shown = [readable(title) for title in recorded_titles()]
    assert len(shown) > (8000 if THOROUGH else 1500)
    assert not [title for title in shown if readable(title) != title]
    assert not [title for title in shown if not title or re.search(r"\$[^$]*[\\{}^_][^$]*\$|\\[a-z]", title)]


@needs_recordings
def test_every_recorded_abstract_becomes_readable() -> None:
    for abstract in recorded_abstracts():
        shown = readable(abstract)
        assert is_visible(shown)
        assert len(first_sentences(shown, 300)) <= 300
        assert len(re.findall("[A-Za-z]", shown)) > 0.8 * len(re.findall("[A-Za-z]", abstract))
