"""The use cases of subscriptions: what a channel orders, changes and asks about."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import uuid4
from zoneinfo import ZoneInfo

from rapidfuzz import process

from bot import planning, ranking, schedules
from bot.deliveries import Delivery, Due, Edition, State
from bot.editor import WEEK, Editor
from bot.errors import IndexDamaged, Problem, UserError
from bot.feed_days import feed_day, newest_batch_day
from bot.models import Window
from bot.ports import Index, Records
from bot.results import Preview, Sample, Standings
from bot.subscriptions import Asker, Channel, Kind, Order, Pause, Schedule, Standing, Subscription, resumed

MOST_IN_CHANNEL = 25
_HISTORY = MOST_IN_CHANNEL * 100  # deliveries of a channel: all that are kept of three months
_PEOPLE_OF_A_TENANT = ("slack",)  # platforms whose ids of people are told apart within a workspace only
_UNKNOWN_ZONE = (LookupError, ValueError, OSError)
_SOON = timedelta(days=40)  # within which every schedule is due


class Subscribing:
    """What people can do with the subscriptions of their channel. Bad input is a UserError."""

    def __init__(self, records: Records, index: Index) -> None:
        self._records = records
        self._editor = Editor(records.papers, index)

    async def preview(self, order: Order, asker: Asker, now: datetime) -> Preview:
        """What the order would bring. Raises UserError when it cannot be given."""
        order = replace(order, name=await self._free_name(order, asker.channel))
        wanted = self._editor.filter(order, now)
        with _readable_index():
            matching = await self._editor.matching(order, now)
        today = feed_day(now)
        batches = (await self._editor.batches(Window(today - timedelta(days=30), today)))[:WEEK]
        ended = wanted.before_day if wanted.before_day and wanted.before_day <= today else None
        with _readable_index():
            passing_ever = await self._editor.passing_ever(order, now)
            samples = await self._samples(order, {batch.day: batch.size for batch in batches}, now)
        return Preview(
            order,
            samples,
            len(batches),
            passing_ever,
            matching.corrections if matching else (),
            ended,
            await self._next_free(Subscription("", asker.channel, order, since=now), now),
        )

    async def sample(self, order: Order, day: date | None, now: datetime) -> Edition:
        """What would be posted of the batch of that day, else of the newest. Raises UserError."""
        newest = day or await self._records.papers.newest_batch_day()
        if newest is None:
            raise UserError(Problem.NO_BATCHES)
        if newest > feed_day(now):
            raise UserError(Problem.NO_SUCH_BATCH, day=newest, is_to_come=True)
        if not await self._editor.batches(Window(newest, newest)):
            raise UserError(Problem.NO_SUCH_BATCH, day=newest)
        with _readable_index():
            return await self._editor.sample(order, newest, now)

    async def subscribe(self, order: Order, asker: Asker, now: datetime) -> tuple[Subscription, Due | None]:
        """Give the order; from the next due time on. Raises UserError."""
        order = replace(order, name=await self._free_name(order, asker.channel))
        self._editor.filter(order, now)
        subscription = Subscription(uuid4().hex, asker.channel, order, since=now, created_by=asker.person)
        if not await self._records.subscriptions.add(subscription, MOST_IN_CHANNEL):
            await self._free_name(order, asker.channel)  # says it where there is no room
            raise UserError(Problem.NAME_TAKEN, name=order.name)
        return subscription, await self._next_free(subscription, now)

    async def of(self, channel: Channel) -> tuple[Subscription, ...]:
        """Those of a channel, by name."""
        return await self._records.subscriptions.of(channel)

    async def named(self, name: str, channel: Channel) -> Subscription:
        """The one of that name, or the only one where none is named. Raises UserError."""
        here = await self.of(channel)
        names = tuple(one.name for one in here)
        if not here:
            raise UserError(Problem.NO_SUBSCRIPTIONS)
        if not name and len(here) == 1:
            return here[0]
        if not name:
            raise UserError(Problem.WHICH_SUBSCRIPTION, names=names)
        found = next((one for one in here if one.name == name.lower()), None)
        if found is None:
            near = process.extractOne(name.lower(), names, score_cutoff=60)
            raise UserError(Problem.NO_SUCH_SUBSCRIPTION, value=name, near=near[0] if near else "", names=names)
        return found

    async def edit(self, subscription: Subscription, order: Order, now: datetime) -> tuple[Subscription, Due | None]:
        """Change the order; at a new time it begins now, else what is due and not sent yet comes changed. Raises UserError."""
        self._editor.filter(order, now)
        if order.name != subscription.name and order.name in {one.name for one in await self.of(subscription.channel)}:
            raise UserError(Problem.NAME_TAKEN, name=order.name, renamed=subscription.name)
        is_same_time = order.schedule == subscription.order.schedule
        since = subscription.since if is_same_time else now
        changed = replace(subscription, order=order, since=since, planned_until=max(since, now - planning.LATEST))
        await self._change(changed, replan=True)
        return changed, await self._next_free(changed, now)

    async def pause(self, subscription: Subscription, until: date | None, now: datetime) -> Subscription:
        """Send nothing until a day, or until it is resumed. Raises UserError for a day that is past."""
        today = now.astimezone(_place(subscription.order.schedule)).date()
        if until and until <= today:
            raise UserError(Problem.DAY_IS_PAST, day=until, later=today + timedelta(days=7))
        paused = replace(
            subscription,
            standing=Standing.PAUSED,
            pause=Pause.ASKED,
            paused_at=now,
            paused_until=until,
            probe_at=None,
        )
        await self._change(paused, replan=True)
        return paused

    async def next_due(self, subscription: Subscription, now: datetime) -> Due | None:
        """When it is due next, as it stands."""
        return await self._next_free(subscription, now)

    async def resume(self, subscription: Subscription, now: datetime) -> tuple[Subscription, Due | None]:
        """Go on; what was due meanwhile is not sent."""
        active = resumed(subscription, now)
        await self._change(active, replan=True)
        return active, await self._next_free(active, now)

    async def again(self, key: str, asker: Asker, now: datetime) -> Delivery:
        """Post a digest of which nobody knows whether it was posted in the asker's channel. Raises UserError for none."""
        delivery = await self._records.ledger.again(key, asker.channel, now)
        if delivery is None:
            raise UserError(Problem.NOT_UNCERTAIN)
        return delivery

    async def unsubscribe(self, subscription: Subscription) -> None:
        """End it."""
        await self._records.subscriptions.remove(subscription)

    async def forget(self, asker: Asker) -> int:
        """Forget who gave which orders; how many that were."""
        channel = asker.channel
        tenant = channel.tenant if channel.platform in _PEOPLE_OF_A_TENANT else None
        return await self._records.subscriptions.forget(asker.person, channel.platform, tenant)

    async def standings(self, channel: Channel, now: datetime) -> tuple[Standings, ...]:
        """How the subscriptions of the channel do."""
        here = await self.of(channel)
        if not here:
            return ()
        history = await self._records.ledger.history(channel, _HISTORY)
        newest = await self._records.papers.newest_batch_day()
        return tuple(_standings(one, history, newest, now) for one in here)

    async def _change(self, subscription: Subscription, *, replan: bool) -> None:
        if not await self._records.subscriptions.change(subscription, replan=replan):
            raise UserError(Problem.CHANGED_MEANWHILE, name=subscription.name)

    async def _free_name(self, order: Order, channel: Channel) -> str:
        names = {one.name for one in await self.of(channel)}
        if len(names) >= MOST_IN_CHANNEL:
            raise UserError(Problem.TOO_MANY_SUBSCRIPTIONS, limit=MOST_IN_CHANNEL)
        if order.name in names:
            raise UserError(Problem.NAME_TAKEN, name=order.name)
        return order.name or schedules.free_name(order.query, names)

    async def _next_free(self, subscription: Subscription, now: datetime) -> Due | None:
        """When it is due next, as far as nothing is written yet."""
        return _free(subscription, await self._records.ledger.history(subscription.channel, _HISTORY), now)

    async def _samples(self, order: Order, sizes: Mapping[date, int], now: datetime) -> tuple[Sample, ...]:
        """What each batch (newest first) would have brought, or all together for a weekly order; no paper twice."""
        days = tuple(sizes)
        groups = await self._editor.passing(order, days, now)
        if order.schedule.kind is Kind.WEEKLY and days:
            passing = {paper.id: paper for group in groups for paper in group}
            best = ranking.by_votes(passing.values())[: order.top]
            return (Sample(days, len(passing), sum(sizes.values()), tuple(best)),)
        shown: set[str] = set()
        samples = []
        for day, group in reversed([*zip(days, groups, strict=True)]):
            new = [paper for paper in group if paper.id not in shown][: order.top]
            shown |= {paper.id for paper in new}
            samples.append(Sample((day,), len(group), sizes[day], tuple(new)))
        return tuple(reversed(samples))


