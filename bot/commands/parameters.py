"""Parameters that several commands share."""

from typing import Annotated, Literal

from bot.grammar import Between, Completes, Internal, Like

Limit = Annotated[int, "how many papers, 1 to 25", Between(1, 25)]
PageNumber = Annotated[int, "which page of them", Between(1, 25), Internal()]
PaperText = Annotated[str, "an arXiv id, a link to a paper, or words of its title", Completes.PAPER]
QueryText = Annotated[
    str, 'what to look for: words, "a phrase", -without, author:, org:, cat:, since:, has:code, votes:', Completes.QUERY
]
FilterText = Annotated[
    str, "which papers: the same as in a search, and all of it must hold; nothing for every paper", Completes.QUERY
]
NewFilterText = Annotated[str, "which papers from now on, as in a search; “all” for every paper", Completes.QUERY]
SubscriptionName = Annotated[str, "the name of a subscription; not needed where there is one", Completes.SUBSCRIPTION]
Top = Annotated[int, "how many papers at most, 1 to 20", Between(1, 20), Like("5")]
At = Annotated[str, "the local time, such as 09:00 or 9pm", Like("09:00")]
Zone = Annotated[str, "the time zone, by name or city", Completes.ZONE, Like("Europe/Paris")]
Days = Annotated[str, "daily, weekdays, some days, or weekly on one", Like("daily|weekdays|mon,wed|weekly:fri")]
LayoutName = Annotated[Literal["cards", "compact"], "how much is shown of each paper"]
MinVotes = Annotated[int, "only papers with so many votes or more", Between(0, 100_000), Like("10")]
NewName = Annotated[str, "what to call it: one word", Like("NAME")]
