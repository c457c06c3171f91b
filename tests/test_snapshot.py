"""Bulk files line by line: what is read of a record, and what is said of one that cannot be read."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from tests.snapshots import MEGABYTE, NEW_LAYOUT, OLD_LAYOUT, Read, content_of, lines, record, records, written

WRONG: tuple[dict[str, Any], ...] = (
    {"id_": None},
    {"id_": "nonsense"},
    {"id_": 1e400},
    {"id_": ["0704.0001"]},
    {"id_": "0713.0001"},
    {"title": None},
    {"title": " \u200b\n"},
    {"title": 5},
    {"title": ["A", "B"]},
    {"abstract": {"a": 1}},
    {"categories": 7},
    {"authors_parsed": {"0": ["a", "b", "c"]}},
    {"authors_parsed": "Ada"},
    {"authors_parsed": [[1, 2, 3]]},
    {"authors_parsed": [7]},
    {"versions": {"v1": 1}},
    {"versions": ["v1"]},
    {"versions": [{}]},
    {"versions": [{"created": 5}]},
    {"versions": [{"created": "\x1b[31mnever\ud800"}]},
    {"versions": [{"created": "2007-13-41"}]},
    {"versions": [{"created": "Fri, 31 Dec 9999 23:00:00 -1400"}]},
    {"versions": [{"created": "Mon, 99999999999999999999 Jan 2007 00:00:00 GMT"}]},
)  # what no paper can be read from


def read_lines(folder: Path, *values: Any) -> Read:
    return Read(written(folder / "some.json", *values))


def paper_of(folder: Path, **fields: Any) -> Paper:
    read = read_lines(folder, record(**fields))
    assert (read.troubles, read.failure) == ([], "")
    return read.papers[0]


def test_a_record_becomes_a_paper_with_everything_that_it_knows(tmp_path: Path) -> None:
    assert paper_of(tmp_path) == Paper(
        id="0704.0001",
        title="The paper 0704.0001",
        abstract="We do something.",
        authors=("Ada Lovelace", "Grace Hopper Jr."),
        published=date(2007, 4, 2),
        categories=("cs.CL", "cs.LG"),
        version=1,
    )


@pytest.mark.parametrize("name", ["some.json", "some.json.gz", "some.pdf", "some"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_whether_a_file_is_compressed_is_told_by_its_content(
    tmp_path: Path, name: str, compress: Callable[[bytes], bytes]
) -> None:
    read = content_of(tmp_path, compress(lines(records(3))), name)
    assert len(read.papers) == 3


def test_many_blank_lines_may_come_first(tmp_path: Path) -> None:
    assert len(content_of(tmp_path, b" \n" * 5_000 + b" " * 5_000 + b"\n" + lines(records(1))).papers) == 1


def test_a_byte_order_mark_blank_lines_and_other_line_ends_do_not_matter(tmp_path: Path) -> None:
    first, second = (line.rstrip() for line in lines(records(2)).splitlines())
    read = content_of(tmp_path, b"\xef\xbb\xbf\r\n" + first + b"\r\n\n   \n" + second)
    assert [paper.id for paper in read.papers] == ["0801.0001", "0801.0002"]
    assert read.troubles == []


@pytest.mark.parametrize(
    ("created", "day"),
    [
        (OLD_LAYOUT, date(1991, 10, 31)),
        (NEW_LAYOUT, date(2007, 4, 2)),
        ("Mon, 2 Apr 2007 23:18:42 -0400", date(2007, 4, 3)),
        ("Mon, 2 Apr 2007 23:59:59", date(2007, 4, 2)),
        ("Mon, 2 Apr 2007 23:59:59 -0000", date(2007, 4, 2)),
        ("", None),
        (None, None),
    ],
)
def test_both_layouts_of_a_date_are_read_as_days_in_utc(tmp_path: Path, created: str | None, day: date | None) -> None:
    versions = [{"version": "v1", "created": created}, {"version": "v2", "created": "Tue, 1 Jan 2030 00:00:00 GMT"}]
    paper = paper_of(tmp_path, versions=versions)
    assert (paper.published, paper.version) == (day, 2)


def test_without_versions_the_day_of_the_update_counts_and_the_version_is_not_known(tmp_path: Path) -> None:
    paper = paper_of(tmp_path, versions=None)
    assert (paper.published, paper.version) == (date(2008, 1, 1), None)


@pytest.mark.parametrize(
    ("given_id", "id_"),
    [
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.AG/0601001", "math/0601001"),
        ("cs/9301114v2", "cs/9301114"),
        (704.0001, "0704.0001"),
        (704.001, "0704.0010"),
        (1501.1, "1501.10000"),
        ("704.001", "0704.0010"),
        ("2401.01234v3", "2401.01234"),
    ],
)
def test_old_ids_are_known_and_those_kept_as_numbers_get_their_zeros_back(
    tmp_path: Path, given_id: Any, id_: str
) -> None:
    assert paper_of(tmp_path, id_=given_id, title="T").id == id_


@pytest.mark.parametrize(
    ("parsed", "authors"),
    [
        ([["King", "Martin Luther", "Jr."]], ("Martin Luther King Jr.",)),
        ([["Collaboration", "The ATLAS", "", "CERN"]], ("The ATLAS Collaboration",)),
        ([["Knuth", "", ""], ["", "", ""], [" \n", None, ""]], ("Knuth",)),
        ([["Knuth"], ["Hopper", "Grace"], []], ("Knuth", "Grace Hopper")),
        ([["Lovelace\n", "  Ada\u202e", None]], ("Ada Lovelace",)),
        ([], ()),
        (None, ()),
    ],
)
def test_names_are_put_together_whatever_is_missing_of_them(
    tmp_path: Path, parsed: Any, authors: tuple[str, ...]
) -> None:
    assert paper_of(tmp_path, authors_parsed=parsed).authors == authors


def test_a_wrapped_title_is_one_line_and_null_fields_are_not_known(tmp_path: Path) -> None:
    nulls = dict.fromkeys(("abstract", "categories", "authors_parsed", "update_date", "versions"))
    paper = paper_of(tmp_path, title="Calculation of\n  prompt diphoton\tproduction\n", **nulls)
    assert paper == Paper("0704.0001", "Calculation of prompt diphoton production")


def test_text_that_could_do_harm_becomes_harmless(tmp_path: Path) -> None:
    odd = "a\ud800b \x00c\x1b[31m"
    paper = paper_of(
        tmp_path, title=odd, abstract=odd, categories=f"cs.CL {odd}", authors_parsed=[[odd, odd]], comments=10**400
    )
    assert paper.title == paper.abstract == "ab c[31m"
    assert paper.authors == ("ab c[31m ab c[31m",)
    assert paper.categories == ("cs.CL", "ab", "c[31m")


def test_fields_of_endless_length_are_cut(tmp_path: Path) -> None:
    long = "x" * MEGABYTE
    paper = paper_of(tmp_path, title=long, abstract=long[:500_000], authors_parsed=[["x" * 9_000]] * 6)
    assert (len(paper.title), len(paper.abstract), {*map(len, paper.authors)}) == (1_000, 20_000, {300})


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"5",
        b'"text"',
        b"null",
        b"{",
        b'{"id": ',
        b"{}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"id": "0704.0001", "title": "cut in a \xe2\x82',
        *(json.dumps(record(**fields)).encode() for fields in WRONG),
    ],
)
def test_a_corrupt_line_is_reported_with_its_number_and_the_others_are_kept(tmp_path: Path, line: bytes) -> None:
    before, after = lines(records(2)).splitlines(keepends=True)
    read = content_of(tmp_path, b"\n".join((before, line, after)))
    assert [paper.id for paper in read.papers] == ["0801.0001", "0801.0002"]
    assert read.failure == ""
    (trouble,) = read.troubles
    assert trouble.startswith("line 3: it is no ")
    assert trouble.isprintable()
    assert len(trouble) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
like_records = st.fixed_dictionaries(
    {}, optional={name: st.just(value) | json_values for name, value in record().items()}
)


@given(values=st.lists(like_records | json_values, max_size=5))
def test_no_line_that_is_json_breaks_it(values: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    read = read_lines(tmp_path_factory.getbasetemp(), record("0801.0001"), *values)
    assert read.failure == ""
    assert len(read.papers) + len(read.troubles) == len(values) + 1
    assert all(text.isprintable() for paper in read.papers for text in (paper.title, paper.abstract, *paper.authors))


@given(content=st.binary(max_size=200))
def test_no_bytes_break_it(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    for start in (b"", b"{", b"[", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"):
        content_of(tmp_path_factory.getbasetemp(), start + content, "2026-03-30.json")
