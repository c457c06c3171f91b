"""Orders: before they are given, as they stand, and how they do."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Button, Card, Row
from bot.deliveries import Delivery, Due, State, Why
from bot.excerpts import shorten
from bot.readable import readable
from bot.results import Preview, Sample, Standings
from bot.subscriptions import DAY_NAMES, Kind, Layout, Order, Pause, Schedule, Standing, Subscription
from bot.views import wording
from bot.views.digests import filtered, local_time

_SETS = {"daily": "every day", "weekdays": "Monday to Friday", "weekends": "Saturday and Sunday"}
_WHY = {
    Why.NO_BATCH: "the feed had no new batch",
    Why.NO_FEED: "the feed could not be asked; its papers come with the next one",
    Why.NO_MATCH: "no paper passed its filter",
    Why.ALL_POSTED: "all papers that passed its filter had been posted here before",
    Why.LATE: "it was too late when it could have been sent; its papers come with the next one",
    Why.COMBINED: "a later one brought its papers along",
    Why.PAUSED: "it was paused",
    Why.DAMAGED: "what was stored of it is damaged; the log of the bot says more",
    Why.UNREADABLE: "its filter cannot be read: change it with “edit”",
    Why.CHANNEL: "I could not post here",
    Why.REFUSED: "the platform refused the message, which is my fault; the log of the bot says why",
    Why.BLIND: "it may have been posted, but I may not look",
}
_NEW_ZONE = "choose another with “edit”, as in tz:Europe/Paris"
_DOUBT = (
    "if it is missing here, say “resume again:{key}” within two days; "
    "give me the right to read this channel's history, so that I can look myself"
)
_PAUSES = {
    Pause.ASKED: "paused: “resume {name}” goes on",
    Pause.PERMISSION: "paused: I could not post here (no right, not a member, or archived); “resume {name}” goes on",
    Pause.CHANNEL_GONE: "ended, because the channel was gone: say “resume {name}” if it is back",
    Pause.TENANT_LOST: "paused, because I was removed: say “resume {name}” to go on",
}


def subscription_preview(preview: Preview, now: datetime, confirm: str) -> Card:
    """What an order would bring; nothing is ordered before *Confirm* is pressed."""
    rows = tuple(Row(_days_of(sample), _brought(sample)) for sample in preview.samples)
    return Card(
        f"Subscribe “{preview.order.name}” here?",
        text=f"{ordered(preview.order)}. {_begins(preview.first, preview.order.schedule, now)}{_amount(preview)}",
        rows=rows,
        notes=(*_doubts(preview), "Nothing is ordered yet: press Confirm, or say it again with other values."),
        buttons=(Button("Confirm", confirm),),
    )


def subscribed(subscription: Subscription, first: Due | None, now: datetime) -> Card:
    """It was ordered, or ordered otherwise."""
    order = subscription.order
    return Card(
        f"Subscribed: {order.name}",
        text=f"{ordered(order)}. {_begins(first, order.schedule, now)}",
        notes=(
            f"“preview {order.name}” shows one, “edit {order.name}” changes it, “unsubscribe {order.name}” ends it.",
        ),
    )


def edited(subscription: Subscription, first: Due | None, now: datetime) -> Card:
    """It was ordered otherwise."""
    order = subscription.order
    is_active = subscription.standing is Standing.ACTIVE
    then = _begins(first, order.schedule, now) if is_active else f"It is {_pause(subscription)}."
    return Card(f"Changed: {order.name}", text=f"{ordered(order)}. {then}")


def stopped(subscription: Subscription) -> Card:
    """It was paused by hand."""
    until = subscription.paused_until
    when = f"before {wording.day(until)}, when it goes on by itself" if until else "until somebody resumes it"
    return Card(
        f"Paused: {subscription.name}",
        text=f"Nothing is sent {when}.",
        notes=(f"“resume {subscription.name}” goes on.",),
    )


def going_on(subscription: Subscription, first: Due | None, now: datetime) -> Card:
    """It was resumed."""
    return Card(f"Resumed: {subscription.name}", text=_begins(first, subscription.order.schedule, now))


def not_paused(subscription: Subscription, first: Due | None, now: datetime) -> Card:
    """There was nothing to resume."""
    text = _begins(first, subscription.order.schedule, now)
    return Card(f"{subscription.name} is not paused.", text=text)


def sent_again(delivery: Delivery) -> Card:
    """A digest of which nobody knew whether it was there is posted after all."""
    return Card(f"The digest {delivery.name} of {wording.day(delivery.local_date)} is posted within a minute.")


def unsubscribed(subscription: Subscription) -> Card:
    """It has ended."""
    return Card(f"Ended: {subscription.name}", text="Nothing more is sent for it.")


def forgotten(count: int) -> Card:
    """Nothing is kept of a person any more."""
    if not count:
        return Card("Nothing was kept of you.")
    return Card(
        f"Forgotten: who gave {wording.count(count, 'order')}.",
        text="The channels keep their subscriptions, without your name; “unsubscribe” in a channel ends one.",
    )


def subscriptions(standings: Sequence[Standings], now: datetime) -> Card:
    """What a channel has ordered."""
    if not standings:
        return Card(
            "Nothing is subscribed here.", text="“subscribe” shows you what would come, and asks before it begins."
        )
    return Card("Subscriptions of this channel", rows=tuple(standing_row(one, now) for one in standings))


def standing_row(standings: Standings, now: datetime) -> Row:
    """What was ordered, when the next one comes, what the last ones did."""
    subscription = standings.subscription
    parts = (
        ordered(subscription.order),
        wording.sentence(_pause(subscription))
        if subscription.standing is not Standing.ACTIVE
        else _next(standings, now),
        _last(standings, now),
        _trouble(standings.ended),
    )
    return Row(subscription.name, " ".join(wording.sentence(part) for part in parts if part))


def ordered(order: Order) -> str:
    """`The 5 papers with the most votes for “robot”, every day at 09:00 (Europe/Paris)`"""
    votes = f", with {wording.count(order.min_votes, 'vote')} or more" if order.min_votes else ""
    layout = ", without summaries" if order.layout is Layout.COMPACT else ""
    papers = "The paper" if order.top == 1 else f"The {order.top} papers"
    of_week = " of the week" if order.schedule.kind is Kind.WEEKLY else ""
    what = f"{papers} with the most votes{of_week}{filtered(order.query)}{votes}{layout}"
    return f"{what}, {_when(order.schedule)}"


def _when(schedule: Schedule) -> str:
    at = f"at {schedule.at:%H:%M} ({schedule.zone})"
    if schedule.kind is Kind.WEEKLY:
        return f"every {DAY_NAMES[schedule.days[0] - 1]} {at}"
    named = _SETS.get(schedule.written_days)
    return f"{named or 'on ' + wording.listed([DAY_NAMES[day - 1] for day in schedule.days])} {at}"


def _begins(first: Due | None, schedule: Schedule, now: datetime) -> str:
    if wording.known_zone(schedule.zone) is None:
        return f"It cannot be sent: its zone {schedule.zone} is no longer known; {_NEW_ZONE}."
    if first is None:
        return "No day is left in the coming weeks on which it could be sent."
    return f"The next one is due {wording.until(first.at, now)}, on {local_time(first.at, schedule.zone)}."


def _amount(preview: Preview) -> str:
    if not preview.batches:
        return ""
    shown = sum(len(sample.papers) for sample in preview.samples)
    looked = wording.count(preview.batches, "batch") if preview.batches > 1 else "batch"
    if preview.order.schedule.kind is Kind.WEEKLY or not shown:
        return f" The last {looked} would have brought {wording.count(shown, 'paper') if shown else 'nothing'}:"
    a_day = f"{shown / preview.batches:.1f}".removesuffix(".0")
    return f" The last {looked} would have brought {a_day} {'paper' if a_day == '1' else 'papers'} a day:"


def _doubts(preview: Preview) -> tuple[str, ...]:
    found = []
    if preview.corrections:
        changes = wording.listed([f"“{typed}” as “{right}”" for typed, right in preview.corrections])
        found.append(f"I read {changes}.")
    if preview.ended:
        found.append(f"This can never bring anything: it wants papers from before {wording.day(preview.ended)}.")
    elif preview.passing_ever == 0:
        found.append("No stored paper has ever passed this filter, so it may never bring anything: look for a mistake.")
    elif preview.batches and not any(sample.passing for sample in preview.samples):
        found.append("Nothing in these batches passes: on days without a match nothing is posted.")
    if not preview.batches:
        found.append("No batch of the last month is stored here, so there is nothing to look at yet.")
    return tuple(found)


def _days_of(sample: Sample) -> str:
    return wording.days(sample.days[-1], sample.days[0])


def _brought(sample: Sample) -> str:
    if not sample.papers:
        return f"nothing of {wording.count(sample.size, 'paper')}"
    titles = "; ".join(shorten(readable(paper.title), 60) for paper in sample.papers[:3])
    more = len(sample.papers) - 3
    return f"{len(sample.papers)} of {sample.size}: {titles}" + (f" and {more} more" if more > 0 else "")


def _pause(subscription: Subscription) -> str:
    text = _PAUSES[subscription.pause or Pause.ASKED].format(name=subscription.name)
    until = subscription.paused_until if subscription.pause is Pause.ASKED else None
    return f"{text}; it goes on by itself on {wording.day(until)}" if until else text


def _next(standings: Standings, now: datetime) -> str:
    """When the next one comes; of one that is due already, why it is not here yet."""
    schedule = standings.subscription.order.schedule
    if wording.known_zone(schedule.zone) is None:
        return f"Its zone {schedule.zone} is no longer known: {_NEW_ZONE}"
    if standings.next is None:
        return ""
    at = local_time(standings.next, schedule.zone)
    if standings.failed:
        return f"Next: due since {at}, and tried again until it can be posted ({standings.failed.rstrip('.')})"
    if standings.next > now:
        return f"Next: {at}"
    if standings.waits_until and standings.waits_until > now:
        until = local_time(standings.waits_until, schedule.zone)
        return f"Next: due since {at}; its batch is unusually thin so far, so it waits for more until {until}"
    return f"Next: due since {at}, and posted as soon as its batch is here"


def _last(standings: Standings, now: datetime) -> str:
    sent = standings.sent
    if sent is None or sent.sent_at is None:
        return "Nothing posted yet"
    return f"Last post: {wording.ago(sent.sent_at, now)}, {wording.count(len(sent.papers), 'paper')}"


def _trouble(ended: Delivery | None) -> str:
    if ended is None or ended.why is None:
        return ""
    error = f" ({ended.error.rstrip('.')})" if ended.error else ""
    remedy = f"; {_DOUBT.format(key=ended.key)}" if ended.state is State.UNCERTAIN else ""
    return f"Not posted on {wording.day(ended.local_date)}: {_WHY[ended.why]}{error}{remedy}"
