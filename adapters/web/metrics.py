"""What is counted and measured, in the form of Prometheus."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot import __version__
from bot.board import Backlog
from bot.deliveries import State
from bot.events import LOGGER, CommandAnswered, DeliveryAttempted, SourceAsked
from bot.health import Front, Health

CONTENT_TYPE = CONTENT_TYPE_LATEST
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_BEAT_SECONDS = 0.5
_DELAYS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


class Metrics:
    """Counters that events move, and gauges that are set when somebody asks."""

    def __init__(self) -> None:
        kept = self._registry = CollectorRegistry()
        ProcessCollector(registry=kept)
        Info("paper_round", "The running version", registry=kept).info({"version": __version__})
        self._commands = Counter(
            "paper_round_commands",
            "Commands by verb and how they ended",
            ["verb", "outcome", "platform"],
            registry=kept,
        )
        self._took = Histogram(
            "paper_round_command_seconds", "How long commands took", ["verb"], buckets=_QUICK, registry=kept
        )
        self._attempts = Counter(
            "paper_round_delivery_attempts",
            "Attempts to deliver, by how far they came",
            ["platform", "state"],
            registry=kept,
        )
        self._calls = Counter("paper_round_source_calls", "Calls of sources", ["host", "outcome"], registry=kept)
        self._called = Histogram(
            "paper_round_source_seconds", "How long calls of sources took", ["host"], buckets=_QUICK, registry=kept
        )
        self._late = Histogram(
            "paper_round_event_loop_delay_seconds", "How late a timer comes", buckets=_DELAYS, registry=kept
        )
        self._deliveries = Gauge("paper_round_deliveries", "Deliveries that are kept", ["state"], registry=kept)
        self._due = Gauge("paper_round_queue_due", "Deliveries that are due and not sent", registry=kept)
        self._age = Gauge("paper_round_queue_age_seconds", "How long the oldest of them is due", registry=kept)
        self._papers = Gauge("paper_round_papers", "Papers that are stored", registry=kept)
        self._indexed = Gauge("paper_round_index_papers", "Papers that the index holds", registry=kept)
        self._lag = Gauge("paper_round_index_lag_changes", "Changes that the index has not followed", registry=kept)
        self._up = Gauge("paper_round_platform_up", "Whether a platform is served", ["platform"], registry=kept)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what happens, whatever of it is logged."""
        logger, handler = logging.getLogger(LOGGER), _Counting(self)
        before = logger.level
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)

    def count(self, event: object) -> None:
        """One thing that happened."""
        match event:
            case CommandAnswered():
                self._commands.labels(event.verb, event.outcome, event.platform).inc()
                self._took.labels(event.verb).observe(event.seconds)
            case DeliveryAttempted():
                self._attempts.labels(event.platform, event.state).inc()
            case SourceAsked():
                self._calls.labels(event.host, event.outcome).inc()
                self._called.labels(event.host).observe(event.seconds)

    async def watch_the_loop(self) -> None:
        """Measure how late the event loop is, until cancelled."""
        while True:
            began = perf_counter()
            await asyncio.sleep(_BEAT_SECONDS)
            self._late.observe(max(0.0, perf_counter() - began - _BEAT_SECONDS))

    def set_backlog(self, backlog: Backlog, now: datetime) -> None:
        """How the deliveries stand."""
        for state in State:
            self._deliveries.labels(state).set(backlog.states.get(state, 0))
        self._due.set(backlog.waiting)
        self._age.set((now - backlog.oldest_due).total_seconds() if backlog.oldest_due else 0)

    def set_index(self, papers: int, indexed: int, lag: int) -> None:
        """How far the index is."""
        self._papers.set(papers)
        self._indexed.set(indexed)
        self._lag.set(lag)

    def set_health(self, health: Health) -> None:
        """Which platforms are served."""
        for name, front in health.states.items():
            self._up.labels(name).set(front is Front.SERVING)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Counting(logging.Handler):
    """Hands the values of log lines on that have some."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self._metrics.count(getattr(record, "event", None))
