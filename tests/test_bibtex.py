"""BibTeX entries of papers, also as the real `bibtex` program reads them."""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import bibtex
from bot.models import Paper
from bot.readable import readable
from tests.recorded import entries, titled_in_tex
from tests.thorough import THOROUGH
from tests.upstream import MISSING

needs_recordings = pytest.mark.skipif(bool(MISSING), reason=MISSING)
needs_bibtex = pytest.mark.skipif(
    shutil.which("bibtex") is None, reason="there is no bibtex program: apt-get install texlive-binaries"
)
QWEN = Paper(
    "2412.15115",
    "Qwen2.5 Technical Report",
    authors=("An Yang", "Baosong Yang"),
    published=date(2024, 12, 19),
    categories=("cs.CL", "cs.AI"),
)
HOSTILE_TITLES = (
    *(r"\method", "{", "}", "}{", "{}", "$", "$$", "$x", "a $x{$ b", r"$\{x$", r"$\}x\{$", r"$\{ } $", "%", "a % b"),
    *("#&_~^", "@misc{x, title = {y}}", "a, b = {c}", '"quoted"', "\\", "\\\\", r"$a\\%b$", "$a%b$", r"$\input{x}$"),
    *("$^^5cinput x$", r"\$OneMillion", "line\nbreak\x00", "\ud800", "\u202ereversed", "日本語 τ é", "Earn $1 or $2 M"),
    *("x" * 30_000, "{" * 500, "$" * 500, "word " * 3000, ""),
)
HOSTILE_NAMES = (
    *("OpenAI, Inc.", "a, b, c, d", "Simon and Garfunkel", "AND", "and", "others", "family=Evil", "{", "}", "\\", '"'),
    *("%", "@", "-", ".", "~", "a~b", "張三", "Łukasz Ørsted", "de la Cruz", "Jr.", "   ", "", "x" * 5000, "et al."),
    *("A\nB", "\u200b \u200b"),
)
SHOW_STYLE = r"""
ENTRY { title author year eprint archiveprefix primaryclass url } {} {}
FUNCTION {misc}
{ cite$ write$ "|" write$ author empty$ { "0" } { author num.names$ int.to.str$ } if$ write$ "|" write$
  author empty$ { "" } { author #1 "{ff }{vv }{ll}{, jj}" format.name$ } if$ write$ "|" write$
  title "t" change.case$ write$ "|" write$ year write$ "|" write$ eprint write$ "|" write$ archiveprefix write$ "|" write$
  primaryclass missing$ { "" } { primaryclass } if$ write$ "|" write$ url write$ newline$ }
READ
ITERATE {call.type$}
"""
hostile = st.text(st.characters(exclude_categories=())) | st.lists(
    st.sampled_from([*"\\{}$%&#_^~@\"=,ab1 '", r"\alpha", r"\input", r"\{", r"\}", " and ", "others", "é"])
).map("".join)
ids = st.sampled_from(["2412.15115", "0704.0001", "hep-th/9901001", "cs/0701001", "q-alg/9112001"])


def values(entry: str) -> dict[str, str]:
    """The fields of an entry, read as strictly as can be."""
    head, *lines, last = entry.split("\n")
    assert re.fullmatch(r"@misc\{[a-z0-9.-]+,", head)
    assert last == "}"
    assert all(line.endswith(",") for line in lines[:-1])
    fields = [re.fullmatch(r"  ([a-zA-Z]+) = \{(.+?)\},?", line) for line in lines]
    assert all(fields)
    found = {field[1]: field[2] for field in fields if field}
    assert len(found) == len(lines)
    assert all(is_balanced(value) for value in found.values())
    return found


def is_balanced(value: str) -> bool:
    """Whether BibTeX, which counts every brace, never sees the value end too early or too late."""
    depths = [value[:end].count("{") - value[:end].count("}") for end in range(len(value) + 1)]
    return min(depths) == depths[-1] == 0


def shown(escaped: str) -> str:
    """What TeX shows for escaped text."""
    names = {"textbraceleft": "{", "textbraceright": "}", "textbackslash": "\\"}
    names |= {"textasciitilde": "~", "textasciicircum": "^"}
    return re.sub(r"\\(?:([a-z]+)\{\}|([&%$#_]))|\{|\}", lambda match: names.get(match[1]) or match[2] or "", escaped)


