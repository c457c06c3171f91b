"""The command line about Discord: the payload of a digest, the token and the invitation, the settings, the manual."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from adapters.discord import rights
from bot import config
from bot.cli import check, digest
from bot.cli.main import _COMMANDS
from bot.commands import COMMANDS
from bot.config import Config
from bot.errors import ConfigError
from tests import discord_rules
from tests.discord_server import serving
from tests.discord_state import TOKEN, Fault, Server
from tests.discord_values import BOT
from tests.local_feed import entry
from tests.local_feed import serving as feeding
from tests.programs import NOWHERE, Program
from tests.test_cli import newest_days

MANUAL = (Path(__file__).parents[1] / "deploy" / "discord.md").read_text("utf-8")
INVITED = 1024 + 2048 + 16384 + 65536 + (1 << 38)
SECRET = "MTA.secret.token"


async def looked(server: Server, token: str = TOKEN) -> tuple[str, str]:
    return await check._discord(Config(discord_token=token, discord_api_url=server.url))


async def test_the_link_invites_the_bot_with_exactly_what_it_needs() -> None:
    async with serving() as server:
        verdict, sentence = await looked(server)
    link = urlsplit(sentence.split(" ")[-1])

    assert verdict == check.OK
    assert (link.hostname, link.path) == ("discord.com", "/oauth2/authorize")
    assert parse_qs(link.query) == {
        "client_id": [BOT],
        "scope": ["bot applications.commands"],
        "permissions": [str(INVITED)],
    }


async def test_a_token_that_does_not_work_is_bad_and_not_repeated() -> None:
    async with serving() as server:
        verdict, sentence = await looked(server, SECRET)
    assert verdict == check.BAD
    assert "DISCORD_TOKEN" in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ([], "DISCORD_API_URL"),
        ({"id": "x&scope=admin"}, "DISCORD_API_URL"),
        ({"id": "1", "name": "a\x1b[2J", "interactions_endpoint_url": "https://x.org"}, "Interactions Endpoint URL"),
    ],
)
async def test_an_application_that_cannot_serve_the_bot_is_bad(body: discord_rules.Json, advice: str) -> None:
    async with serving() as server:
        server.faults.append(Fault("GET", "/applications/@me", 200, body))
        verdict, sentence = await looked(server)
    assert verdict == check.BAD
    assert advice in sentence
    assert "\x1b" not in sentence


def test_without_a_network_check_says_one_sentence_and_without_a_token_none(tmp_path: Path) -> None:
    with_token = Program(tmp_path).call("check", DISCORD_TOKEN=SECRET, DISCORD_API_URL=NOWHERE)
    lines = [line for line in with_token.stdout.splitlines() if "Discord" in line]

    assert [line.split()[:2] for line in lines] == [["bad", "Discord"]]
    assert SECRET not in with_token.stdout + with_token.stderr
    assert "Discord" not in Program(tmp_path).call("check").stdout


@pytest.mark.parametrize("silent", ["no", "yes"])
def test_a_digest_is_printed_as_the_payload_that_is_posted(tmp_path: Path, silent: str) -> None:
    day = newest_days(1)[0]
    titles = ("Lightning @everyone", "Slow *Attention*", "Dance")
    with feeding({day: [entry(f"2603.0000{n}", title, n) for n, title in enumerate(titles)]}) as feed:
        program = Program(tmp_path, feed)
        program.call("sync", "--days", "1")
        arguments = ("digest", "--as", "discord", "--date", day.isoformat())
        printed = program.call(*arguments, DISCORD_SILENT=silent)
        nothing = program.call(*arguments, "xyzzy")
    payload = json.loads(printed.stdout)

    discord_rules.check(payload)
    assert bool(payload["flags"] & 1 << 12) == (silent == "yes")
    assert "nonce" not in payload
    assert "Slow \\*Attention\\*" in "".join(discord_rules.texts(payload))
    assert (printed.returncode, nothing.returncode) == (0, 1)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"DISCORD_TOKEN": "two words"}, "DISCORD_TOKEN: it holds characters that no token has"),
        ({"DISCORD_TOKEN": "tökén"}, "DISCORD_TOKEN: it holds characters that no token has"),
        ({"DISCORD_API_URL": "http://discord.example/api"}, "DISCORD_API_URL: write an https address"),
        ({"DISCORD_API_URL": "https://user:pw@discord.com/api"}, "DISCORD_API_URL: write an https address"),
        ({"DISCORD_SILENT": "perhaps"}, "DISCORD_SILENT: write yes or no"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_in_a_sentence(given: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config.load(given)
    [said] = raised.value.problems
    assert said.startswith(problem)
    assert not any(value in said for value in given.values())


def test_the_settings_of_discord_are_read_and_the_token_is_never_shown() -> None:
    given = {"DISCORD_TOKEN": SECRET, "DISCORD_API_URL": "http://127.0.0.1:7300/api/v10", "DISCORD_SILENT": "yes"}
    loaded = config.load(given)

    assert (loaded.discord_token, loaded.discord_silent) == (SECRET, "yes")
    assert loaded.discord_api_url == given["DISCORD_API_URL"]
    assert SECRET not in repr(loaded)
    assert config.load({"DISCORD_TOKEN": " "}).discord_token == ""
    assert config.load({}).discord_api_url == "https://discord.com/api/v10"


def test_the_manual_is_short_and_names_only_what_there_is() -> None:
    verbs = set(re.findall(r"`/papers ([a-z-]+)", MANUAL))
    settings = set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", MANUAL))
    programs = set(re.findall(r"python -m bot ([a-z]+)", MANUAL))

    assert len(MANUAL.splitlines()) < 80
    assert verbs
    assert verbs <= set(COMMANDS)
    assert {name.lower() for name in settings} <= set(Config.__dataclass_fields__)
    assert programs <= {command.__name__.rpartition(".")[2].rstrip("_") for command in _COMMANDS}
    assert "discord" in digest._FORMS


def test_the_manual_explains_every_permission_that_the_invitation_asks_for() -> None:
    named = set(re.findall(r"^\| ([A-Z][A-Za-z ]+?) \|", MANUAL, re.MULTILINE))
    explained = {name.lower().replace(" ", "_"): True for name in named}
    assert discord.Permissions(**explained) == rights.INVITED
