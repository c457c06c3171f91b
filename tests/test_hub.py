"""The one download of the model: it comes whole, goes on where it stopped, and comes once."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources.hub import MODEL, REVISION, TOKENIZER, installed, onnx_files
from tests.hub import (
    ARM,
    AVX2,
    BEST,
    FILES,
    PORTABLE,
    TOKENS,
    TOTAL,
    VNNI,
    WEIGHTS,
    Answer,
    LocalHub,
    Request,
    Twist,
    blob_id,
    failure,
    fetch,
    is_whole,
    part,
    serving,
    sha256,
)
from tests.waiting import until


@pytest.fixture
async def hub() -> AsyncIterator[LocalHub]:
    async with serving(dict(FILES)) as started:
        yield started


def cut(*places: int) -> Twist:
    """The connection breaks after so many bytes, once for each number."""
    left = list(places)

    def twist(request: Request, answer: Answer) -> Answer:
        is_file = request.method == "GET" and answer.status in (200, 206)
        return replace(answer, cut=left.pop(0)) if is_file and left else answer

    return twist


async def test_the_model_comes_whole_with_a_receipt_of_what_it_is(hub: LocalHub, tmp_path: Path) -> None:
    told = await fetch(hub.url, tmp_path / "new" / "folder")
    assert is_whole(tmp_path / "new" / "folder")
    assert json.loads((tmp_path / "new" / "folder" / "model.json").read_text()) == {
        "repository": "sentence-transformers/all-MiniLM-L6-v2",
        "revision": REVISION,
        "files": {
            MODEL: {"path": BEST, "checksum": sha256(WEIGHTS), "size": len(WEIGHTS)},
            TOKENIZER: {"path": TOKENIZER, "checksum": blob_id(TOKENS), "size": len(TOKENS)},
        },
    }
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, TOTAL), (TOTAL, TOTAL))


async def test_nothing_is_asked_when_the_model_is_there(hub: LocalHub, tmp_path: Path) -> None:
    await fetch(hub.url, tmp_path)
    hub.requests.clear()
    assert await fetch(hub.url, tmp_path) == []
    assert hub.requests == []


async def test_no_token_is_sent_and_nothing_compressed_is_wanted(hub: LocalHub, tmp_path: Path) -> None:
    await fetch(hub.url, tmp_path)
    assert {one.place for one in hub.requests} == {"hub", "cdn"}
    assert not any("authorization" in one.headers or "cookie" in one.headers for one in hub.requests)
    assert {one.headers["accept-encoding"] for one in hub.requests} == {"identity"}


async def test_the_etag_of_a_redirect_is_not_that_of_the_file(hub: LocalHub, tmp_path: Path) -> None:
    own = f'"{blob_id(b"Temporary Redirect")}"'
    hub.twist = lambda _, answer: answer.bearing(etag=own) if answer.status in (302, 307) else answer
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


@example(place=0)
@example(place=1)
@example(place=len(WEIGHTS) - 1)
@given(place=st.integers(0, len(WEIGHTS) - 1))
async def test_a_download_goes_on_at_the_byte_where_it_broke_off(place: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with serving(dict(FILES)) as hub:
            hub.twist = cut(place)
            assert "the connection broke" in str(await failure(hub.url, folder))
            hub.requests.clear()
            told = await fetch(hub.url, folder)
            assert is_whole(folder)
            assert told[0] == (place, TOTAL)
            assert hub.asked("GET")[1] == (BEST.removeprefix("onnx/"), f"bytes={place}-" if place else None)


async def test_it_may_break_off_many_times_and_in_both_files(hub: LocalHub, tmp_path: Path) -> None:
    hub.twist = cut(100, 50, TOTAL, 80)  # the third is whole
    for _ in range(3):
        assert "the connection broke" in str(await failure(hub.url, tmp_path))
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)
    ranges = [wanted for file, wanted in hub.asked("GET") if file == TOKENIZER]
    assert ranges[-1] == "bytes=80-"


def no_ranges(request: Request, answer: Answer) -> Answer:
    return Answer(200, {}, WEIGHTS) if request.place == "cdn" else answer


def another_piece(request: Request, answer: Answer) -> Answer:
    span = f"bytes 0-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"
    return replace(answer, body=WEIGHTS).bearing(content_range=span) if answer.status == 206 else answer


def no_such_range(request: Request, answer: Answer) -> Answer:
    return Answer(416) if "range" in request.headers else answer


@pytest.mark.parametrize("twist", [no_ranges, another_piece, no_such_range])
async def test_it_starts_again_where_a_host_cannot_go_on(hub: LocalHub, tmp_path: Path, twist: Twist) -> None:
    part(tmp_path).write_bytes(WEIGHTS[:200])
    hub.twist = twist
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


async def test_what_was_begun_of_another_file_is_not_continued_but_removed(hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / f"{MODEL}.{sha256(b'old')}.part").write_bytes(b"old")
    (tmp_path / "model.json.part").write_bytes(b"half a rec")
    assert (await fetch(hub.url, tmp_path))[0] == (0, TOTAL)
    assert is_whole(tmp_path)


async def test_a_file_that_is_right_already_is_not_asked_for_again(hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / MODEL).write_bytes(WEIGHTS)  # killed before the second file
    part(tmp_path).write_bytes(b"left over")
    await fetch(hub.url, tmp_path)
    assert {file for file, _ in hub.asked("GET")} == {TOKENIZER}
    assert installed(tmp_path)


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        ("x86_64", {"avx2", "avx512f", "avx512_vnni"}, (VNNI, AVX2, PORTABLE)),
        ("x86_64", {"avx2", "avx512f"}, (AVX2, PORTABLE)),
        ("x86_64", {"avx2"}, (AVX2, PORTABLE)),
        ("x86_64", {"sse4_2"}, (PORTABLE,)),
        ("AMD64", None, (AVX2, PORTABLE)),
        ("x86_64", None, (AVX2, PORTABLE)),
        ("arm64", None, (ARM, PORTABLE)),
        ("aarch64", {"asimd"}, (ARM, PORTABLE)),
        ("riscv64", set(), (PORTABLE,)),
        ("", None, (PORTABLE,)),
    ],
)
def test_each_processor_has_its_file(machine: str, flags: Collection[str] | None, expected: tuple[str, ...]) -> None:
    assert onnx_files(machine, flags) == expected


async def test_a_mirror_without_the_best_file_gives_the_next(tmp_path: Path) -> None:
    async with serving({PORTABLE: FILES[PORTABLE], TOKENIZER: TOKENS}) as mirror:
        await fetch(mirror.url, tmp_path)
    assert (tmp_path / MODEL).read_bytes() == FILES[PORTABLE]
    assert installed(tmp_path)


async def test_of_two_at_once_one_brings_it_and_the_other_says_so(hub: LocalHub, tmp_path: Path) -> None:
    both = (fetch(hub.url, tmp_path), fetch(hub.url, tmp_path))
    told, error = sorted(
        await asyncio.gather(*both, return_exceptions=True), key=lambda one: isinstance(one, Exception)
    )
    assert isinstance(told, list)
    assert isinstance(error, SourceError)
    assert str(error) == "another process is downloading the model already"
    assert is_whole(tmp_path)


HOLDER = """
import sys, time
from pathlib import Path
from bot.sources._model_files import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


