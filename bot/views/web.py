"""The words of the page on which the bot can be tried, and of its board."""

from collections.abc import Mapping
from datetime import date, datetime

from bot.board import Ordered, Orders
from bot.cards import Card, Tone
from bot.deliveries import State
from bot.health import Phase
from bot.subscriptions import Channel, Standing
from bot.views import wording
from bot.views.digests import local_time
from bot.views.subscriptions import ordered

WRONG_HOST = "This page is shown to this machine alone: open it under 127.0.0.1 or localhost, or set HTTP_TOKEN."
WRONG_ORIGIN = "This came from another page, so nothing was done."
TOKEN_NEEDED = "Sign in on the page first, or send HTTP_TOKEN as a bearer token."  # noqa: S105
WRONG_TOKEN = "That is not the token."  # noqa: S105
NOT_UNDERSTOOD = "That request cannot be understood."
NO_SUCH_PAGE = "There is no such page."
OUT_OF_ORDER = "Something went wrong; the log of the bot says more."
TOO_SLOW = "That request took too long."

# What stands in the page itself.
SHOWN: Mapping[str, str] = {
    "name": "Paper Round",
    "ask": "Ask",
    "digest": "Digest",
    "board": "Board",
    "views": "Parts of this page",
    "shown_as": "Show as",
    "as_page": "Page",
    "as_discord": "Discord",
    "as_slack": "Slack",
    "what_to_say": "What to say to the bot",
    "send": "Ask",
    "hint": "search world models, trending week, an arXiv id …",
    "answers": "Answers",
    "suggestions": "Suggestions",
    "greeting": "Find research papers",
    "introduction": (
        "This is the bot as people meet it on Discord and Slack: say here what they would say there, and see the "
        "answers as each platform lays them out. Nothing is posted from this page."
    ),
    "digest_title": "What a channel would be posted",
    "digest_text": "The digest of a day for a filter, as it would go out. Nothing is posted.",
    "query": "Which papers",
    "query_hint": "every paper",
    "day": "Batch of",
    "top": "How many",
    "layout": "How much of each",
    "cards": "With summaries",
    "compact": "Titles only",
    "show": "Show",
    "board_title": "How it is going",
    "loading": "One moment …",
    "again": "Look again",
    "token_title": "Who is there?",
    "token_text": "This page is guarded: enter what HTTP_TOKEN says.",
    "token": "Token",
    "sign_in": "Sign in",
    "skip": "Skip to the field to ask in",
    "no_script": "This page needs JavaScript, which comes from this same machine.",
}

# What the scripts say; `{}` is filled in.
SAID: Mapping[str, str] = {
    "examples": "trending today\nsearch world models has:code\nsimilar 1706.03762\nhelp",
    "copy": "Copy",
    "copied": "Copied",
    "notCopied": "It could not be copied: mark the text and copy it by hand.",
    "share": "Share",
    "shared": "What everybody in the channel would see; nothing was posted",
    "payload": "The payload",
    "builder": "Open in Slack’s Block Kit Builder",
    "builderNote": "hands the message to Slack’s own page",
    "asDiscord": "As Discord would show it",
    "asSlack": "As Slack would show it",
    "picture": "Picture from {}",
    "choose": "Choose …",
    "bot": "APP",
    "you": "You",
    "suggestions": "{} suggestions; the arrow keys choose",
    "noAnswer": "The bot does not answer; is it running?",
    "signedOut": "You are signed out: load this page again.",
    "subscriptions": "Subscriptions",
    "noSubscriptions": "Nothing is subscribed in any channel yet.",
    "more": "and {} more",
    "deliveries": "Deliveries of the last 14 days",
    "allChannels": "All channels",
    "next": "Next",
    "last": "Last",
    "votes": "Votes of this week’s top papers",
    "noVotes": "The votes of this week’s papers were not seen twice yet.",
    "state": "State",
    "refresh": "Look again",
    "of": "Subscription",
    "days": "Days",
}

_STATES = {
    State.SENT: "sent",
    State.SKIPPED: "skipped",
    State.PENDING: "waiting",
    State.UNCERTAIN: "uncertain",
    State.DEAD: "failed",
}


def waiting(phase: Phase) -> str:
    """Why there is nothing to see yet, and what to do."""
    if phase is Phase.STANDING_BY:
        return "Another Paper Round uses the same database; this one stands by until that one ends, and answers then."
    return "Paper Round is starting: it opens what is stored, or fetches its first papers. Try again in a moment."


def no_place(command: str) -> Card:
    """The page is no channel."""
    return Card(
        "This page has no place to post.",
        text="Say this in the channel that it is for:",
        code=f"/papers {command}",
        tone=Tone.FAILURE,
    )


def state(found: State) -> str:
    """One word for it."""
    return _STATES[found]


def counted(counts: Mapping[State, int]) -> str:
    """`3 sent, 1 failed`; `nothing` of a day without any."""
    return wording.listed([f"{count:,} {_STATES[one]}" for one, count in counts.items() if count]) or "nothing"


def legend() -> dict[str, str]:
    """All states with their words."""
    return {one.value: word for one, word in _STATES.items()}


def votes(number: int | None) -> str:
    """`1,000 votes`; empty where nobody has counted them."""
    return "" if number is None else wording.count(number, "vote")


def order_row(one: Ordered, now: datetime) -> dict[str, str]:
    """Where it goes, what it is, and when it comes."""
    subscription = one.subscription
    zone = subscription.order.schedule.zone
    is_active = subscription.standing is Standing.ACTIVE
    return {
        "name": subscription.name,
        "place": place(subscription.channel),
        "what": wording.sentence(ordered(subscription.order)),
        "standing": "" if is_active else subscription.standing.value,
        "last": wording.ago(one.last, now) if one.last else "never",
        "next": local_time(one.next, zone) if one.next and is_active else "",
    }


def place(channel: Channel) -> str:
    """Where a channel is, as its platform calls it."""
    return " · ".join(filter(None, (channel.platform, channel.tenant, channel.id)))


def day_label(day: date) -> str:
    """`Fri 20 Nov 2026`"""
    return wording.day(day)


def more(orders: Orders) -> int:
    """How many subscriptions are not shown."""
    return orders.total - len(orders.shown)
