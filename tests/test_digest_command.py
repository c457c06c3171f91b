"""`python -m bot digest`: it shows what would be posted, and posts nothing."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import feed_days
from bot.views import wording
from tests import local_feed
from tests.programs import SECONDS, Program
from tests.slack_rules import check

TODAY, BEFORE = feed_days.last_batch_days(datetime.now(UTC), 2)
SATURDAY = TODAY - timedelta(days=TODAY.isoweekday() + 1)
DAYS = {
    TODAY: [
        local_feed.entry("2603.00001", "Lightning Attention", 9),
        local_feed.entry("2603.00002", "Maps of the World", 3),
        local_feed.entry("2603.00003", "Limits of Attention", 1),
    ],
    BEFORE: [local_feed.entry("2602.00003", "Reinforcement Pre-Training", 5)],
}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for all: what shows a digest changes nothing."""
    with local_feed.serving(DAYS) as feed:
        program = Program(tmp_path_factory.mktemp("home"), feed)
        assert program.call("sync", "--days", "2").returncode == 0
        yield program


def shown(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The titles of the papers, in order."""
    return [line.split(". ", 1)[1] for line in done.stdout.splitlines() if line[:1].isdigit() and ". " in line[:4]]


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ((), ["Lightning Attention", "Maps of the World", "Limits of Attention"]),
        (("--date", f"{TODAY}"), ["Lightning Attention", "Maps of the World", "Limits of Attention"]),
        (("--date", f"{TODAY}", "--as", "text", "attention"), ["Lightning Attention", "Limits of Attention"]),
        (("attention", "votes:5"), ["Lightning Attention"]),
        (("“maps of the world”",), ["Maps of the World"]),
        (("all", "--top", "1"), ["Lightning Attention"]),
        (("--date", f"{BEFORE}", "--layout", "compact"), ["Reinforcement Pre-Training"]),
    ],
)
def test_a_digest_is_shown_as_it_would_be_posted(
    stocked: Program, arguments: tuple[str, ...], titles: list[str]
) -> None:
    done = stocked.call("digest", *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Papers of ")
    assert shown(done) == titles
    assert ("About" in done.stdout) is ("compact" not in arguments)
    assert "“edit papers” changes what comes here" in done.stdout


def test_a_digest_is_shown_as_the_payload_for_slack(stocked: Program) -> None:
    done = stocked.call("digest", "--as", "slack", "--date", f"{TODAY}", "attention")
    payload = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    check(payload)
    assert [line.split(" https://")[0] for line in payload["text"].split("\n") if line[:3] in ("1. ", "2. ")] == [
        "1. Lightning Attention",
        "2. Limits of Attention",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("xyzzy",), 1, "Nothing passes the filter, of 3 papers in all."),
        (("--date", f"{SATURDAY}"), 1, f"There is no batch of {wording.day(SATURDAY)} here: the feed has none at weekends"),
        (("--date", "2999-01-01"), 1, "Tue 1 Jan 2999 is still to come"),
        (("--date", "0001-01-01"), 1, "There is no batch of Mon 1 Jan 1 here"),
        (("author:",), 1, "author: needs a value right behind the colon"),
        (("auther:lovelace",), 1, "did you mean author:?"),
        (("?!",), 1, "There is no word to look for"),
    ],
)  # fmt: skip
def test_where_nothing_would_be_posted_a_sentence_says_why(
    stocked: Program, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    done = stocked.call("digest", *arguments)

    assert (done.returncode, done.stderr) == (status, "")
    assert sentence in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--date", "yesterday"), "yesterday is no day such as 2026-11-20"),
        (("--date", "2026-02-30"), "2026-02-30 is no day such as 2026-11-20"),
        (("--top", "21"), "invalid choice: 21"),
        (("--top", "many"), "invalid int value: 'many'"),
        (("--layout", "poster"), "invalid choice: 'poster'"),
        (("--as", "fax"), "invalid choice: 'fax'"),
    ],
)
def test_an_argument_that_makes_no_sense_is_told(stocked: Program, arguments: tuple[str, ...], sentence: str) -> None:
    done = stocked.call("digest", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_before_the_first_batch_there_is_a_sentence(tmp_path: Path) -> None:
    done = Program(tmp_path).call("digest", "--date", f"{date(2026, 3, 30)}")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("There is no batch of Mon 30 Mar 2026 here")
    assert "python -m bot sync" in Program(tmp_path).call("digest").stdout


def test_a_digest_is_shown_beside_a_running_bot_and_nothing_else_is_changed(stocked: Program) -> None:
    with stocked.start("run") as bot:
        assert bot.stdin
        bot.stdin.write("status\n")
        bot.stdin.flush()
        Program.wait_for(bot, "Papers")
        digest = stocked.run("digest", "attention")
        asked = stocked.call("ask", "subscribe attention confirm:yes")
        previewed = stocked.call("ask", "subscribe attention")
        listed = stocked.call("ask", "subscriptions")
        bot.communicate("quit\n", timeout=SECONDS)

    assert (digest.returncode, shown(digest)) == (0, ["Lightning Attention", "Limits of Attention"])
    assert (asked.returncode, asked.stderr) == (1, "")
    assert asked.stdout.strip() == (
        "The bot is running in another process, which alone can change something: say it there."
    )
    assert (previewed.returncode, previewed.stdout.splitlines()[0]) == (0, "Subscribe “attention” here?")
    assert (listed.returncode, listed.stdout.splitlines()[0]) == (0, "Nothing is subscribed here.")
    assert stocked.call("ask", "subscribe attention confirm:yes").returncode == 0
