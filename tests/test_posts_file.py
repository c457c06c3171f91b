"""Digests in the terminal: each is a line of a file, in which it can be found again."""

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from adapters.console.posts import PostsFile
from bot.cards import Card
from bot.errors import DeliveryError, Outcome
from bot.subscriptions import TERMINAL
from tests.hostile import TEXTS
from tests.papers import NOON, later

HERE = TERMINAL.channel
THERE = replace(HERE, id="elsewhere")
CARD = Card("A digest", text="Papers.")


def posts(folder: Path, shown: list[str] | None = None, now: datetime = NOON) -> PostsFile:
    return PostsFile(folder / "data" / "posts.jsonl", lambda: now, ([] if shown is None else shown).append)


def keys(file: PostsFile) -> list[str]:
    return [json.loads(line)["key"] for line in file.path.read_text("utf-8").splitlines() if line.startswith('{"')]


@contextmanager
def space_for(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_post_is_shown_written_down_and_found_again(tmp_path: Path) -> None:
    shown: list[str] = []
    message = await posts(tmp_path, shown).post(HERE, CARD, key="k1")
    again = posts(tmp_path)  # after a restart

    assert shown == ["A digest\nPapers.\n"]
    assert message == await again.find(HERE, key="k1", since=NOON) == "k1"
    assert json.loads(again.path.read_text("utf-8"))["text"] == "A digest\nPapers."


@pytest.mark.parametrize(
    ("channel", "key", "since"),
    [(HERE, "k2", NOON), (THERE, "k1", NOON), (HERE, "k1", later(seconds=1)), (HERE, "", NOON)],
)
async def test_only_a_post_of_that_key_channel_and_time_is_found(
    tmp_path: Path, channel: object, key: str, since: datetime
) -> None:
    file = posts(tmp_path)
    await file.post(HERE, CARD, key="k1")

    assert await file.find(channel, key=key, since=since) is None  # type: ignore[arg-type]
    assert await file.find(HERE, key="k1", since=later(seconds=-1)) == "k1"


async def test_before_the_first_post_nothing_is_found(tmp_path: Path) -> None:
    assert await posts(tmp_path).find(HERE, key="k1", since=NOON) is None


@pytest.mark.parametrize(
    "left",
    [
        b'{"key": "half", "channel": "terminal", "at',
        b'{"key": "half", "channel": "terminal", "at": 1774872000.0',
        b'{"key": "half"}',
        b'{"key": "half", "channel": "terminal", "at": "noon"}\n',
        b"[]\n",
        b"\xff\xfe\x00",
        b"\n\n",
    ],
)
async def test_a_line_that_was_cut_short_is_no_post_and_does_not_damage_the_next(tmp_path: Path, left: bytes) -> None:
    file = posts(tmp_path)
    await file.post(HERE, CARD, key="k1")
    with file.path.open("ab") as damaged:
        damaged.write(left)

    assert await file.find(HERE, key="half", since=later(days=-9)) is None
    await file.post(HERE, CARD, key="k2")
    assert await file.find(HERE, key="k1", since=NOON) == "k1"
    assert await file.find(HERE, key="k2", since=NOON) == "k2"


async def test_when_the_disk_is_full_nothing_is_posted_and_nothing_is_spoilt(tmp_path: Path) -> None:
    shown: list[str] = []
    file = posts(tmp_path, shown)
    await file.post(HERE, CARD, key="k1")
    size = file.path.stat().st_size
    with space_for(size + 20), pytest.raises(DeliveryError, match="cannot be written") as failed:
        await file.post(HERE, CARD, key="k2")

    assert failed.value.outcome is Outcome.NOT_SENT
    assert file.path.stat().st_size == size
    assert len(shown) == 1
    assert await file.post(HERE, CARD, key="k2") == "k2"
    assert keys(file) == ["k1", "k2"]


@pytest.mark.parametrize("kind", ["a folder", "below a file"])
async def test_a_path_that_cannot_be_written_is_told(tmp_path: Path, kind: str) -> None:
    file = posts(tmp_path)
    if kind == "a folder":
        file.path.mkdir(parents=True)
    else:
        file.path.parent.write_text("in the way")

    for refused in (file.post(HERE, CARD, key="k"), file.check(HERE), file.find(HERE, key="k", since=NOON)):
        with pytest.raises(DeliveryError, match=r"cannot be (written|read)") as failed:
            await refused
        assert failed.value.outcome is Outcome.NOT_SENT
        assert str(file.path) in str(failed.value)


async def test_a_check_of_a_path_that_can_be_written_posts_nothing(tmp_path: Path) -> None:
    shown: list[str] = []
    file = posts(tmp_path, shown)
    await file.check(HERE)
    await file.edit(HERE, "k1", CARD, key="k1")

    assert (file.path.read_bytes(), shown) == (b"", [])
    assert await file.ahead() is None


async def test_what_somebody_is_told_is_shown_and_is_no_post(tmp_path: Path) -> None:
    shown: list[str] = []
    file = posts(tmp_path, shown)
    await file.tell("operator", HERE, CARD)

    assert shown == ["A digest\nPapers.\n"]
    assert not file.path.exists()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_every_text_is_one_line_and_found_again(tmp_path: Path, text: str) -> None:
    file = posts(tmp_path)
    await file.post(HERE, Card(text or "x", text=text), key="k1")
    await file.post(HERE, CARD, key="k2")

    assert file.path.read_bytes().count(b"\n") == 2
    assert keys(file) == ["k1", "k2"]
