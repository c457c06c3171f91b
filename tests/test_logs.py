"""Log lines: one a command and a delivery, as text or as JSON, and never with a secret."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config, dispatch, events
from bot.cards import Card
from bot.cli import logs
from bot.cli.logs import HIDDEN, set_up, without_secrets
from bot.config import Config
from bot.core import Core
from bot.errors import DeliveryError, Outcome, Problem, UserError
from bot.events import Answered, CommandAnswered, DeliveryAttempted, SourceAsked
from bot.outbox import Outbox
from bot.store import SqlStore
from bot.subscriptions import Channel
from tests import local_feed
from tests.living import READERS, Bot, FakePlatform, Reply, failing, living
from tests.papers import MONDAY, NOON
from tests.programs import Program
from tests.secrets_of_tests import ASKED, SECRETS
from tests.test_cli import newest_days
from tests.waiting import until

COMMAND = CommandAnswered("search", Answered.ANSWER, 0.0123, "slack", "T1", "C1")
DISCORD_LIKE = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"
ONLY_LETTERS = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.fixture
def kept() -> Iterator[None]:
    """Logging as it was before."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def lines_of(caplog: pytest.LogCaptureFixture, kind: str) -> list[str]:
    return [line for line in caplog.messages if line.startswith(f"{kind} ")]


async def test_each_command_is_one_line_with_what_came_of_it(
    opened: tuple[Core, SqlStore], caplog: pytest.LogCaptureFixture
) -> None:
    core, _ = opened
    for text in ("trending", "search since:yesterdayish", "help"):
        await dispatch.run_text(text, core, NOON)
    found = [re.sub(r"seconds=[0-9.]+", "seconds=0", line) for line in lines_of(caplog, "command")]
    place = "seconds=0 platform=console tenant=local channel=terminal"
    assert found == [
        f"command verb=trending outcome=answer {place}",
        f"command verb=search outcome=refusal {place}",
        f"command verb=help outcome=answer {place}",
    ]


async def test_what_somebody_said_is_in_no_line(
    opened: tuple[Core, SqlStore], caplog: pytest.LogCaptureFixture
) -> None:
    core, _ = opened
    await dispatch.run_text("search something private", core, NOON)
    assert "private" not in caplog.text
    assert "private" not in repr(UserError(Problem.UNKNOWN_TITLE, value="private"))  # which nobody should log


@pytest.fixture
async def unnamed(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, NOON) as found:
        await found.feed(MONDAY)
        subscription = await found.subscribe("", query=f"paper|{ASKED}")
        assert ASKED in subscription.name  # which is made of what they ask for, as they give none
        await found.until(NOON.replace(hour=8, minute=30, day=31), hours=1)
        yield found


def _failing_when(event: str) -> str:
    return f"CREATE TRIGGER broken BEFORE {event} BEGIN SELECT RAISE(ABORT, 'it is broken'); END"


@pytest.mark.parametrize(
    ("replies", "of_platform", "said"),
    [
        ([], {}, "state=sent"),
        ([failing(Outcome.REFUSED)], {}, "takes no card of"),
        ([failing(Outcome.REFUSED)] * 2, {}, "in no form"),
        ([failing(Outcome.AMBIGUOUS)], {"is_blind": True}, "state=uncertain"),
        ([Reply(RuntimeError("odd"))], {}, "failed"),  # type: ignore[arg-type]  # what no platform should raise
        ([], {"edits_fail": DeliveryError(Outcome.GONE, "it is gone")}, "stay as they are"),
        ([], {"edits_fail": RuntimeError("odd")}, "stay as they are"),
    ],
)
async def test_whatever_a_platform_does_no_line_tells_what_a_subscription_asks_for(
    unnamed: Bot, caplog: pytest.LogCaptureFixture, replies: list[Reply], of_platform: dict[str, Any], said: str
) -> None:
    unnamed.platform.replies.extend(replies)
    for name, value in of_platform.items():
        setattr(unnamed.platform, name, value)
    await unnamed.until(NOON.replace(hour=20, day=31))
    assert said in caplog.text
    assert ASKED not in caplog.text


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE deliveries SET kind = 'odd'", "damaged and left out"),
        ("UPDATE subscriptions SET at = 'odd'", "damaged and left out"),
        ("UPDATE subscriptions SET zone = 'odd', planned_until = 0", "cannot be planned"),
        (
            "UPDATE subscriptions SET zone = 'odd', state = 'paused', pause = 'asked', paused_until = '2026-03-01'",
            "could not be resumed",
        ),
        (_failing_when("INSERT ON digests"), "is frozen later"),
        (
            _failing_when("UPDATE ON deliveries WHEN new.state = 'sent' AND old.attempts < 2"),
            "ended could not be written",
        ),
    ],
)
async def test_whatever_the_database_does_no_line_tells_what_a_subscription_asks_for(
    unnamed: Bot, caplog: pytest.LogCaptureFixture, damage: str, said: str
) -> None:
    async with unnamed.store.database.transaction() as tx:
        await tx.execute(damage)
    await unnamed.until(NOON.replace(hour=9, minute=30, day=31))
    assert said in caplog.text
    assert ASKED not in caplog.text


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, NOON) as found:
        await found.feed(MONDAY)
        await found.subscribe("papers")
        await found.until(NOON.replace(hour=8, minute=50, day=31), hours=1)
        yield found


