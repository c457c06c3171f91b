"""A command is an annotated function; its signature is read once, for every platform.

    async def search(request, query: Annotated[str, "what to look for"], *,
                     limit: Annotated[int, "how many papers", Between(1, 25)] = 5) -> Card:
        '''Find papers.'''

Parameters before the `*` are given by position, and the last of them takes the rest of the text;
those after it by name: `limit:5`.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from bot import typed
from bot.cards import Card
from bot.errors import Problem, UserError

_EXPECTED = "a parameter of a command is Annotated[str | int | Literal[...], 'description', ...]"

Value = str | int
Arguments = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Between:
    """The bounds of a whole number, both included."""

    low: int
    high: int


class Completes(StrEnum):
    """What a parameter can be completed from while somebody types."""

    PAPER = "paper"
    QUERY = "query"
    VERB = "verb"
    ZONE = "zone"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class Like:
    """An example of a value, for lines of usage where the default says nothing."""

    example: str


@dataclass(frozen=True, slots=True)
class Internal:
    """Marks a parameter that buttons use and people are not shown."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command."""

    name: str
    description: str
    default: Value | None  # None: it must be given
    by_name: bool
    choices: tuple[str, ...] = ()
    between: Between | None = None
    completes: Completes | None = None
    internal: bool = False
    example: str = ""

    @property
    def usage(self) -> str:
        """How it is written in a line of usage: `QUERY`, `[today|week|month]`, `[limit:5]`."""
        value = self.example or "|".join(self.choices)
        shown = f"{self.name}:{value or self.default}" if self.by_name else value or self.name.upper()
        return shown if self.default is None else f"[{shown}]"

    def is_called(self, name: str) -> bool:
        """Whether that is its name, in any case; `min_votes` and `minvotes` are `min-votes`."""
        small = name.lower()
        return small == self.name or (
            "-" in self.name and small in (self.name.replace("-", sign) for sign in ("_", ""))
        )

    def is_left_open(self, given: Mapping[str, Value]) -> bool:
        """Whether it was named and given no value, where none would mean something else."""
        return self.by_name and self.default == "" and given.get(self.name) == "" and not self.internal

    def value(self, given: Value) -> Value:
        """The value that was given, checked. Raises UserError."""
        if self.between:
            return self._number(given)
        text = typed.clean(str(given))
        if self.choices and text.lower() not in self.choices:
            raise UserError(Problem.NOT_A_CHOICE, name=self.name, value=text, choices=self.choices)
        return text.lower() if self.choices else text

    def _number(self, given: Value) -> int:
        assert self.between
        text = str(given).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
            raise UserError(Problem.NOT_A_NUMBER, name=self.name, value=text, **self._bounds())
        if not self.between.low <= int(text) <= self.between.high:
            raise UserError(Problem.OUT_OF_RANGE, name=self.name, value=text, **self._bounds())
        return int(text)

    def _bounds(self) -> dict[str, int]:
        return {"low": self.between.low, "high": self.between.high} if self.between else {}


