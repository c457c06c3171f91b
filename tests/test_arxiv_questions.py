"""arXiv: what is asked of its search, and what is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import query
from bot.errors import UserError
from bot.sources.arxiv import search_query
from tests import hostile
from tests.atom import atom, entry, source
from tests.feed import ids
from tests.wire import Host

TODAY = date(2026, 3, 30)


def asked(text: str) -> str:
    """What arXiv is asked for a query."""
    return search_query(query.parse(text, TODAY))


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("memory", "all:memory"),
        ("video memory", "all:video AND all:memory"),
        ('"world models"', 'all:"world models"'),
        ('"one"', "all:one"),
        ("pre-training", "all:pre-training"),
        ("GPT-4.5", "all:GPT-4.5"),
        ("cats|dogs", "(all:cats OR all:dogs)"),
        ('"world models"|speech video', '(all:"world models" OR all:speech) AND all:video'),
        ("memory -tokens", "all:memory ANDNOT all:tokens"),
        ('memory -"world models" -a|b', 'all:memory ANDNOT all:"world models" ANDNOT (all:a OR all:b)'),
        ("author:dong", "au:dong"),
        ('author:"Li Dong"', 'au:"Li Dong"'),
        ("author:dong|maldacena", "(au:dong OR au:maldacena)"),
        ("video -author:luo", "all:video ANDNOT au:luo"),
        ("cat:cs.CL", "cat:cs.CL"),
        ("cat:hep-th|cond-mat.mes-hall", "(cat:hep-th OR cat:cond-mat.mes-hall)"),
        ("strings -cat:hep-th", "all:strings ANDNOT cat:hep-th"),
        ("memory since:2026-01-01 before:2026-02-01", "all:memory AND submittedDate:[202601010000 TO 202602010000]"),
        ("memory since:30d -x", "all:memory AND submittedDate:[202602280000 TO 210001010000] ANDNOT all:x"),
        ("memory before:2000", "all:memory AND submittedDate:[199101010000 TO 200001010000]"),
        ("memory since:0001 before:9999", "all:memory AND submittedDate:[199101010000 TO 210001010000]"),
        ("memory since:9999y", "all:memory AND submittedDate:[199101010000 TO 210001010000]"),
        ("世界模型", "all:世界模型"),
        ("Rüzgar Akkuş", "all:Rüzgar AND all:Akkuş"),
        ("हिन्दी", 'all:"हिन्दी"'),  # its marks are no letters, and stay with them
    ],
)
def test_a_query_is_put_in_the_words_of_arxiv(text: str, sent: str) -> None:
    assert asked(text) == sent


@pytest.mark.parametrize(
    "text",
    ["memory votes:10", "memory has:code", "memory -has:code", "memory org:nvidia", "memory -org:nvidia", "since:30d",
     "-memory", "-cat:cs.CL since:30d", "memory before:1990", "memory since:2101"],
)  # fmt: skip
async def test_what_arxiv_does_not_know_is_not_asked(text: str) -> None:
    host = Host(atom(entry()))
    assert asked(text) == ""
    assert await source(host).search(query.parse(text, TODAY), 5) == ()
    assert host.requests == []


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("cats AND dogs OR mice", 'all:cats AND all:"AND" AND all:dogs AND all:"OR" AND all:mice'),
        ('"x" ANDNOT', 'all:x AND all:"ANDNOT"'),
        ("x) OR (y", 'all:x AND all:"OR" AND all:y'),
        ('"x OR all:y"', 'all:"x OR all y"'),
        ('author:x\\"y', 'au:"x y"'),
        ("a*b?c~d^2", 'all:"a b c d 2"'),
        ("x&max_results=2000&id_list=1", 'all:"x max results 2000 id list 1"'),
        ("[0 TO 9]", 'all:0 AND all:"TO" AND all:9'),
    ],
)  # fmt: skip
def test_signs_and_words_of_its_language_mean_nothing_when_they_are_typed(text: str, sent: str) -> None:
    assert asked(text) == sent


SIGNS = st.text(st.sampled_from('ab AND OR"()[]|:-_.*\\&%\n\ud800é'), max_size=40)


@given(SIGNS | st.text(max_size=60) | st.sampled_from([*hostile.TEXTS.values()]))
def test_whatever_is_typed_the_question_has_the_form_that_was_meant(text: str) -> None:
    try:
        sent = asked(f"first {text}"[: query.MAX_CHARACTERS])
    except UserError:
        return
    outside = "".join(sent.split('"')[::2])  # what stands in quotes is only text
    assert sent.count('"') % 2 == 0
    assert outside.count("(") == outside.count(")") <= outside.count(" OR ")
    assert not {*outside} & {*"\\&*?~^{}!+"}
    for word in outside.replace("(", "").replace(")", "").split():
        assert word in {"AND", "OR", "ANDNOT"} or word.startswith(("all:", "au:", "cat:", "submittedDate:", "TO", "2"))


async def test_a_search_asks_once_for_as_many_as_are_wanted() -> None:
    host = Host(atom(entry("2506.00002v1"), entry("2506.00001v3")))
    found = await source(host).search(query.parse("video memory", TODAY), 5)
    assert ids(found) == ["2506.00002", "2506.00001"]
    (request,) = host.requests
    assert dict(request.url.params) == {
        "search_query": "all:video AND all:memory",
        "max_results": "5",
        "sortBy": "relevance",
    }
