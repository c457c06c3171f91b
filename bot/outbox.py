"""Sending: claim, look back, post, acknowledge, settle. Each delivery is posted exactly once (DELIVERY, B.3)."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import events, planning, views
from bot.cards import Card
from bot.clock import Clock, ClockWatch, Moment
from bot.deliveries import Delivery, State, Why
from bot.errors import BotError, ConfigError, DeliveryError, Outcome, StoreError
from bot.limits import SlidingWindow
from bot.owners import Owners
from bot.planning import FREEZE_BEFORE, SETTLES_AFTER
from bot.ports import Platform, Records
from bot.settling import Settling
from bot.subscriptions import Block, Pause, Standing

IN_FLIGHT = 40  # posts at once
IDLE_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 5.0
FINISH_SECONDS = 7.0  # that posts may still take when the bot is asked to end, which it does within 10
ROUNDING = timedelta(minutes=2)  # between our clock and that of the platform, when history is read
NEVER_SEEN = timedelta(hours=12)  # after it expired; a history that still cannot be read will not tell any more
_BLOCKS = {
    Outcome.FORBIDDEN: (Standing.PAUSED, Pause.PERMISSION),
    Outcome.GONE: (Standing.GONE, Pause.CHANNEL_GONE),
    Outcome.TENANT_LOST: (Standing.PAUSED, Pause.TENANT_LOST),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: that a post may take, that a claim lasts, and after which a post that came late can be seen.

    Raises ConfigError for times with which a message could be posted twice.
    """

    post: float = 10.0
    lease: float = 60.0
    settle: float = 10.0

    def __post_init__(self) -> None:
        if min(self.post, self.lease, self.settle) <= 0 or self.lease < 2 * self.post + self.settle:
            raise ConfigError([f"a claim of {self.lease} s must last two posts of {self.post} s and {self.settle} s"])

    @property
    def guard(self) -> float:
        """Seconds after a claim at which it is too late to begin a post."""
        return self.lease - 2 * self.post