def cleaned(text: str) -> str:
    kept = (char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join("".join(kept).split())


def test_an_entry_has_the_fields_of_arxiv() -> None:
    assert bibtex.entry(QWEN) == (
        "@misc{yang2024-2412.15115,\n"
        "  title = {{Qwen2.5 Technical Report}},\n"
        "  author = {An Yang and Baosong Yang},\n"
        "  year = {2024},\n"
        "  eprint = {2412.15115},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/2412.15115}\n"
        "}"
    )


def test_what_is_not_known_is_left_out() -> None:
    fields = values(bibtex.entry(Paper("2412.15115", "A Title")))
    assert fields.keys() == {"title", "year", "eprint", "archivePrefix", "url"}
    assert fields["year"] == "2024"


def test_an_old_id_tells_the_primary_class_and_the_year() -> None:
    fields = values(bibtex.entry(Paper("hep-th/9901001", "A Title")))
    assert (fields["primaryClass"], fields["year"], fields["eprint"]) == ("hep-th", "1999", "hep-th/9901001")
    assert values(bibtex.entry(Paper("math/0701001", "A Title")))["year"] == "2007"


def test_the_year_is_that_of_publication() -> None:
    assert values(bibtex.entry(Paper("2501.00001", "A Title", published=date(2024, 12, 31))))["year"] == "2024"


@pytest.mark.parametrize(
    ("authors", "key"),
    [
        (("An Yang",), "yang2024-2412.15115"),
        (("Łukasz Ørsted-Müller",), "orstedmuller2024-2412.15115"),
        (("Laurens van der Maaten",), "maaten2024-2412.15115"),
        (("Sammy Davis Jr.",), "davis2024-2412.15115"),
        (("Yang, An",), "yang2024-2412.15115"),
        (("Li Wei (李伟)",), "wei2024-2412.15115"),
        (("李伟",), "paper2024-2412.15115"),
        ((), "paper2024-2412.15115"),
        (("x" * 1000,), "x" * 30 + "2024-2412.15115"),
    ],
)
def test_a_key_names_the_first_author_the_year_and_the_id(authors: tuple[str, ...], key: str) -> None:
    assert bibtex.key(Paper("2412.15115", "A Title", authors=authors)) == key


def test_a_key_has_no_slash() -> None:
    assert bibtex.key(Paper("hep-th/9901001", "A Title")) == "paper1999-hep-th-9901001"


def test_a_key_stays_when_the_date_becomes_known() -> None:
    paper = Paper("2501.00001", "A Title")
    assert bibtex.key(paper) == bibtex.key(paper.updated_by(Paper("2501.00001", "", published=date(2024, 12, 31))))


@given(st.text(max_size=20), st.text(max_size=20), st.lists(ids, min_size=2, max_size=2, unique=True))
def test_different_papers_have_different_keys(name: str, other: str, two: list[str]) -> None:
    keys = [bibtex.key(Paper(id_, "", authors=(author,))) for id_, author in zip(two, (name, other), strict=True)]
    assert keys[0] != keys[1]
    assert all(re.fullmatch(r"[a-z]+\d{4}-[a-z0-9.-]+", key) for key in keys)


@pytest.mark.parametrize(
    ("title", "value"),
    [
        (r"$\tau^2$-Bench", r"{$\tau^2$-Bench}"),
        (r"Faster in $O(\log{\Delta})$ Rounds & $x$", r"{Faster in $O(\log{\Delta})$ Rounds \& $x$}"),
        ("SWE-Lancer: Earn $1 Million", r"{SWE-Lancer: Earn \$1 Million}"),
        ("Earn $1 Million and lose $2 Million", r"{Earn \$1 Million and lose \$2 Million}"),
        ("from US$5 to CA$7", r"{from US\$5 to CA\$7}"),
        ("costs $5 with $n$ samples", r"{costs \$5 with $n$ samples}"),
        (r"\$OneMillion & R\&D", r"{{}\$OneMillion \& R\&D}"),
        (r"A 8$\times$8 Array", r"{A 8$\times$8 Array}"),
        (r"\emph{x}", "{x}"),
        ("X^{2}-Gaussian", "{X²-Gaussian}"),
        (r"$\method$", r"{{}\$\textbackslash{}method\$}"),
        (r"$\input{secret}$", r"{{}\$\textbackslash{}input\textbraceleft{}secret\textbraceright{}\$}"),
        ("$x{$", r"{{}\$x\textbraceleft{}\$}"),
        ("$50%$", r"{{}\$50\%\$}"),
        ("A^2Search_ ~ #1", r"{A\textasciicircum{}2Search\_ \textasciitilde{} \#1}"),
        ("Über die 日本語 τ", "{Über die 日本語 τ}"),
    ],
)
def test_titles_are_escaped_besides_their_formulas(title: str, value: str) -> None:
    assert values(bibtex.entry(Paper("2412.15115", title)))["title"] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("An Yang", "An Yang"),
        ("Łukasz Ørsted", "Łukasz Ørsted"),
        ("OpenAI, Inc.", "{OpenAI, Inc.}"),
        ("Simon and Garfunkel", "{Simon and Garfunkel}"),
        ("Brandon Anderson", "Brandon Anderson"),
        ("others", "{others}"),
        ("R&D Team", r"{R\&D Team}"),
        ("{x}", r"{{}\textbraceleft{}x\textbraceright{}}"),
        ("family=Evil", "{family{=}Evil}"),
    ],
)
def test_names_that_bibtex_would_misread_are_protected(name: str, value: str) -> None:
    assert (
        values(bibtex.entry(Paper("2412.15115", "A Title", authors=(name, "An Yang"))))["author"]
        == f"{value} and An Yang"
    )


