"""The Index port on tantivy: what it finds, and how it mends itself."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import pytest

from bot import query
from bot.errors import IndexDamaged
from bot.models import Paper
from bot.search import TantivyIndex
from tests.papers import paper

TODAY = date(2026, 3, 31)
PAPERS = (
    paper(
        id="2506.08007",
        title="Reinforcement Pre-Training",
        abstract="Next-token prediction as a reasoning task, trained with rewards.",
        authors=("Qingxiu Dong", "Li Dong", "Furu Wei"),
        organization="Microsoft Research",
        organization_handle="MicrosoftResearch",
        votes=97,
        batch=date(2025, 6, 10),
    ),
    paper(
        id="2506.13585",
        title="MiniMax-M1: Scaling Test-Time Compute Efficiently with Lightning Attention",
        abstract="A hybrid attention reasoning model with a mixture of experts.",
        authors=("Aili Chen", "Aonian Li"),
        code_url="https://github.com/MiniMax-AI/MiniMax-M1",
        votes=148,
        batch=date(2025, 6, 17),
    ),
    paper(
        id="1706.03762",
        title="Attention Is All You Need",
        abstract="A network that is built on attention alone.",
        authors=("Ashish Vaswani", "Łukasz Kaiser", "Aidan N. Gomez"),
        organization="Google",
        categories=("cs.CL", "cs.LG"),
        published=date(2017, 6, 12),
        votes=10,
    ),
    paper(id="2601.00001", title="Naïve Melodies: a survey of music models", abstract="Surveys music.", votes=3),
)


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[TantivyIndex]:
    index = TantivyIndex(tmp_path / "index")
    await index.rebuild("a database")
    await index.update(PAPERS, cursor=4)
    await index.finish_rebuild()
    yield index
    await index.close()


async def found(index: TantivyIndex, text: str) -> list[str]:
    return [hit.id for hit in (await index.search(query.parse(text, TODAY), 10)).hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("reinforcement pre-training", "2506.08007"),
        ("lightning attention", "2506.13585"),
        ("attention is all you need", "1706.03762"),
        ("kaiser", "1706.03762"),
        ("microsoft", "2506.08007"),
        ("naive melody", "2601.00001"),
    ],
)
async def test_words_find_titles_abstracts_names_and_other_forms_of_a_word(
    index: TantivyIndex, text: str, first: str
) -> None:
    assert (await found(index, text))[0] == first


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"lightning attention"', {"2506.13585"}),
        ('"attention lightning"', set()),
        ("attention -lightning", {"1706.03762"}),
        ('attention -"all you need"', {"2506.13585"}),
        ("lightning|music", {"2506.13585", "2601.00001"}),
        ("author:vaswani", {"1706.03762"}),
        ('author:"aidan gomez"', {"1706.03762"}),
        ('author:"li dong"', {"2506.08007"}),
        ("author:lukasz|aonian", {"1706.03762", "2506.13585"}),
        ("-author:dong attention", {"1706.03762", "2506.13585"}),
        ("org:microsoftresearch", {"2506.08007"}),
        ("org:google", {"1706.03762"}),
        ("cat:cs.cl", {"1706.03762"}),
        ("cat:cs", {"1706.03762"}),
        ("cat:cs.CV", set()),
        ("has:code", {"2506.13585"}),
        ("-has:code attention", {"1706.03762"}),
        ("votes:97", {"2506.08007", "2506.13585"}),
        ("since:2025-06-11", {"2506.13585"}),
        ("before:2018-01-01 attention", {"1706.03762"}),
        ("since:2025-06-10 before:2025-06-11", {"2506.08007"}),
    ],
)
async def test_everything_but_bare_words_decides(index: TantivyIndex, text: str, ids: set[str]) -> None:
    assert set(await found(index, text)) == ids


async def test_a_filter_takes_bare_words_strictly(index: TantivyIndex) -> None:
    assert (await index.matching(query.parse("attention lightning", TODAY))).ids == {"2506.13585"}
    assert set(await found(index, "attention lightning")) == {"2506.13585", "1706.03762"}


async def test_a_query_without_words_lists_the_most_voted_first(index: TantivyIndex) -> None:
    assert await found(index, "votes:1") == ["2506.13585", "2506.08007", "1706.03762", "2601.00001"]


@pytest.mark.parametrize(
    ("text", "corrections"),
    [
        ("reinforcment pre-traning", (("reinforcment", "reinforcement"), ("traning", "training"))),
        ("lihgtning", (("lihgtning", "lightning"),)),
        ("author:vaswni", (("vaswni", "vaswani"),)),
        ("org:gogle", (("gogle", "google"),)),
        ("minimax", ()),
        ("m1", ()),
        ("qqqqqqqq", ()),
        ('"reinforcment"', (("reinforcment", "reinforcement"),)),
        ('"lihgtning attention"', (("lihgtning", "lightning"),)),
        ("https://lihgtning.org attention", ()),
        ("-lihgtning attention", ()),
    ],
)
async def test_a_word_that_nothing_has_is_repaired(
    index: TantivyIndex, text: str, corrections: tuple[tuple[str, str], ...]
) -> None:
    assert (await index.search(query.parse(text, TODAY), 10)).corrections == corrections


async def test_a_word_of_a_title_is_never_repaired_however_rare(index: TantivyIndex) -> None:
    crowd = [paper(id=f"2502.{n:05}", title=f"Image {n}", abstract="image") for n in range(300)]
    await index.update([*crowd, paper(id="2503.00001", title="Imagen", abstract="pictures")], cursor=5)
    assert (await found(index, "imagen"))[0] == "2503.00001"


async def test_a_paper_that_is_put_in_again_replaces_itself(index: TantivyIndex) -> None:
    await index.update([paper(id="2506.08007", title="Another Name", votes=5)], cursor=5)
    assert await found(index, "another") == ["2506.08007"]
    assert index.state().papers == len(PAPERS)
    assert index.state().cursor == 5


async def test_similar_papers_leave_out_the_ones_that_were_named(index: TantivyIndex) -> None:
    similar = await index.similar([PAPERS[1], PAPERS[3]], 10)
    ids = {hit.id for hit in similar.hits}
    assert "1706.03762" in ids
    assert not ids & {PAPERS[1].id, PAPERS[3].id}


async def test_nothing_is_similar_to_a_paper_of_unknown_words(index: TantivyIndex) -> None:
    assert (await index.similar([paper(id="2601.00002", title="Qwzx")], 5)).hits == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("att", ["2506.13585", "1706.03762"]),
        ("attention al", ["1706.03762"]),
        ("NAIVE mel", ["2601.00001"]),
        ("zzz", []),
        ("", []),
        (".*", []),
        ("at(", ["2506.13585", "1706.03762"]),
    ],
)
async def test_titles_are_completed_most_voted_first(index: TantivyIndex, text: str, ids: list[str]) -> None:
    assert [hit.id for hit in (await index.titles_starting(text, 25)).hits] == ids


async def test_it_opens_again_where_it_was(index: TantivyIndex, tmp_path: Path) -> None:
    await index.close()
    again = TantivyIndex(tmp_path / "index")
    await again.open("a database")
    assert again.state().cursor == 4
    assert await found(again, "lightning") == ["2506.13585"]
    await again.close()


async def test_another_process_may_read_while_one_writes(index: TantivyIndex, tmp_path: Path) -> None:
    reader = TantivyIndex(tmp_path / "index", writable=False)
    await reader.open("a database")
    assert await found(reader, "lightning") == ["2506.13585"]
    await reader.close()


async def test_an_index_of_another_database_is_of_no_use(index: TantivyIndex, tmp_path: Path) -> None:
    await index.close()
    again = TantivyIndex(tmp_path / "index")
    with pytest.raises(IndexDamaged):
        await again.open("another database")
    await again.close()


def _delete(folder: Path) -> None:
    shutil.rmtree(folder)


def _put_a_file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


def _each(pattern: str, damage: Callable[[Path], object]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        files = list(folder.glob(pattern))
        assert files
        for file in files:
            damage(file)

    return do


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)


def _halve(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


DAMAGE = {
    "the folder is gone": _delete,
    "a file stands in its place": _put_a_file_in_its_place,
    "meta.json is gone": _each("meta.json", Path.unlink),
    "meta.json is garbage": _each("meta.json", lambda file: file.write_bytes(b"\x00{")),
    "meta.json is of another kind": _each("meta.json", lambda file: file.write_text("[1, 2]")),
    "our state is gone": _each("paper-round.json", Path.unlink),
    "our state is garbage": _each("paper-round.json", lambda file: file.write_text("[]")),
    **{
        f"a .{part} file is {how}": _each(f"*.{part}", damage)
        for part in ("term", "idx", "pos", "store", "fast", "fieldnorm")
        for how, damage in {
            "gone": lambda file: file.unlink(),
            "empty": lambda file: file.write_bytes(b""),
            "cut in half": _halve,
            "changed in one byte": _flip,
        }.items()
    },
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_each_kind_of_damage_is_noticed_when_it_opens(
    index: TantivyIndex, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    await index.close()
    damage(tmp_path / "index")
    again = TantivyIndex(tmp_path / "index")
    with pytest.raises(IndexDamaged):
        await again.open("a database")
    await again.rebuild("a database")
    await again.update(PAPERS, cursor=4)
    assert await found(again, "lightning") == ["2506.13585"]
    await again.close()


async def test_a_paper_of_the_longest_words_and_oddest_text_is_indexed(index: TantivyIndex) -> None:
    odd: Paper = paper(id="2601.00009", title="x" * 5_000 + " \x00 日本語 🤖", abstract="y " * 20_000, votes=None)
    await index.update([odd], cursor=6)
    assert await found(index, "日本語") == ["2601.00009"]
