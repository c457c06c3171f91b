"""What a reader of a chat sees of a text, and how the small readers of the tests look for what a client would format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Seen:
    """The letters of a text, what was formatted, and where links lead."""

    text: str = ""
    formats: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def first_of(rules: Mapping[str, str]) -> re.Pattern[str]:
    """Finds, from where the reader stands on, the first of these patterns that fits at the first place where one does."""
    return re.compile("|".join(f"(?P<{name.replace(' ', '_')}>{rule})" for name, rule in rules.items()))


def name_of(match: re.Match[str]) -> str:
    """Of the rule that fits."""
    assert match.lastgroup
    return match.lastgroup.replace("_", " ")


def within(match: re.Match[str]) -> list[str]:
    """What the groups of the rule that fits have taken."""
    return [group for group in match.groups()[match.lastindex or 0 :] if group is not None]
