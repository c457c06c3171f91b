"""A paper on a card."""

from dataclasses import replace

from bot.cards import Button, Link, PaperItem
from bot.excerpts import first_sentences, shorten
from bot.models import Hit, Paper
from bot.readable import readable
from bot.views import wording

SUMMARY_LENGTH = 300
TITLE_LENGTH = 300  # no real title reaches it
CHOICE_LENGTH = 100  # what platforms show of a completion
NAMED_AUTHORS = 3
QUOTED_LENGTH = 100  # of what is repeated from a question or another card
_NAME_LENGTH = 60
_LABEL_AI = "AI summary by Hugging Face"


def item(paper: Paper, badge: str = "") -> PaperItem:
    """The paper as it stands in every list and on its own."""
    summary, label = (paper.ai_summary, _LABEL_AI) if paper.ai_summary else (paper.abstract, "")
    abstract = (Button("Abstract", f"show {paper.id} part:abstract"),) if paper.abstract else ()
    bare = without_summary(paper)
    return replace(
        bare,
        summary=first_sentences(readable(summary), SUMMARY_LENGTH) if summary else "",
        summary_label=label,
        badge=badge,
        thumbnail_url=paper.thumbnail_url,
        buttons=(*abstract, *bare.buttons),
    )


def without_summary(paper: Paper) -> PaperItem:
    """The paper as it stands below its abstract."""
    return PaperItem(
        id=paper.id,
        title=title(paper.title),
        url=paper_url(paper),
        byline=_byline(paper),
        numbers=_numbers(paper),
        links=_links(paper),
        buttons=(Button("Similar", f"similar {paper.id}"), Button("Cite", f"cite {paper.id}")),
    )


def title(text: str) -> str:
    """The title as it can be read anywhere."""
    return shorten(readable(text), TITLE_LENGTH)


def title_choice(hit: Hit) -> str:
    """The title in a list of completions."""
    return shorten(readable(hit.title), CHOICE_LENGTH)


def name_choice(name: str) -> str:
    """The name in a list of completions."""
    return shorten(readable(name), CHOICE_LENGTH)


def paper_url(paper: Paper) -> str:
    """Where its title leads: its page at Hugging Face when a batch lists it, else arXiv."""
    return f"https://huggingface.co/papers/{paper.id}" if paper.batch else arxiv_url(paper)


def arxiv_url(paper: Paper) -> str:
    """Its page at arXiv."""
    return f"https://arxiv.org/abs/{paper.id}"


def authors(paper: Paper) -> str:
    """`Ada Lovelace, Alan Turing, Emmy Noether and 12 more`"""
    names = [shorten(readable(name), _NAME_LENGTH) for name in paper.authors[:NAMED_AUTHORS]]
    more = len(paper.authors) - len(names)
    return f"{', '.join(names)} and {more:,} more" if more else wording.listed(names)


def _byline(paper: Paper) -> str:
    when = ""
    if paper.batch:
        when = f"batch of {wording.day(paper.batch)}"
    elif paper.published:
        when = f"arXiv, {wording.day(paper.published)}"
    organization = shorten(readable(paper.organization), _NAME_LENGTH) if paper.organization else ""
    return " · ".join(filter(None, (organization, authors(paper), when)))


def _numbers(paper: Paper) -> str:
    """Only what is known: a dash for what is not would be noise."""
    known = (
        ("▲ ", paper.votes),
        ("💬 ", paper.comments or None),
        ("⭐ ", paper.stars or None),
    )
    return "  ".join(f"{sign}{number:,}" for sign, number in known if number is not None)


def _links(paper: Paper) -> tuple[Link, ...]:
    known = (("arXiv", arxiv_url(paper)), ("Code", paper.code_url), ("Project", paper.project_url))
    return tuple(Link(label, url) for label, url in known if url)