@given(hostile, st.lists(hostile, max_size=4), ids)
@example("$a$", ["and"], "2412.15115")
def test_any_title_and_any_names_make_an_entry(title: str, names: list[str], id_: str) -> None:
    paper = Paper(id_, title, authors=tuple(names), categories=("cs.CL",))
    fields = values(bibtex.entry(paper))
    assert shown(fields.get("author", "")) == " and ".join(filter(None, map(cleaned, names)))


@given(hostile)
def test_an_escaped_title_is_shown_as_it_was(title: str) -> None:
    title = title.replace("$", "")
    assert shown(values(bibtex.entry(Paper("2412.15115", title))).get("title", "")) == readable(title)


@given(hostile)
def test_a_formula_that_is_kept_holds_only_what_typesets(title: str) -> None:
    value = values(bibtex.entry(Paper("2412.15115", f"${title}$")))["title"]
    for formula in re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)*)\$", value):
        assert not re.search(r"\\input|\^\^|(?<!\\)(?:\\\\)*[%#&]", formula)
        assert is_balanced(formula)
        assert is_balanced(re.sub(r"\\.", "", formula))


def read_by_bibtex(folder: Path, papers: list[Paper]) -> list[list[str]]:
    """What bibtex makes of the papers: key, number of authors, first author, title, and the other fields."""
    (folder / "show.bst").write_text(SHOW_STYLE)
    (folder / "papers.bib").write_text("\n\n".join(map(bibtex.entry, papers)), encoding="utf-8")
    (folder / "papers.aux").write_text("\\citation{*}\n\\bibdata{papers}\n\\bibstyle{show}\n")
    done = subprocess.run(["bibtex", "papers"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "warning" not in done.stdout.lower(), done.stdout
    # bibtex breaks long lines and indents what follows.
    unbroken = (folder / "papers.bbl").read_text(encoding="utf-8", errors="replace").replace("\n  ", " ")
    return [line.split("|") for line in unbroken.splitlines()]


@needs_bibtex
def test_bibtex_reads_every_hostile_entry(tmp_path: Path) -> None:
    papers = [
        Paper(f"2501.{number:05}", title, authors=HOSTILE_NAMES[: number % 30 + 1])
        for number, title in enumerate(HOSTILE_TITLES, 1)
    ]
    read = read_by_bibtex(tmp_path, papers)
    assert [line[0] for line in read] == [bibtex.key(paper) for paper in papers]
    assert [line[1] for line in read] == [str(sum(bool(cleaned(name)) for name in paper.authors)) for paper in papers]
    assert [line[5] for line in read] == [paper.id for paper in papers]


@needs_bibtex
def test_bibtex_keeps_the_capitals_and_the_names(tmp_path: Path) -> None:
    papers = [QWEN, Paper("2603.07980", r"\$OneMillion-Bench: How FAR", authors=("OpenAI, Inc.",))]
    lines = read_by_bibtex(tmp_path, papers)
    assert lines[0] == [
        *("yang2024-2412.15115", "2", "An Yang", "{Qwen2.5 Technical Report}", "2024", "2412.15115", "arXiv", "cs.CL"),
        "https://arxiv.org/abs/2412.15115",
    ]
    assert lines[1][2:4] == ["{OpenAI, Inc.}", r"{{}\$OneMillion-Bench: How FAR}"]


def read_recorded() -> Iterator[Paper]:
    for paper in entries():
        authors = tuple(author["name"] for author in paper["authors"])
        yield Paper(paper["id"], " ".join(paper["title"].split()), authors=authors)
    for record in titled_in_tex():
        authors = tuple(" ".join(f"{first} {last}".split()) for last, first, *_ in record["authors_parsed"])
        yield Paper(record["id"], record["title"], authors=authors, categories=tuple(record["categories"].split()))


@pytest.fixture(scope="module")
def recorded() -> list[Paper]:
    return list({paper.id: paper for paper in read_recorded()}.values())


@needs_recordings
def test_every_recorded_paper_makes_an_entry(recorded: list[Paper]) -> None:
    assert len(recorded) > (8000 if THOROUGH else 1500)
    assert all(values(bibtex.entry(paper)) for paper in recorded)
    assert len({bibtex.key(paper) for paper in recorded}) == len(recorded)


@needs_recordings
@needs_bibtex
def test_bibtex_reads_every_recorded_paper(tmp_path: Path, recorded: list[Paper]) -> None:
    read = read_by_bibtex(tmp_path, recorded)
    assert [line[0] for line in read] == [bibtex.key(paper) for paper in recorded]
    assert [line[1] for line in read] == [
        str(len([name for name in paper.authors if name.strip()])) for paper in recorded
    ]
