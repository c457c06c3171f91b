"""Daily Papers: what is read from an entry, whatever is in it."""

import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Batch, Paper
from bot.sources.huggingface import parse_batch, parse_paper
from tests.feed import entry, ids
from tests.papers import MONDAY, paper
from tests.upstream import MISSING, RECORDINGS

ENTRY = {
    "paper": {
        "id": "2506.08007",
        "authors": [
            {"_id": "1", "name": "Ada Lovelace", "hidden": False},
            {"name": "Grace Hopper", "user": {"name": "g"}},
        ],
        "publishedAt": "2025-06-09T23:59:59.000Z",
        "submittedOnDailyAt": "2025-06-10T00:00:00.000Z",
        "title": "A Title\n  That Was Wrapped",
        "summary": "It was\nwrapped too:  54.6\\% of $L_2$.",
        "upvotes": 163,
        "discussionId": "1",
        "projectPage": " https://example.org/project",
        "githubRepo": "https://github.com/example/code",
        "githubStars": 12,
        "ai_summary": "It is short.",
        "ai_keywords": ["wrapping", "titles"],
        "organization": {"_id": "1", "name": "example", "fullname": "The Example", "avatar": "x"},
    },
    "publishedAt": "2025-06-09T20:00:00.000Z",
    "title": "Another title",
    "thumbnail": "https://cdn.example.org/2506.08007.png",
    "numComments": 3,
    "isAuthorParticipating": False,
}
READ = Paper(
    id="2506.08007",
    title="A Title That Was Wrapped",
    abstract="It was wrapped too: 54.6\\% of $L_2$.",
    authors=("Ada Lovelace", "Grace Hopper"),
    published=date(2025, 6, 9),
    organization="The Example",
    organization_handle="example",
    ai_summary="It is short.",
    keywords=("wrapping", "titles"),
    code_url="https://github.com/example/code",
    project_url="https://example.org/project",
    thumbnail_url="https://cdn.example.org/2506.08007.png",
    stars=12,
    votes=163,
    comments=3,
    batch=MONDAY,
)


def read(**fields: Any) -> Paper:
    """The paper read from an entry with these fields, sent as JSON."""
    sent = json.loads(json.dumps([entry(**fields)]))
    found = parse_batch(sent, MONDAY)
    assert found.skipped == 0
    return found.papers[0]


def test_every_known_field_of_an_entry_is_read() -> None:
    assert parse_batch([ENTRY], MONDAY) == Batch(MONDAY, (READ,))


def test_an_entry_needs_nothing_but_an_id_and_a_title() -> None:
    assert parse_batch([entry()], MONDAY) == Batch(MONDAY, (paper(batch=MONDAY),))


@pytest.mark.parametrize("value", [None, 7, -1, 1.5, True, [], {}, [None], {"a": 1}, "", " ", "\ud800", "\x00", [[[]]]])
@pytest.mark.parametrize(
    "name",
    [
        "summary",
        "authors",
        "publishedAt",
        "organization",
        "ai_summary",
        "ai_keywords",
        "githubRepo",
        "projectPage",
        "new",
    ],
)
def test_a_field_of_the_wrong_kind_is_not_known(name: str, value: object) -> None:
    assert read(**{name: value}) == paper(batch=MONDAY)


@pytest.mark.parametrize("value", [None, "7", 7.0, True, False, -1, 10**12, 10**400, 1e300, math.inf, math.nan, [], {}])
@pytest.mark.parametrize("name", ["upvotes", "githubStars"])
def test_a_count_that_is_none_is_not_known(name: str, value: object) -> None:
    assert read(**{name: value}) == paper(batch=MONDAY)


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ("Two\n  Lines", "Two Lines"),
        ("  spaces\t everywhere\u00a0\u3000here ", "spaces everywhere here"),
        ("with\x00 controls\x1b[31m\x07", "with controls[31m"),
        ("turned \u202etxet\u202c", "turned txet"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("0", "0"),
        ("<b>& *_~`|@everyone $L_2$ \\textit{x}", "<b>& *_~`|@everyone $L_2$ \\textit{x}"),
        ("e\u0301", "é"),
    ],
)
def test_text_becomes_one_visible_line(sent: str, title: str) -> None:
    assert read(title=sent).title == title
    assert read(summary=sent).abstract == title
    assert read(authors=[{"name": sent}]).authors == (title,)


def test_text_longer_than_any_real_one_is_cut() -> None:
    found = read(title="y" * 99_999, summary="y" * 99_999, ai_summary="y" * 99_999, ai_keywords=["k"] * 99)
    assert len(found.title) == 1_000
    assert len(found.abstract) == 20_000
    assert len(found.ai_summary) == 5_000
    assert len(found.keywords) == 50