class Outbox:
    """Sends the deliveries of one platform; several processes may do so at once, under different `owner`s."""

    def __init__(
        self,
        platform: Platform,
        records: Records,
        clock: Clock,
        *,
        owner: str,
        timing: Timing = Timing(),
    ) -> None:
        self._platform = platform
        self._ledger = records.ledger
        self._subscriptions = records.subscriptions
        self._owners = Owners(records.subscriptions, timing.post)
        self._clock = clock
        self._owner = owner
        self._timing = timing
        self._pace = SlidingWindow.evenly(platform.per_second, clock.monotonic, clock.sleep)
        self._settling = Settling(platform, records, self._pace, timing.post)
        self._watch = ClockWatch()
        self._began = clock.now()

    async def run(self, *, is_alone: bool = True) -> None:
        """Send whatever is due until cancelled; nothing that fails ends it.

        `is_alone`: no other process sends from this database, so claims that are left are those of one that is gone.
        """
        sending: set[asyncio.Task[None]] = set()
        has_taken_over = not is_alone
        try:
            while True:
                try:
                    if not has_taken_over:
                        await self.take_over()
                        has_taken_over = True
                    await self._turn(sending)
                except BotError as error:
                    log.error("the outbox of %s is tried again: %s", self._platform.name, error)
                    await self._clock.sleep(AFTER_FAILURE_SECONDS)
                except Exception:  # nothing may end the loop
                    log.exception("the outbox of %s is tried again", self._platform.name)
                    await self._clock.sleep(AFTER_FAILURE_SECONDS)
        finally:  # what has begun is finished where it can be; the claims of the rest lapse, and are looked into
            if sending:
                await asyncio.wait(sending, timeout=FINISH_SECONDS)
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def _turn(self, sending: set[asyncio.Task[None]]) -> None:
        """Fill up what is being sent, or wait a little."""
        at = self._clock.moment()  # before the claim, whose lease runs while it waits for the database
        claimed = await self._claim(IN_FLIGHT - len(sending))
        sending |= {asyncio.create_task(self._deliver(one, at)) for one in claimed}
        settled = 0 if claimed or not self._watch.is_trusted else await self.settle()
        if sending and (len(sending) >= IN_FLIGHT or not claimed):
            done, _ = await asyncio.wait(sending, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            sending -= done
        elif not claimed and not settled:
            await self._clock.sleep(IDLE_SECONDS)

    async def take_over(self) -> None:
        """Whoever held claims is gone, as this process holds the database alone: what they sent has arrived by then."""
        await self._clock.sleep(max(self._timing.post, self._timing.settle))
        await self._ledger.lapse(self._platform.name, self._clock.now())

    async def send_due(self) -> int:
        """Send what is due now, until nothing is left that can be; how many were claimed."""
        count, at = 0, self._clock.moment()
        while claimed := await self._claim(IN_FLIGHT):
            await asyncio.gather(*(self._deliver(one, at) for one in claimed))
            count, at = count + len(claimed), self._clock.moment()
        return count

    async def settle(self) -> int:
        """Bring the numbers of what was posted hours ago up to date; how many messages that were."""
        return await self._settling.settle(self._clock.now(), IN_FLIGHT)

    async def _claim(self, limit: int) -> tuple[Delivery, ...]:
        if limit <= 0:
            return ()
        was_trusted = self._watch.is_trusted
        ahead = await self._platform.ahead()
        if not self._watch.look(self._clock.now(), self._clock.monotonic(), ahead):
            if was_trusted:
                log.error("the clock of this machine jumped or is wrong: no digest is sent until it is right")
            return ()
        return await self._ledger.claim(self._platform.name, self._owner, self._clock.now(), self._timing.lease, limit)

    async def _deliver(self, delivery: Delivery, claimed: Moment) -> None:
        """Bring one claimed delivery a step further; whatever happens, its claim ends by itself."""
        try:
            state, error = await self._attempt(delivery, claimed)
            events.tell(delivery.attempted(state, error, self._clock.since(claimed)))
        except StoreError as error:
            log.error("how %s in %s ended could not be written: %s", delivery.key, delivery.channel, error)
        except Exception:  # one delivery never holds up the others
            log.exception("%s in %s failed", delivery.key, delivery.channel)

    async def _attempt(self, delivery: Delivery, claimed: Moment) -> tuple[State, str]:
        """How far it came, and what was wrong."""
        try:
            found = await self._found(delivery, self._clock.now())
        except DeliveryError as error:
            return await self._could_not_look(delivery, error, self._clock.now()), str(error)
        if found is not None:
            # Of a first attempt nothing can be there, but what a process sent whose database was replaced by a backup:
            # it was frozen anew since then, perhaps with other papers, so that its numbers are left alone.
            await self._acknowledge(delivery, found, claimed, is_ours=delivery.attempts > 1)
            return State.SENT, ""
        if why := await self._not_wanted(delivery, self._clock.now()):
            await self._ledger.end(delivery, State.SKIPPED, why, delivery.error)
            return State.SKIPPED, why
        try:
            message = await self._post(delivery, claimed)
        except DeliveryError as error:
            return await self._failed(delivery, error), str(error)
        if message is None:
            return State.PENDING, "too late to begin"
        await self._acknowledge(delivery, message, claimed, is_ours=True)
        return State.SENT, ""

    async def _acknowledge(self, delivery: Delivery, message: str, claimed: Moment, *, is_ours: bool) -> None:
        """Write down that it was posted; as long as nobody else may have claimed it, a database that fails is asked again."""
        sent = self._clock.now()
        while True:
            try:
                await self._ledger.acknowledge(delivery, message, sent, sent + SETTLES_AFTER if is_ours else None)
                return
            except StoreError as error:
                if self._clock.since(claimed) >= self._timing.lease:
                    raise
                log.warning("that %s was sent to %s is written again: %s", delivery.key, delivery.channel, error)
                await self._clock.sleep(IDLE_SECONDS)

    async def _found(self, delivery: Delivery, now: datetime) -> str | None:
        """The message of an earlier attempt, where there may have been one."""
        is_first = delivery.attempts <= 1
        if is_first and delivery.due_at >= self._began:
            return None
        # What was due before this process began may have been sent by one whose database was replaced by a backup.
        since = delivery.due_at - FREEZE_BEFORE if is_first else (delivery.first_claim or delivery.due_at) - ROUNDING
        try:
            async with asyncio.timeout(self._timing.post):
                return await self._platform.find(delivery.channel, key=delivery.key, since=since)
        except TimeoutError as error:
            raise DeliveryError(Outcome.AMBIGUOUS, "the history did not come in time") from error
        except DeliveryError as error:
            began = delivery.first_claim or now
            is_remembered = (now - began).total_seconds() < self._platform.remembers and now < delivery.expires_at
            if error.outcome is Outcome.BLIND and (is_first or is_remembered):
                return None
            raise
        except Exception as error:  # a history that cannot be understood never keeps a delivery for ever
            log.exception("the history of %s could not be looked at", delivery.channel)
            raise DeliveryError(Outcome.AMBIGUOUS, "the history could not be understood") from error

    async def _not_wanted(self, delivery: Delivery, now: datetime) -> Why | None:
        """Why it is not posted any more: it is too late, or its order was paused or ended while it was being sent."""
        if now >= delivery.expires_at:
            return Why.LATE
        if delivery.attempts <= 1 and not delivery.failures:
            return None  # one that was never attempted is withdrawn together with its order
        here = await self._subscriptions.of(delivery.channel)
        active = {one.id for one in here if one.standing is Standing.ACTIVE}
        return None if delivery.subscription in active else Why.PAUSED

    async def _could_not_look(self, delivery: Delivery, error: DeliveryError, now: datetime) -> State:
        may_be_sent = delivery.attempts > 1
        is_hopeless = may_be_sent and now >= delivery.expires_at + NEVER_SEEN
        if error.outcome in _BLOCKS:
            return await self._blocked(delivery, error, State.UNCERTAIN if may_be_sent else State.DEAD)
        if error.outcome is Outcome.BLIND or is_hopeless:
            await self._ledger.end(delivery, State.UNCERTAIN, Why.BLIND, str(error))
            await self._tell_of_doubt(delivery)
            return State.UNCERTAIN
        return await self._give_back(delivery, error, 0.0, may_be_sent=False)  # this time nothing was sent

    async def _post(self, delivery: Delivery, claimed: Moment) -> str | None:
        """Post it, as plain text where its card is refused; None when it is too late to begin: the claim lapses."""
        assert delivery.card
        try:
            return await self._post_card(delivery, delivery.card, claimed)
        except DeliveryError as error:
            if error.outcome is not Outcome.REFUSED:
                raise
            log.error("%s takes no card of %s, so it goes out as plain text: %s", delivery.channel, delivery.key, error)
            plain = views.plain_text(delivery.card)
            await self._ledger.replace_card(delivery, plain)  # whatever finds or edits the message must know
            return await self._post_card(delivery, plain, claimed)

    async def _post_card(self, delivery: Delivery, card: Card, claimed: Moment) -> str | None:
        await self._pace.take()
        if self._clock.since(claimed) >= self._timing.guard:
            return None
        try:
            async with asyncio.timeout(self._timing.post):
                return await self._platform.post(delivery.channel, card, key=delivery.key)
        except TimeoutError as error:
            raise DeliveryError(Outcome.AMBIGUOUS, "the platform did not answer in time") from error

    async def _failed(self, delivery: Delivery, error: DeliveryError) -> State:
        if error.outcome in _BLOCKS:
            return await self._blocked(delivery, error, State.DEAD)
        if error.outcome is Outcome.REFUSED:
            log.error("%s takes %s in no form: %s", delivery.channel, delivery.key, error)
            await self._ledger.end(delivery, State.DEAD, Why.REFUSED, str(error))
            return State.DEAD
        if error.outcome is Outcome.NOT_SENT:
            return await self._give_back(delivery, error, 0.0, may_be_sent=False)
        return await self._give_back(delivery, error, max(self._timing.post, self._timing.settle), may_be_sent=True)

    async def _give_back(self, delivery: Delivery, error: DeliveryError, least: float, *, may_be_sent: bool) -> State:
        wait = max(least, planning.backoff(delivery.failures, error.retry_after, random.random()))  # noqa: S311 - chance, no secret
        run_at = self._clock.now() + timedelta(seconds=wait)
        await self._ledger.give_back(delivery, run_at, str(error), may_be_sent=may_be_sent)
        return State.PENDING

    async def _blocked(self, delivery: Delivery, error: DeliveryError, state: State) -> State:
        """The first such failure pauses what the channel (or its tenant) has ordered, and its owners are told once."""
        standing, pause = _BLOCKS[error.outcome]
        now = self._clock.now()
        probe = planning.next_probe(now, now) if standing is Standing.PAUSED else None
        block = Block(standing, pause, probe, whole_tenant=error.outcome is Outcome.TENANT_LOST)
        paused = await self._subscriptions.block(delivery.channel, block, now)
        await self._ledger.end(delivery, state, Why.CHANNEL, str(error))
        await self._owners.tell_of_pause(self._platform, delivery.channel, paused, str(error), now)
        return state

    async def _tell_of_doubt(self, delivery: Delivery) -> None:
        here = await self._subscriptions.of(delivery.channel)
        owner = next((one.created_by for one in here if one.id == delivery.subscription), "")
        if owner:
            await self._owners.tell(self._platform, owner, delivery.channel, views.uncertain(delivery))