async def test_what_another_process_holds_is_free_when_it_was_killed(hub: LocalHub, tmp_path: Path) -> None:
    command = (sys.executable, "-c", HOLDER, str(tmp_path))
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout
    assert await holder.stdout.readline() == b"held\n"
    assert "another process" in str(await failure(hub.url, tmp_path))
    holder.kill()
    await holder.wait()
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"revision": "x"}',
        b'{"revision": "%s", "files": {}}' % REVISION.encode(),
        b'{"revision": "%s", "files": {"model.onnx": [1]}}' % REVISION.encode(),
    ],
)
async def test_without_a_true_receipt_nothing_is_installed(hub: LocalHub, tmp_path: Path, receipt: bytes) -> None:
    await fetch(hub.url, tmp_path)
    (tmp_path / "model.json").write_bytes(receipt)
    assert not installed(tmp_path)
    hub.requests.clear()
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)
    assert hub.asked("GET") == []  # both files were right


async def test_a_model_of_another_revision_is_replaced(hub: LocalHub, tmp_path: Path) -> None:
    await fetch(hub.url, tmp_path)
    receipt = tmp_path / "model.json"
    receipt.write_text(receipt.read_text().replace(REVISION, "0" * 40))
    assert not installed(tmp_path)
    (tmp_path / MODEL).write_bytes(b"old" * 100)
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
@pytest.mark.parametrize(
    "damage", [None, lambda _: b"", lambda _: b"cut off", lambda whole: whole[:-1] + bytes([whole[-1] ^ 1])]
)
async def test_a_file_that_is_gone_cut_off_or_changed_is_not_installed(
    hub: LocalHub, tmp_path: Path, name: str, damage: Callable[[bytes], bytes] | None
) -> None:
    await fetch(hub.url, tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    if damage:
        (tmp_path / name).write_bytes(damage(whole))
    assert not installed(tmp_path)
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


async def test_a_download_that_is_stopped_goes_on_later(hub: LocalHub, tmp_path: Path) -> None:
    hub.twist = lambda request, answer: replace(answer, cut=300, is_held=request.place == "cdn")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(fetch(hub.url, tmp_path))

        async def has_begun() -> bool:
            return part(tmp_path).exists()

        await until(has_begun, "the first part")
        task.cancel()
    hub.twist = lambda _, answer: answer
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)
