"""Parameters that several commands share."""

from typing import Annotated

from bot.grammar import Between, Completes, Internal

Limit = Annotated[int, "how many papers, 1 to 25", Between(1, 25)]
PageNumber = Annotated[int, "which page of them", Between(1, 25), Internal()]
PaperText = Annotated[str, "an arXiv id, a link to a paper, or words of its title", Completes.PAPER]
QueryText = Annotated[
    str, 'what to look for: words, "a phrase", -without, author:, org:, cat:, since:, has:code, votes:', Completes.QUERY
]
