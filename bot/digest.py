"""Writes down what planning decides: which deliveries there are, and what each of them brings."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from bot import planning, views
from bot.clock import Clock, ClockWatch
from bot.deliveries import Delivery, Digest, Due, Why, digest_key
from bot.editor import Editor
from bot.errors import BotError, DeliveryError, Outcome, UserError
from bot.feed_days import newest_batch_day
from bot.models import BatchInfo, Window
from bot.owners import Owners
from bot.planning import Asking, Freeze, Skip
from bot.ports import Index, Platform, Records
from bot.subscriptions import Channel, Kind, Order, Pause, Standing, Subscription, found_again, resumed

AT_ONCE = 200  # rows in one transaction
LONGEST_AGO = timedelta(days=14)  # what was due before is not even written down
REMEMBERED = timedelta(days=45)  # batches that are looked at, for the median of ten
KEPT = timedelta(days=90)
TIDY_EVERY = timedelta(hours=6)
EVERY_SECONDS = 15.0
PROBE_SECONDS = 10.0  # that a platform may take to say whether a channel can be posted to
PROBES_AT_ONCE = 20
PROBED_AGAIN = timedelta(hours=1)  # where nobody could say
_STILL_BLOCKED = (Outcome.FORBIDDEN, Outcome.GONE, Outcome.TENANT_LOST)
MOST_LATE = 50  # papers that are looked at of those that came in late

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pass:
    """What one look at the deliveries has found out already, because thousands may want the same."""

    now: datetime
    batches: tuple[BatchInfo, ...]  # empty ones too, which tell that the feed answered
    failed_at: datetime | None = None  # when the feed could not be asked
    digests: dict[str, Digest] = field(default_factory=dict)
    late: dict[tuple[str, str, int], tuple[str, ...]] = field(default_factory=dict)
    frozen: list[Delivery] = field(default_factory=list)
    channels: set[Channel] = field(default_factory=set)


class Planner:
    """Keeps the ledger ahead of time: rows for what will be due, cards for what is due soon."""

    def __init__(
        self,
        records: Records,
        index: Index,
        platforms: Mapping[str, Platform],
        *,
        patience: float = PROBE_SECONDS,
        feed: str = "",
    ) -> None:
        """`feed` is the source that is followed meanwhile; none where the store is all there will be."""
        self._editor = Editor(records.papers, index)
        self._subscriptions = records.subscriptions
        self._ledger = records.ledger
        self._interactions = records.interactions
        self._papers = records.papers
        self._feed = feed
        self._owners = Owners(records.subscriptions, patience)
        self._platforms = platforms
        self._patience = patience
        self._watch = ClockWatch()

    async def tick(self, now: datetime) -> None:
        """Everything that is to be written down at `now`; doing it again changes nothing."""
        await self.resume(now)
        await self._owners.tell_again(self._platforms, now)
        await self.plan(now)
        await self._ledger.combine(now)
        await self._ledger.expire(now)
        await self.freeze(now)

    async def turn(self, clock: Clock) -> bool:
        """Do so now, but only when the clock can be trusted: one that is ahead would make today's digests seem late."""
        now, was_trusted = clock.now(), self._watch.is_trusted
        if self._watch.look(now, clock.monotonic(), await self._ahead()):
            await self.tick(now)
            return True
        if was_trusted:
            log.error("the clock of this machine jumped or is wrong: no digest is planned until it is right")
        return False

    async def run(self, clock: Clock) -> None:
        """Do so until cancelled; what fails is tried again."""
        tidied: datetime | None = None
        while True:
            try:
                is_done, now = await self.turn(clock), clock.now()
                if is_done and (tidied is None or now - tidied >= TIDY_EVERY):
                    await self._ledger.purge(now - KEPT)
                    await self._interactions.purge(now)
                    tidied = now
            except BotError as error:
                log.error("the digests could not be planned, and are tried again: %s", error)
            except Exception:  # nothing may end the loop
                log.exception("the digests could not be planned, and are tried again")
            await clock.sleep(EVERY_SECONDS)

    async def next_freeze(self, now: datetime) -> datetime | None:
        """When the next digest is frozen; None when none is planned."""
        due = await self._ledger.next_due(now + planning.FREEZE_BEFORE)
        return due - planning.FREEZE_BEFORE if due else None

    async def plan(self, now: datetime) -> int:
        """Write rows for everything that is due within 36 hours; how many."""
        written, until = 0, now + planning.AHEAD
        while found := await self._subscriptions.unplanned(until - timedelta(hours=1), AT_ONCE):
            rows = [(one, _dues(one, now, until)) for one in found]
            written += await self._ledger.plan(rows, until)
        return written

    async def resume(self, now: datetime) -> None:
        """Let go on what was paused until today, and what can be posted to again."""
        blocked: dict[Channel, list[Subscription]] = {}
        for one in await self._subscriptions.paused():
            try:
                if one.pause is Pause.ASKED and one.paused_until:
                    until = planning.due(one.paused_until, time.min, one.order.schedule.zone)
                    if until <= now:  # what came due since then is owed, whoever slept meanwhile
                        await self._subscriptions.change(resumed(one, until), replan=False)
                elif _is_forgotten(one, now):
                    await self._subscriptions.purge_tenant(one.channel)
                elif one.probe_at and one.probe_at <= now:
                    blocked.setdefault(one.channel, []).append(one)
            except Exception:  # one subscription never holds up the others
                log.exception("%s in %s could not be resumed", one.id, one.channel)
        some = [*blocked.items()][:PROBES_AT_ONCE]
        await asyncio.gather(*(self._probe(channel, here, now) for channel, here in some))

    async def freeze(self, now: datetime) -> int:
        """Write the cards of what is due within a quarter of an hour; how many."""
        today = now.date() + timedelta(days=2)  # the feed's day may be ahead
        batches = await self._papers.batches(Window(today - REMEMBERED, today))
        failed_at = next(
            (one.failed_at for one in await self._papers.source_health() if one.source == self._feed), None
        )
        state, frozen, last = _Pass(now, batches, failed_at), 0, None
        while page := await self._ledger.unfrozen(now + planning.FREEZE_BEFORE, last, AT_ONCE):
            for delivery, subscription in page:
                try:
                    await self._freeze_one(delivery, subscription, state)
                except BotError as error:
                    log.error("the digest %s of %s is frozen later: %s", delivery.key, delivery.channel, error)
                except Exception:  # one digest never holds up the others
                    log.exception("the digest %s of %s is frozen later", delivery.key, delivery.channel)
            frozen += len(state.frozen)
            await self._write(state)
            last = page[-1][0]
        return frozen

    async def _freeze_one(self, delivery: Delivery, subscription: Subscription, state: _Pass) -> None:
        if subscription.standing is not Standing.ACTIVE:
            await self._ledger.skip(delivery, Why.PAUSED)
            return
        kind = subscription.order.schedule.kind
        asking = Asking(state.failed_at, delivery.expires_at) if self._feed else None
        cursor = _cursor(subscription, state.batches)
        decision = planning.decide(delivery.due_at, kind, cursor, state.batches, state.now, asking)
        if isinstance(decision, Skip):
            await self._ledger.skip(delivery, decision.why)
        elif isinstance(decision, Freeze):
            try:
                await self._compose(delivery, subscription, decision, state)
            except UserError:
                await self._ledger.skip(delivery, Why.UNREADABLE)

    async def _compose(self, delivery: Delivery, subscription: Subscription, freeze: Freeze, state: _Pass) -> None:
        order = subscription.order
        digest = await self._digest(delivery, order, freeze, state)
        if delivery.channel in state.channels:  # what it brings must be known before the next one chooses
            await self._write(state)
        late = await self._late(subscription, digest, state)
        posted = await self._ledger.posted(delivery.channel, (*digest.ranking, *late))
        papers = planning.chosen(digest.ranking, late, posted, order.top)
        left_out = sum(id_ in posted for id_ in digest.ranking)
        composed = replace(delivery, digest=digest.key, batch=digest.days[0], papers=papers, left_out=left_out)
        if not papers and posted and await self._ledger.is_under_way(delivery.channel, [*posted]):
            return  # they are posted here only when another digest has been; until then nobody knows
        if not papers:
            await self._ledger.skip(composed, Why.ALL_POSTED if left_out else Why.NO_MATCH)
            return
        edition = await self._editor.edition(order, digest, papers, left_out)
        state.frozen.append(replace(composed, card=views.digest(edition)))
        state.channels.add(delivery.channel)

    async def _digest(self, delivery: Delivery, order: Order, freeze: Freeze, state: _Pass) -> Digest:
        key = digest_key(tuple(b.day for b in freeze.batches), order, delivery.due_at)
        if key not in state.digests:
            digest = await self._ledger.digest(key)
            if digest is None:
                digest = await self._editor.digest(order, freeze.batches, freeze.freshness, key, state.now)
                await self._ledger.save_digest(digest)
            state.digests[key] = digest
        return state.digests[key]

    async def _late(self, subscription: Subscription, digest: Digest, state: _Pass) -> tuple[str, ...]:
        """What passes the filter and came into the last batch only after it was sent, while that was still filling.

        After a change of the order nobody can tell.
        """
        last = await self._ledger.last_digest(subscription.id)
        if last is None or last.days[0] in digest.days or not _is_of(subscription.order, last):
            return ()
        order = subscription.order
        known = last.key, order.query, order.min_votes
        if known not in state.late:
            [papers] = await self._editor.passing(order, last.days[:1], state.now)
            state.late[known] = tuple(p.id for p in papers if p.id not in last.ranking)[:MOST_LATE]
        return state.late[known]

    async def _write(self, state: _Pass) -> None:
        if state.frozen:
            await self._ledger.freeze(state.frozen)
        state.frozen.clear()
        state.channels.clear()

    async def _ahead(self) -> float | None:
        """By how many seconds this clock is ahead of the platform that differs least.

        A platform alone may be wrong, and so may a proxy before it; its outbox stops for that, and no other one.
        """
        told = await asyncio.gather(*(one.ahead() for one in self._platforms.values()), return_exceptions=True)
        return min((ahead for ahead in told if isinstance(ahead, float | int)), key=abs, default=None)

    async def _probe(self, channel: Channel, here: Sequence[Subscription], now: datetime) -> None:
        """Ask once whether the channel can be posted to again, for all of its subscriptions."""
        platform = self._platforms.get(channel.platform)
        if platform is None:
            return
        try:
            async with asyncio.timeout(self._patience):
                await platform.check(channel)
        except Exception as error:  # noqa: BLE001 - one channel never holds up the others
            log.debug("%s still cannot be posted to: %s", channel, error)
            is_sure = isinstance(error, DeliveryError) and error.outcome in _STILL_BLOCKED
            changed = [
                _still_blocked(one, now) if is_sure else replace(one, probe_at=now + PROBED_AGAIN) for one in here
            ]
        else:
            changed = [found_again(one, now) for one in here]
        for one in changed:
            await self._subscriptions.change(one, replan=False)