@dataclass(frozen=True, slots=True)
class Command:
    """A verb that people can say."""

    name: str
    summary: str  # one sentence
    details: str
    run: Callable[..., Awaitable[Card]]
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """How it is typed, such as `search QUERY [limit:5]`."""
        return " ".join((self.name, *(p.usage for p in self.parameters if not p.internal)))

    @property
    def defaults(self) -> dict[str, Value]:
        """What need not be given, by name."""
        return {p.name: p.default for p in self.parameters if p.default is not None}

    def bind(self, given: Arguments) -> dict[str, Value]:
        """Every parameter with its checked value, from values by name. Raises UserError."""
        bound: dict[str, Value] = {}
        for parameter in self.parameters:
            value = parameter.value(given[parameter.name]) if parameter.name in given else parameter.default
            if value is None or (value == "" and parameter.default is None):
                raise UserError(Problem.MISSING_ARGUMENT, name=parameter.name, usage=self.usage)
            if parameter.is_left_open(given):
                raise UserError(Problem.EMPTY_VALUE, name=parameter.name, usage=parameter.usage.strip("[]"))
            bound[parameter.name] = value
        return bound

    def read(self, text: str) -> dict[str, Value]:
        """The values by name that the typed `text` after the verb gives; not checked yet."""
        given: dict[str, Value] = {}
        rest: list[str] = []
        for word in typed.words(text):
            name, value = self._named(word)
            if name:
                given[name] = value
            else:
                rest.append(word)
        return given | self._by_position(rest)

    def typed(self, arguments: Arguments) -> str:
        """The text that says this command with these arguments; defaults at the end are left out.

        A word such as `limit:3` inside another argument is put into quotes, which keep it there.
        """
        values = {parameter: arguments.get(parameter.name, parameter.default) for parameter in self.parameters}
        placed = [parameter for parameter in self.parameters if not parameter.by_name]
        while placed and values[placed[-1]] == placed[-1].default:
            placed.pop()
        by_name = [p for p in self.parameters if p.by_name and values[p] != p.default]
        texts = (self._kept_together(str(values[p])) for p in placed)
        return " ".join((self.name, *texts, *(f"{p.name}:{_one_word(str(values[p]))}" for p in by_name)))

    def _named(self, word: str) -> tuple[str, str]:
        """The parameter that a word such as `limit:5` or `limit=5` gives by name, and its value; else nothing."""
        name, *values = re.split("[:=]", word, maxsplit=1)
        for parameter in self.parameters:
            if parameter.by_name and values and parameter.is_called(name):
                is_meant = values[0] or (name.islower() and not parameter.internal)  # `Part: ...` stands in titles
                return (parameter.name, values[0].strip('"')) if is_meant else ("", "")
        return "", ""

    def _by_position(self, words: list[str]) -> dict[str, Value]:
        given: dict[str, Value] = {}
        positional = [p for p in self.parameters if not p.by_name]
        for parameter in positional:
            is_last = parameter is positional[-1]
            optional_choice = parameter.choices and parameter.default is not None and not is_last
            if not words or (optional_choice and words[0].lower() not in parameter.choices):
                continue
            given[parameter.name] = " ".join(words) if is_last else words[0]
            words = [] if is_last else words[1:]
        if words:
            raise UserError(Problem.SURPLUS_TEXT, text=" ".join(words), usage=self.usage)
        return given

    def _kept_together(self, text: str) -> str:
        """The text, read as one argument: what would be read as another one is quoted."""
        words = typed.words(text)
        return " ".join(shielded(word) if self._named(word)[0] else word for word in words)


def command(function: Callable[..., Awaitable[Card]]) -> Command:
    """The command that an annotated function is; its first parameter is the request."""
    hints = get_type_hints(function, include_extras=True)
    _, *parameters = inspect.signature(function).parameters.values()
    summary, _, details = (inspect.getdoc(function) or "").partition("\n")
    read = tuple(_parameter(parameter, hints[parameter.name]) for parameter in parameters)
    name = function.__name__.rstrip("_").replace("_", "-")
    return Command(name, summary, details.strip(), function, read)


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{parameter.name}: {_EXPECTED}")
    kind, description, *marks = get_args(hint)
    is_literal = get_origin(kind) is Literal and all(isinstance(choice, str) for choice in get_args(kind))
    if kind not in (str, int) and not is_literal:
        raise TypeError(f"{parameter.name}: {_EXPECTED}")
    between = next((mark for mark in marks if isinstance(mark, Between)), None)
    if (kind is int) != bool(between):
        raise TypeError(f"{parameter.name}: a whole number needs Between(low, high), and nothing else has it")
    return Parameter(
        name=parameter.name.replace("_", "-"),
        description=description,
        default=None if parameter.default is inspect.Parameter.empty else parameter.default,
        by_name=parameter.kind is inspect.Parameter.KEYWORD_ONLY,
        choices=get_args(kind) if is_literal else (),
        between=between,
        completes=next((mark for mark in marks if isinstance(mark, Completes)), None),
        internal=any(isinstance(mark, Internal) for mark in marks),
        example=next((mark.example for mark in marks if isinstance(mark, Like)), ""),
    )


def shielded(word: str) -> str:
    """A word such as `limit:3` or `limit=3|model` in quotes, which keep it from being read as an argument."""
    first, bar, others = word.partition("|")
    return f"{_quoted(first)}{bar}{others}" if first.count('"') % 2 == 0 else _quoted(word)


def _one_word(text: str) -> str:
    return _quoted(text) if " " in text else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'