@pytest.mark.parametrize(
    ("sent", "url"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("http://example.org", "http://example.org"),
        (" https://example.org/a ", "https://example.org/a"),
        ("javascript:alert(1)", ""),
        ("JavaScript://example.org/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("/avatars/x.svg", ""),
        ("//example.org/x", ""),
        ("example.org", ""),
        ("https://", ""),
        ("https:///example.org", ""),
        ("https://localhost/", ""),
        ("https://example.org/a b", ""),
        ('https://example.org/"><script>', ""),
        ("https://example.org/<@everyone>", ""),
        ("https://example.org/a|b", ""),
        ("https://example.org/" + "a" * 2_000, ""),  # half an address is none
        ("https://example.org/\ud800", "https://example.org/"),
    ],
)
@pytest.mark.parametrize("name", ["githubRepo", "projectPage"])
def test_an_address_is_kept_only_if_it_may_be_a_link(name: str, sent: str, url: str) -> None:
    found = read(**{name: sent})
    assert url == (found.code_url if name == "githubRepo" else found.project_url)


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2025-06-09T23:59:59.000Z", date(2025, 6, 9)),
        ("2025-06-09T23:59:59-05:00", date(2025, 6, 10)),
        ("2025-06-09", date(2025, 6, 9)),
        ("9 June 2025", None),
        ("2025-13-40T00:00:00Z", None),
        ("9999-12-31T23:59:59-10:00", None),  # past the end of time
        ("0001-01-01T00:00:00+10:00", None),
        ("2025-06-09T23:59:59+99:99", None),
    ],
)
def test_the_day_of_arxiv_is_in_utc(sent: str, day: date | None) -> None:
    assert read(publishedAt=sent).published == day


def test_a_thousand_authors_are_kept_and_broken_ones_left_out() -> None:
    sent: list[object] = [{"name": f"Author {number}"} for number in range(1_000)]
    sent[3:5] = ["Author 3", {"name": None}]
    assert len(read(authors=sent).authors) == 998


@pytest.mark.parametrize(
    ("organization", "full", "handle"),
    [
        ({"name": "nvidia", "fullname": "NVIDIA"}, "NVIDIA", "nvidia"),
        ({"name": "nvidia"}, "nvidia", "nvidia"),
        ({"fullname": "NVIDIA"}, "NVIDIA", ""),
        ("nvidia", "", ""),
    ],
)
def test_an_organization_is_known_by_its_names(organization: object, full: str, handle: str) -> None:
    assert read(organization=organization).organization == full
    outside = parse_paper(entry()["paper"], {"organization": organization}, None)
    assert (outside.organization, outside.organization_handle) == (full, handle)


BROKEN: list[Any] = [
    None, 7, "entry", [], {}, {"paper": None}, {"paper": "2506.08007"}, {"paper": [1]}, {"paper": {}},
    {"paper": {"id": "2506.00001"}}, {"paper": {"title": "No id"}}, entry("no-id"), entry("2513.00001"),
    entry("2506.00001", title=None), entry("2506.00001", title="\u200b"), entry(title={}), {"id": "2506.00001"},
    {"paper": {"id": None, "title": "No id"}}, {"paper": {"id": 2506.08007, "title": "A number"}},
    {"paper": {"id": ["2506.00001"], "title": "A list"}},
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: json.dumps(broken)[:40])
def test_an_entry_that_cannot_be_read_is_skipped_and_counted(broken: object, caplog: pytest.LogCaptureFixture) -> None:
    found = parse_batch([entry("2506.00001"), broken, entry("2506.00002")], MONDAY)
    assert ids(found.papers) == ["2506.00001", "2506.00002"]
    assert found.skipped == 1
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "skipped 1 entries of the batch of 2026-03-30 that cannot be read"
    ]


def test_a_paper_listed_twice_is_listed_once_at_its_first_place() -> None:
    found = parse_batch([entry("2506.00001", upvotes=7), entry("2506.00002"), entry("2506.00001v2", upvotes=9)], MONDAY)
    assert [(one.id, one.votes) for one in found.papers] == [("2506.00001", 7), ("2506.00002", None)]
    assert found.skipped == 0


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.dates().map(str)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))
VALUES = JSON | st.datetimes(timezones=st.timezones()).map(str) | st.just("https://example.org")
FIELDS = st.dictionaries(st.sampled_from([*ENTRY, *ENTRY["paper"], "name", "fullname"]), VALUES)  # type: ignore[misc]
ENTRIES = JSON | st.builds(lambda inside, around: {**around, "paper": {**entry()["paper"], **inside}}, FIELDS, FIELDS)


@given(sent=st.lists(ENTRIES, max_size=5))
def test_whatever_is_listed_every_entry_is_read_or_skipped(sent: list[Any]) -> None:
    found = parse_batch(sent, MONDAY)
    assert len(found.papers) + found.skipped <= len(sent)
    for one in found.papers:
        assert one.id
        assert one.title.isprintable()
        assert json.dumps([one.authors, one.keywords]).encode()
        assert f"{one}".encode()  # no lone surrogates


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_every_recorded_entry_is_read() -> None:
    seen: set[str] = set()
    for file in sorted(RECORDINGS.glob("*.json")):
        day, entries = date.fromisoformat(file.stem), json.loads(file.read_text("utf-8"))
        found = parse_batch(entries, day)
        assert ids(found.papers) == [one["paper"]["id"] for one in entries], day
        assert found.skipped == 0, day
        assert all(one.authors and one.abstract and one.published and one.votes is not None for one in found.papers)
        seen |= set(ids(found.papers))
    assert len(seen) == 7_414
