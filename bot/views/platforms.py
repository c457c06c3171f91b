"""What is said on chat platforms around the answers: labels, and what is missing for a post."""

from collections.abc import Sequence

from bot.cards import Card, Tone
from bot.views import wording

SHARE = "Share"
CONFIRM = "Confirm"
ABOUT_A_PAPER = "More about one of these papers"
PAPER_CARD = "Paper card"
GROUP_SUMMARY = "Find research papers, and have the best of each day posted"
MANAGING_SUMMARY = "Change what is posted in this channel"
CHANNEL_DELETED = "their channel was deleted"
NOT_IN_SERVER = "I am not in that server any more"
SERVER_OUT = "the server is out of order for now"
ORDER_HINT = 'Words, "a phrase", -without, author:, org:, cat:, has:code, votes:10; empty for every paper.'
ORDER_LABELS = {
    "title": "Subscribe",
    "query": "Which papers",
    "top": "How many at most",
    "at": "At what time",
    "tz": "In which time zone",
    "days": "On which days",
    "layout": "How much of each paper",
    "name": "What to call it",
    "preview": "Preview",
    "cancel": "Cancel",
}


def missing_rights(names: Sequence[str], channel: str = "") -> str:
    """A sentence for whoever can grant them; they may read it elsewhere, so it names the channel where that is known."""
    permissions = "permission" if len(names) == 1 else "permissions"
    return f"I lack the {permissions} {wording.listed(names)} in {f'#{channel}' if channel else 'this channel'}."


def cannot_look_back(name: str) -> str:
    """A warning for whoever can grant the permission: posts succeed without it, but not everything can be put right."""
    return (
        f"I lack the permission {name} in this channel: if the connection breaks while I post, I cannot see whether the "
        "message is there, and have to ask."
    )


def no_place(kind: str) -> str:
    """A sentence about a channel to which nothing can be posted."""
    return f"I cannot post in a {kind} channel yet: subscribe in a text channel or in a thread."


def cannot_post_here(error: str) -> Card:
    """Nothing is ordered or resumed where nothing could be posted."""
    return Card(f"{wording.sentence(error)} Nothing was changed.", tone=Tone.FAILURE)


def only_in_servers() -> Card:
    """Digests go to channels of servers."""
    return Card("I post in channels of servers that I was added to: say this in one of them.", tone=Tone.FAILURE)


def needs_right(group: str) -> Card:
    """What a channel gets is for those who manage it."""
    return Card(
        "Only those who may manage this channel can change what is posted here. An admin can allow it to others: "
        f"in the settings of the server, under Integrations, for /{group}.",
        tone=Tone.FAILURE,
    )


def not_a_member() -> Card:
    """What a channel gets is for those who are in it."""
    return Card(
        "Only members of that channel can do this, and I cannot see you there: say it there.", tone=Tone.FAILURE
    )


def button_expired() -> Card:
    """The command of a long button was kept for 90 days."""
    return Card("This button is more than 90 days old: please ask again.", tone=Tone.FAILURE)


def no_paper_in_message() -> Card:
    """Nothing in a message leads to a paper."""
    return Card(
        "No paper is linked in that message: I know links to arXiv, Hugging Face and alphaXiv, and bare ids.",
        tone=Tone.FAILURE,
    )


def joined(server: str) -> Card:
    """A first word to whoever owns a server."""
    return Card(
        f"Hello! I was added to {server}.",
        text=(
            "Ask me with “/papers search”, also here; only you see the answers, and nothing is posted that nobody "
            "ordered. “/papers subscribe” in a channel has the best papers of each day posted there."
        ),
    )


def archived() -> str:
    """A sentence about a channel that was put away."""
    return "The channel is archived."


def not_in_channel() -> str:
    """A sentence for whoever can invite the bot."""
    return "I am not in the channel: invite me with /invite."


def channel_hidden() -> str:
    """A sentence about a channel that Slack says is not there."""
    return "I cannot see the channel: it was deleted, or it is private and I am not in it."


def too_much_history() -> str:
    """A sentence about a channel in which too much was written to find a message."""
    return "So much was written in the channel since that I cannot find my message."


def no_window() -> Card:
    """The window of a form has to open within three seconds."""
    return Card(
        "The window could not be opened.",
        text=(
            "Say it again, or in one line: “/papers subscribe world models top:3 at:08:30 tz:Europe/Paris days:weekdays”."
        ),
        tone=Tone.FAILURE,
    )