def _cursor(subscription: Subscription, batches: Sequence[BatchInfo]) -> date | None:
    """The newest batch that it has had; before its first digest the one before that, even if the first was missed."""
    schedule = subscription.order.schedule
    if subscription.cursor or schedule.kind is Kind.WEEKLY:
        return subscription.cursor
    first = planning.dues(schedule, subscription.since, subscription.since + LONGEST_AGO)[:1]
    wanted = newest_batch_day(first[0].at) if first else None
    return wanted - timedelta(days=1) if wanted and any(b.size and b.day >= wanted for b in batches) else None


def _is_forgotten(subscription: Subscription, now: datetime) -> bool:
    """Whether the bot was removed from its server or workspace so long ago that nothing is kept of it."""
    since = subscription.paused_at or now
    return subscription.pause is Pause.TENANT_LOST and now - since >= planning.GIVEN_UP_AFTER


def _still_blocked(subscription: Subscription, now: datetime) -> Subscription:
    """To be looked at later, or given up."""
    probe = planning.next_probe(subscription.paused_at or now, now)
    return replace(subscription, probe_at=probe, standing=Standing.PAUSED if probe else Standing.GONE)


def _dues(subscription: Subscription, now: datetime, until: datetime) -> Sequence[Due]:
    """What is due; nothing where its zone is unknown, so that it holds nobody else up."""
    try:
        return planning.dues(subscription.order.schedule, _planned_until(subscription, now), until)
    except (LookupError, ValueError, OSError):
        log.exception("%s in %s cannot be planned", subscription.id, subscription.channel)
        return ()


def _planned_until(subscription: Subscription, now: datetime) -> datetime:
    """From when on its deliveries are to be written."""
    known = subscription.planned_until or subscription.since
    if known > now + planning.AHEAD + timedelta(hours=1):  # a clock that was far ahead wrote it
        return now
    return max(known, now - LONGEST_AGO)


def _is_of(order: Order, digest: Digest) -> bool:
    """Whether the digest is one of the order as it stands."""
    first, last = digest.frozen_at - planning.LATEST, digest.frozen_at + planning.FREEZE_BEFORE + timedelta(minutes=1)
    return any(
        digest_key(digest.days, order, one.at) == digest.key for one in planning.dues(order.schedule, first, last)
    )