@contextmanager
def _readable_index() -> Iterator[None]:
    """Nobody can tell what passes a filter while the index is being rebuilt."""
    try:
        yield
    except IndexDamaged as error:
        raise UserError(Problem.INDEX_REBUILDING) from error


def _place(schedule: Schedule) -> tzinfo:
    """Its zone; UTC where the tables of zones have dropped it."""
    try:
        return ZoneInfo(schedule.zone)
    except _UNKNOWN_ZONE:
        return UTC


def _free(subscription: Subscription, history: Sequence[Delivery], now: datetime) -> Due | None:
    """When it is due next; never twice on the day of a digest that it had, or its channel under the same name.

    None where there is no such day soon, or where its zone is not known any more.
    """
    schedule = subscription.order.schedule
    had = {
        (delivery.local_date, delivery.kind)
        for delivery in history
        if (delivery.name == subscription.name or delivery.subscription == subscription.id)
        and delivery.state is not State.PENDING
    }
    try:
        coming = planning.dues(schedule, now, now + _SOON)
    except _UNKNOWN_ZONE:
        return None
    return next((one for one in coming if (one.local_date, schedule.kind) not in had), None)


def _standings(
    subscription: Subscription, history: Sequence[Delivery], newest: date | None, now: datetime
) -> Standings:
    deliveries = [delivery for delivery in history if delivery.subscription == subscription.id]
    past = [delivery for delivery in deliveries if delivery.due_at <= now]
    sent = next((delivery for delivery in past if delivery.state is State.SENT), None)
    ended = next((delivery for delivery in past if delivery.state not in (State.SENT, State.PENDING)), None)
    if sent and ended and ended.due_at < sent.due_at:
        ended = None
    waiting = next((delivery for delivery in reversed(deliveries) if delivery.state is State.PENDING), None)
    is_active = subscription.standing is Standing.ACTIVE
    first = _free(subscription, history, now) if is_active and waiting is None else None
    coming = waiting.due_at if waiting else (first.at if first else None)
    # It has something to bring and brings it not yet: the batch is thin, and perhaps still filling.
    is_thin = newest is not None and newest == newest_batch_day(now) and newest != subscription.cursor
    waits = is_thin and waiting is not None and waiting.card is None
    until = waiting.due_at + planning.PATIENCE - planning.FREEZE_BEFORE if waits and waiting else None
    return Standings(subscription, coming, sent, ended, waiting.error if waiting else "", until)
