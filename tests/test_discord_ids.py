"""What a button means is read back from its id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import ids
from adapters.discord.ids import Press, Pressed
from tests.hostile import TEXTS

KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
COMMANDS = st.text(min_size=1, max_size=300)
PRESSES = st.sampled_from(Press)
KEYS = st.sampled_from(["", KEY])


@given(PRESSES, COMMANDS, KEYS)
def test_a_command_is_read_back_from_its_id_or_from_the_hash_it_is_kept_under(
    press: Press, command: str, key: str
) -> None:
    made = ids.custom_id(press, command, key)
    read = ids.read(made)

    assert len(made) <= ids.LONGEST
    if len(command) <= 60:
        assert read == Pressed(press, command=command)
    if len(command) > 98:
        assert read == Pressed(press, kept=ids.kept_as(command))
    assert read in (Pressed(press, command=command), Pressed(press, kept=ids.kept_as(command)))


@given(PRESSES, COMMANDS)
def test_only_the_ids_of_a_digest_begin_with_its_marker(press: Press, command: str) -> None:
    assert ids.custom_id(press, command, KEY).startswith(ids.marker(KEY))
    assert not ids.custom_id(press, command).startswith(ids.marker(KEY))
    assert not ids.custom_id(press, command, "b" * 24).startswith(ids.marker(KEY))


@given(st.lists(COMMANDS, unique=True, max_size=10), PRESSES)
def test_no_two_commands_share_an_id(commands: list[str], press: Press) -> None:
    assert len({ids.custom_id(press, command) for command in commands}) == len(commands)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_in_a_command_comes_back_as_it_was(text: str) -> None:
    read = ids.read(ids.custom_id(Press.SAY, f"search {text}", KEY))
    assert read in (Pressed(Press.SAY, f"search {text}"), Pressed(Press.SAY, kept=ids.kept_as(f"search {text}")))


@pytest.mark.parametrize(
    "custom_id",
    [
        *("", "s", "s:", "s#", "x:show 2506.08007", "S:help", "ss:help", ":help", "about", "s help", "s;help"),
        *("dg:", "dg::", f"dg:{KEY}", f"dg:{KEY}:", f"dg:{KEY}:s", f"dg:{KEY}:s:", "dg:s:help", "DG:k:s:help"),
        *("s#short", f"s#{'a' * 31}", f"s#{'A' * 32}", f"s#{'a' * 33}", f"s#{'g' * 32}", f"s#{'a' * 32}\n"),
    ],
)
def test_an_id_that_is_not_ours_means_nothing(custom_id: str) -> None:
    assert ids.read(custom_id) is None


@given(st.text())
def test_no_id_makes_it_stumble(custom_id: str) -> None:
    read = ids.read(custom_id)
    assert read is None or bool(read.command) != bool(read.kept)