async def test_each_attempt_to_deliver_is_one_line_with_its_key_and_how_far_it_came(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.platform.replies.append(failing(Outcome.NOT_SENT, retry_after=5.0))
    await bot.for_(minutes=30)
    [row] = await bot.rows()
    first, second = lines_of(caplog, "delivery")
    assert f"key={row.key} attempt=1 state=pending" in first
    assert 'error="it is not-sent"' in first
    assert (
        f"platform=fake tenant=guild channel=readers subscription={row.subscription} day={row.local_date} key={row.key}"
        in second
    )
    assert "state=sent" in second


@dataclass
class Slow(FakePlatform):
    """Answers a post only when it is let."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        self.begun.set()
        await self.answered.wait()
        return await FakePlatform.post(self, channel, card, key=key)


async def test_a_post_under_way_is_finished_when_the_bot_is_asked_to_end(bot: Bot) -> None:
    platform = Slow(bot.time)
    await bot.planner.tick(bot.time.now())
    bot.time.advance(minutes=11)
    outbox = Outbox(platform, bot.records, bot.time.clock, owner="ending")
    running = asyncio.create_task(outbox.run(is_alone=False))
    await platform.begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    platform.answered.set()

    async def is_over() -> bool:
        return running.done()

    await until(is_over, "the end of the outbox")
    assert running.cancelled()
    assert [row.state.value for row in await bot.rows()] == ["sent"]
    assert len(platform.shown(READERS)) == 1


@pytest.mark.parametrize(
    "event",
    [
        COMMAND,
        DeliveryAttempted("slack", "T1", "C1", "7f3a", "2026-03-30", "k" * 24, 1, "pending", 0.5, 'a "bad"\nline'),
        SourceAsked("huggingface.co", "200", 0.25),
    ],
)
def test_a_line_of_json_holds_the_values_by_name(event: events.Event) -> None:
    record = logging.makeLogRecord({"name": "bot.events", "levelname": "INFO", "msg": "x", "event": event})
    line = logs._Json(()).format(record)
    assert "\n" not in line
    assert json.loads(line).items() >= {"event": event.kind, **events.fields(event)}.items()


@given(ONLY_LETTERS, ONLY_LETTERS)
def test_whatever_a_host_says_a_line_stays_one_line(channel: str, error: str) -> None:
    told = DeliveryAttempted("slack", "T", channel, "1", "2026-03-30", "k", 1, "pending", 0.5, error)
    line = events.event_line(told)
    assert line.isprintable()


@pytest.mark.parametrize("log_format", config.LOG_FORMATS)
def test_no_secret_is_ever_written(kept: None, capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    tokens = {name: f"{name}-geheim-1234567890" for name in Config.__dataclass_fields__ if name.endswith("_token")}
    set_up(Config(**tokens, log_format=log_format), quiet=False)  # type: ignore[arg-type]
    log = logging.getLogger("bot.some")
    for token in tokens.values():
        log.info("asked with %s", token)
        try:
            raise ValueError(f"it refused {token}")  # noqa: TRY301
        except ValueError:
            log.exception("it went wrong")
    said = capsys.readouterr().err
    assert "geheim" not in said
    assert said.count(HIDDEN) >= 2 * len(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer geheim.geheim",
        "'Authorization': 'Bot geheimgeheimgeheimgeheim'",
        "xoxb-123-geheim-geheim",
        "xapp-1-geheim-geheim",
        "hf_geheimgeheim",
        "GET http://127.0.0.1:8080/?token=geheim HTTP/1.1",
        "wss://wss-primary.slack.com/link/?ticket=geheim&app_id=1",
        "POST https://hooks.slack.com/commands/T1/2/geheim",
        "PATCH https://discord.com/api/v10/webhooks/1/geheimgeheim/messages/@original",
        "POST https://discord.com/api/v10/interactions/1/geheimgeheim/callback",
        DISCORD_LIKE,
    ],
)
def test_what_looks_like_a_secret_is_hidden_though_nobody_said_that_it_is_one(text: str) -> None:
    shown = without_secrets(text, ())
    assert "geheim" not in shown
    assert DISCORD_LIKE not in shown
    assert HIDDEN in shown


def test_what_is_no_secret_stays_as_it_is() -> None:
    text = "search took 0.2 s: 2603.25716 in https://huggingface.co/papers/2603.25716?x=1 (arxiv.org, hf_api, xoxo)"
    assert without_secrets(text, ()) == text


@pytest.mark.parametrize("secret", SECRETS)
def test_what_is_no_word_for_a_log_is_long_enough_to_be_looked_for_in_what_every_test_logs(secret: str) -> None:
    assert len(secret) > 8


def test_a_line_break_in_a_message_begins_no_line_of_its_own(kept: None, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(Config(), quiet=False)
    logging.getLogger("bot.some").warning("it said: %s", "x\n2026-01-01 INFO bot: all is well")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_level_decides_what_is_shown_and_not_what_is_counted(
    kept: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(Config(log_level="warning"), quiet=False)
    counted: list[object] = []
    handler = logging.Handler()
    handler.emit = lambda record: counted.append(record.event)  # type: ignore[method-assign, attr-defined]
    logger = logging.getLogger(events.LOGGER)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    events.tell(COMMAND)
    logger.removeHandler(handler)
    assert counted == [COMMAND]
    assert capsys.readouterr().err == ""


def test_where_json_is_wanted_each_line_of_the_program_is_an_object(tmp_path: Path) -> None:
    today = newest_days(1)[0]
    with local_feed.serving({today: [local_feed.entry("2603.00001", "Lightning Attention")]}) as feed:
        done = Program(tmp_path, feed).run("run", typed="help\nquit\n", LOG_LEVEL="info", LOG_FORMAT="json")
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["verb"] for line in found if line.get("event") == "command"] == ["help"]
