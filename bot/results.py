"""What the use cases answer with; the views put it into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.deliveries import Delivery, Due
from bot.models import IndexState, Paper, SourceHealth, Stock, Why, Window
from bot.subscriptions import Order, Subscription


@dataclass(frozen=True, slots=True)
class Condition:
    """What a reader must know of the state that an answer came from, for it not to mislead."""

    is_sample: bool
    newest_batch: date | None  # that is stored
    expected_batch: date  # that the feed can have by now
    indexed: int = 0  # papers, while the index is being rebuilt
    to_index: int = 0  # papers in all, while the index is being rebuilt; else 0


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is shown: `number` counts from 1, `size` is of a whole page."""

    number: int
    size: int
    total: int = 0

    @property
    def first(self) -> int:
        """The number of its first entry in the whole list, counted from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def slice(self) -> slice:
        """Where the page lies in the whole list."""
        return slice(self.first - 1, self.number * self.size)

    @property
    def has_next(self) -> bool:
        """Whether something comes after this page."""
        return self.number * self.size < self.total


@dataclass(frozen=True, slots=True)
class Turns:
    """The commands that show the pages beside one; empty where there is none."""

    previous: str = ""
    next: str = ""


ONLY_PAGE = Turns()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source answered while somebody waited; `failure` is one sentence about it, empty when it answered."""

    source: str
    papers: tuple[Paper, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of a list of papers, best first."""

    papers: tuple[Paper, ...]
    page: Page
    condition: Condition
    corrections: tuple[tuple[str, str], ...] = ()
    asked: tuple[Asked, ...] = ()  # sources that were asked, because little was found here
    reasons: Mapping[str, Why] = field(default_factory=dict)  # by id, why it was found


@dataclass(frozen=True, slots=True)
class Trending:
    """What a question for a trend is about: `today`, `week` or `month`, ending with the newest batch or with `last`."""

    span: str
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """The most voted papers of a window of batches."""

    results: Results
    window: Window
    rising: Mapping[str, int] = field(default_factory=dict)  # id -> votes gained since yesterday


@dataclass(frozen=True, slots=True)
class Named:
    """Papers that were named by id or title; `is_guess` when they are only the nearest titles."""

    papers: tuple[Paper, ...]
    condition: Condition
    missing: tuple[str, ...] = ()  # ids that nobody knows, or that could not be asked for
    asked: tuple[Asked, ...] = ()  # sources that were asked for what is not stored
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What is stored, how fresh it is, and how the sources do."""

    stock: Stock
    sources: tuple[SourceHealth, ...]
    index: IndexState | None  # None: it cannot be read
    condition: Condition
    orders: tuple["Standings", ...] = ()  # of the channel where it is asked


@dataclass(frozen=True, slots=True)
class Sample:
    """What would have been posted on a day: papers that pass, of all in the batch, and those that are shown."""

    days: tuple[date, ...]
    passing: int
    size: int
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """An order before it is given: what the last batches would have brought, and when it would begin."""

    order: Order
    samples: tuple[Sample, ...]
    batches: int  # that were looked at
    passing_ever: int | None  # stored papers that pass the filter; None when it lets every paper pass
    corrections: tuple[tuple[str, str], ...]
    ended: date | None  # the filter wants papers from before this day, which is not in the future
    first: Due | None


@dataclass(frozen=True, slots=True)
class Standings:
    """How a subscription does: the last deliveries of each kind, and when the next one is due."""

    subscription: Subscription
    next: datetime | None
    sent: Delivery | None
    ended: Delivery | None  # the newest that brought no post, where it is newer than the last post
    failed: str = ""  # why the next one, which is due, could not be posted yet
    waits_until: datetime | None = None  # for a thin batch to become fuller
