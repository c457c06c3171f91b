"""What the bot says of itself."""

from collections.abc import Sequence

from bot.cards import Card, Row
from bot.grammar import Command

_WORDS = {
    "search": Row("words", "rank the papers; any of them may match, and mistakes are repaired"),
    "trending": Row("words", "must all be there"),
}
_QUERY_LANGUAGE = (
    Row('"a phrase"', "must stand in the title or the abstract; so must a single word in quotes"),
    Row("-word", "leaves out papers that have it; -author:, -org: and -cat: too"),
    Row("a|b", "one of the two must be there"),
    Row("author:lecun", 'also author:"yann lecun"; org:nvidia and cat:cs.CV likewise'),
    Row("since:30d", "from that day on: also 2w, 6m, 1y, today, yesterday, 2026-01-31; after: means the same"),
    Row("before:2026-02-01", "before that day"),
    Row("has:code", "only papers with code; -has:code only those without"),
    Row("votes:10", "only papers with that many votes or more"),
)


def overview(commands: Sequence[Command]) -> Card:
    """All verbs and the query language."""
    verbs = tuple(Row(command.usage, command.summary) for command in commands)
    return Card(
        "What you can say",
        text=(
            "PAPER is an arXiv id, a link to a paper, or words of its title. QUERY is made of the words and filters "
            "that are listed below the commands. Text that begins with no command is a search."
        ),
        rows=(*verbs, _WORDS["search"], *_QUERY_LANGUAGE),
        notes=("“help VERB” says more.",),
    )


def command_help(command: Command) -> Card:
    """One verb."""
    shown = (p for p in command.parameters if not p.internal)
    rows = tuple(Row(parameter.usage, parameter.description) for parameter in shown)
    language = (_WORDS[command.name], *_QUERY_LANGUAGE) if command.name in _WORDS else ()
    text = " ".join(f"{command.summary} {command.details}".split())
    return Card(command.usage, text=text, rows=(*rows, *language))


def privacy() -> Card:
    """What is kept of people: who gave an order and for which channel, and nothing of those who gave none."""
    return Card(
        "Privacy",
        text=(
            "The bot reads only what you say to it, answers, and forgets it: no name and no question is stored, "
            "except that the words of a long button are kept for 90 days, without your name, so that it still works. "
            "With a subscription, the platform's ids of the channel and of you, who ordered it, are kept, "
            "so that you can be told when something is wrong with it: until “unsubscribe” ends it. "
            "“forget-me” deletes your id at once, and the subscription goes on without it. "
            "All else that is stored is of papers: who wrote them, how many votes they had at what time, "
            "and which of them were posted in which channel, so that none comes twice. "
            "In a terminal, what you type is kept on your own machine: as its history, in the data folder; "
            "on the bot's own page, by your browser, until you close the tab."
        ),
    )
