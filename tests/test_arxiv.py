"""arXiv: what its feeds say of papers, and what is made of answers that are no feeds."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources.arxiv import parse
from tests import hostile
from tests.atom import API, ERROR, NEW, OLD, atom, entry, feed, source
from tests.feed import ids
from tests.papers import paper
from tests.wire import Host, Reply

ZERO = paper(
    "2104.12255",
    title="Zero & One",
    abstract="What is the funniest number? 0.",
    authors=("Ada Lovelace", "Emmy Noether"),
    published=date(2021, 4, 20),
    categories=("math.NT", "cs.CR"),
    version=2,
)
STRINGS = paper(
    "hep-th/9901001",
    title="On the Strings that Are Pulled",
    abstract="We pull some.",
    authors=("Ada Lovelace",),
    published=date(1999, 1, 2),
    categories=("hep-th", "math.AG"),
    version=3,
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b']><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&a11;</title></entry></feed>'
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&secret;</title></entry></feed>'
)


def test_a_feed_is_read_in_both_layouts() -> None:
    assert parse(feed(NEW)) == (ZERO,)
    assert parse(OLD) == (STRINGS,)


def test_a_feed_without_entries_has_no_papers() -> None:
    assert parse(feed()) == ()


@pytest.mark.parametrize("entries", [(ERROR,), (ERROR, NEW), (NEW, ERROR)])
def test_an_entry_that_complains_is_no_paper(entries: tuple[str, ...]) -> None:
    assert parse(feed(*entries)) == ((ZERO,) if NEW in entries else ())


@pytest.mark.parametrize(
    ("address", "id_", "version"),
    [
        ("http://arxiv.org/abs/2506.08007v1", "2506.08007", 1),
        ("https://arxiv.org/abs/2506.08007v12", "2506.08007", 12),
        ("http://arxiv.org/abs/2506.08007", "2506.08007", None),
        ("http://arxiv.org/abs/astro-ph/0601001v1", "astro-ph/0601001", 1),
        ("http://arxiv.org/abs/math.AG/0601001v2", "math/0601001", 2),
        ("http://arxiv.org/abs/0704.0001v2", "0704.0001", 2),
        ("oai:arXiv.org:2506.08007v1", "2506.08007", 1),
    ],
)
def test_an_id_is_canonical_and_its_version_stands_beside_it(address: str, id_: str, version: int | None) -> None:
    (found,) = parse(feed(f"<entry><id>{address}</id><title>T</title></entry>"))
    assert (found.id, found.version) == (id_, version)


@pytest.mark.parametrize("title", ["0", "None", "Error", "T" * 300, *hostile.TEXTS.values()])
def test_any_title_that_can_be_seen_is_one(title: str) -> None:
    sendable = "".join(c for c in title if c.isprintable() or c in "\n\t\u2028")
    (found,) = parse(feed(entry(title=sendable)))
    assert found.title
    assert found.title.isprintable()
    assert "  " not in found.title


def test_what_is_missing_is_not_known() -> None:
    assert parse(feed(entry("2506.08007", "T"))) == (paper(title="T"),)


@pytest.mark.parametrize(
    "bare",
    [
        "<entry/>",
        "<entry><id>http://arxiv.org/abs/2506.08007v1</id></entry>",
        "<entry><id>http://arxiv.org/abs/2506.08007v1</id><title> \n </title></entry>",
        "<entry><title>No id</title></entry>",
        "<entry><id>http://arxiv.org/abs/abc</id><title>No id</title></entry>",
        "<entry><id>2506.08007 2506.08008</id><title>Two ids</title></entry>",
    ],
)
def test_an_entry_without_an_id_or_a_title_is_left_out(bare: str) -> None:
    assert parse(feed(bare, NEW)) == (ZERO,)


@pytest.mark.parametrize("published", ["", "soon", "2021", "2021-13-45T00:00:00Z", "99999-01-01"])
def test_a_date_that_is_none_is_not_known(published: str) -> None:
    (found,) = parse(feed(NEW.replace("2021-04-20T16:07:14Z", published)))
    assert found.published is None


def test_text_and_authors_without_end_are_cut() -> None:
    authors = "<author><name>A</name></author>" * 9_000
    (found,) = parse(feed(entry(title="T" * 1_000_000).replace("</entry>", f"{authors}</entry>")))
    assert len(found.title) == 20_000
    assert len(found.authors) == 5_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Rate exceeded.",
        b"{}",
        b"<!DOCTYPE html><html><body><p>Down for maintenance<br></body></html>",
        b"<html><body>Sorry</body></html>",
        b"<feed><entry/></feed>",
        feed(NEW)[:-20],
        feed(NEW)[:900],
        feed(NEW).replace(b"Zero", b"Z\xe9ro"),
        feed(NEW).replace(b"UTF-8", b"x-nothing"),
        feed(NEW).replace(b"Zero", b"Z\x00ro"),
        feed(NEW).replace(b"&amp;", b"&nbsp;"),
        feed(NEW).decode().encode("utf-16")[:-7],
        BOMB,
        EXTERNAL,
        EXTERNAL.replace(b"secret SYSTEM", b"% secret SYSTEM"),
    ],
)
def test_what_is_no_feed_is_a_failure_of_the_source(body: bytes) -> None:
    with pytest.raises(SourceError, match="no feed"):
        parse(body)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "windows-1252"])
def test_a_feed_in_another_encoding_that_it_names_is_read(encoding: str) -> None:
    text = feed(NEW).decode().replace("UTF-8", encoding).replace("Zero", "Zéro")
    assert parse(text.encode(encoding))[0].title == "Zéro & One"


def test_a_feed_as_deep_as_it_is_long_harms_nobody() -> None:
    deep = 50_000
    assert parse(feed(NEW, "<entry>" * deep + "</entry>" * deep)) == (ZERO,)


@given(st.binary() | st.text().map(lambda text: feed(f"<entry>{text}</entry>")) | st.text().map(str.encode))
def test_no_answer_whatever_breaks_the_reader(body: bytes) -> None:
    with suppress(SourceError):
        assert parse(body) == ()


async def test_papers_are_asked_for_by_their_ids() -> None:
    host = Host(atom(entry("hep-th/9901001v2"), entry("2506.08007v1")))
    found = await source(host).papers(["2506.08007", "hep-th/9901001"])
    assert {*ids(found)} == {"2506.08007", "hep-th/9901001"}
    params = host.requests[0].url.params
    assert str(host.requests[0].url).startswith(API)
    assert (params["id_list"], params["max_results"]) == ("2506.08007,hep-th/9901001", "2")


async def test_nothing_is_asked_for_no_ids() -> None:
    host = Host(atom())
    assert await source(host).papers([]) == ()
    assert host.requests == []


async def test_many_ids_are_asked_for_a_hundred_at_once() -> None:
    wanted = [f"2506.{number:05}" for number in range(1, 251)]
    host = Host(*(atom(*map(entry, wanted[start : start + 100])) for start in (0, 100, 200)))
    assert ids(await source(host).papers(wanted)) == wanted
    assert [request.url.params["max_results"] for request in host.requests] == ["100", "100", "50"]
    assert ",".join(request.url.params["id_list"] for request in host.requests) == ",".join(wanted)
    assert max(len(str(request.url)) for request in host.requests) < 2_000


async def test_an_unknown_id_is_nothing_and_the_others_are_found() -> None:
    assert await source(Host(atom())).papers(["2506.99999"]) == ()
    assert ids(await source(Host(atom(entry()))).papers(["2506.08007", "2506.99999"])) == ["2506.08007"]


async def test_a_paper_that_was_not_asked_for_is_left_out() -> None:
    assert await source(Host(atom(entry("2506.00009v1")))).papers(["2506.08007"]) == ()


async def test_a_complaint_is_no_paper_whatever_its_status() -> None:
    assert await source(Host(atom(ERROR))).papers(["2104.12255"]) == ()
    with pytest.raises(SourceError, match="HTTP 400") as refused:
        await source(Host(atom(ERROR, status=400))).papers(["2104.12255"])
    assert refused.value.status == 400


@pytest.mark.parametrize("reply", [Reply(body=b"<html>"), Reply(body=BOMB)])
async def test_an_answer_that_is_no_feed_is_not_taken_for_an_unknown_id(reply: Reply) -> None:
    with pytest.raises(SourceError, match="no feed"):
        await source(Host(reply)).papers(["2506.08007"])


async def test_a_wrong_address_is_not_taken_for_an_unknown_id() -> None:
    with pytest.raises(SourceError, match="HTTP 404"):
        await source(Host(atom(status=404))).papers(["2506.08007"])


async def test_an_answer_that_is_too_large_is_refused() -> None:
    with pytest.raises(SourceError, match="larger than 10 MB"):
        await source(Host(Reply(body=b" " * 10_000_001))).papers(["2506.08007"])
