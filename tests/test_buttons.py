"""What a button means is read back from its id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import buttons
from bot.buttons import Press, Pressed
from bot.cards import Button, Card
from bot.subscriptions import Channel
from tests.hostile import TEXTS

LONGEST = 100  # characters that Discord takes
KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
COMMANDS = st.text(min_size=1, max_size=300)
PRESSES = st.sampled_from(Press)
KEYS = st.sampled_from(["", KEY])


@given(PRESSES, COMMANDS, KEYS)
def test_a_command_is_read_back_from_its_id_or_from_the_hash_it_is_kept_under(
    press: Press, command: str, key: str
) -> None:
    made = buttons.id_of(press, command, LONGEST, key)
    read = buttons.read(made)

    assert len(made) <= LONGEST
    if len(command) <= 60:
        assert read == Pressed(press, command=command)
    if len(command) > 98:
        assert read == Pressed(press, kept=buttons.kept_as(command))
    assert read in (Pressed(press, command=command), Pressed(press, kept=buttons.kept_as(command)))


@given(PRESSES, COMMANDS)
def test_only_the_ids_of_a_digest_begin_with_its_marker(press: Press, command: str) -> None:
    assert buttons.id_of(press, command, LONGEST, KEY).startswith(buttons.marker(KEY))
    assert not buttons.id_of(press, command, LONGEST).startswith(buttons.marker(KEY))
    assert not buttons.id_of(press, command, LONGEST, "b" * 24).startswith(buttons.marker(KEY))


@given(st.lists(COMMANDS, unique=True, max_size=10), PRESSES)
def test_no_two_commands_share_an_id(commands: list[str], press: Press) -> None:
    assert len({buttons.id_of(press, command, LONGEST) for command in commands}) == len(commands)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_in_a_command_comes_back_as_it_was(text: str) -> None:
    read = buttons.read(buttons.id_of(Press.SAY, f"search {text}", LONGEST, KEY))
    assert read in (Pressed(Press.SAY, f"search {text}"), Pressed(Press.SAY, kept=buttons.kept_as(f"search {text}")))


@pytest.mark.parametrize(
    "id_",
    [
        *("", "s", "s:", "s#", "x:show 2506.08007", "S:help", "ss:help", ":help", "about", "s help", "s;help"),
        *("dg:", "dg::", f"dg:{KEY}", f"dg:{KEY}:", f"dg:{KEY}:s", f"dg:{KEY}:s:", "dg:s:help", "DG:k:s:help"),
        *("s#short", f"s#{'a' * 31}", f"s#{'A' * 32}", f"s#{'a' * 33}", f"s#{'g' * 32}", f"s#{'a' * 32}\n"),
    ],
)
def test_an_id_that_is_not_ours_means_nothing(id_: str) -> None:
    assert buttons.read(id_) is None


@given(st.text())
def test_no_id_makes_it_stumble(id_: str) -> None:
    read = buttons.read(id_)
    assert read is None or bool(read.command) != bool(read.kept)


@pytest.mark.parametrize("channel", [Channel("discord", "300", "400"), Channel("slack", "T1", "C0ADA")])
def test_a_button_that_is_about_a_channel_names_it_and_says_the_same(channel: Channel) -> None:
    card = buttons.about(Card("Paused", buttons=(Button("Go on", "resume papers"),)), channel)
    assert buttons.read_about(card.buttons[0].command, channel.platform) == (channel, "resume papers")


@pytest.mark.parametrize(
    "text", ["resume papers", "search @1.2 x", "@1.2", "@1 resume x", "@1.2.3 x", "@.2 x", "", "@ä.1 x"]
)
def test_what_names_no_channel_is_about_none(text: str) -> None:
    assert buttons.read_about(text, "slack") == (None, text)
