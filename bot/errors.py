"""Errors, sorted by what the caller should do about them.

* BotError
  - UserError     tell the person who asked; `views.problems` has the words
  - SourceError   a source of papers failed: leave it out, try later
  - StoreError    the database failed: the command fails, the loops try again
    - ReadOnly    another process writes to it: say so
  - DeliveryError a post failed: `outcome` says what that means for the message
  - IndexDamaged  the search index cannot be read: rebuild it from the store
  - ModelError    the embedding model cannot be used: compare words alone, and say so
  - ConfigError   settings are wrong: print every problem and exit
"""

from collections.abc import Sequence
from enum import StrEnum


class Problem(StrEnum):
    """What can be wrong with what a person asked for; each has its sentence in `views.problems`."""

    MISSING_ARGUMENT = "missing-argument"
    NOT_A_NUMBER = "not-a-number"
    OUT_OF_RANGE = "out-of-range"
    NOT_A_CHOICE = "not-a-choice"
    SURPLUS_TEXT = "surplus-text"
    TOO_LONG = "too-long"
    TOO_MANY_WORDS = "too-many-words"
    NO_WORDS = "no-words"
    OPEN_QUOTE = "open-quote"
    UNKNOWN_FILTER = "unknown-filter"
    EMPTY_VALUE = "empty-value"
    EMPTY_FILTER = "empty-filter"
    BAD_DATE = "bad-date"
    BAD_VOTES = "bad-votes"
    BAD_HAS = "bad-has"
    BAD_EXCLUSION = "bad-exclusion"
    EMPTY_WINDOW = "empty-window"
    NOTHING_FOUND = "nothing-found"
    NOTHING_TRENDING = "nothing-trending"
    UNKNOWN_PAPER = "unknown-paper"
    UNKNOWN_TITLE = "unknown-title"
    UNREACHABLE_PAPER = "unreachable-paper"
    MALFORMED_ID = "malformed-id"
    UNKNOWN_VERB = "unknown-verb"
    NO_BATCHES = "no-batches"
    PAGE_BEYOND = "page-beyond"
    INDEX_REBUILDING = "index-rebuilding"
    BAD_TIME = "bad-time"
    BAD_ZONE = "bad-zone"
    BAD_DAYS = "bad-days"
    BAD_DAY = "bad-day"
    BAD_NAME = "bad-name"
    NAME_TAKEN = "name-taken"
    NO_SUBSCRIPTIONS = "no-subscriptions"
    NO_SUCH_SUBSCRIPTION = "no-such-subscription"
    WHICH_SUBSCRIPTION = "which-subscription"
    TOO_MANY_SUBSCRIPTIONS = "too-many-subscriptions"
    CHANGED_MEANWHILE = "changed-meanwhile"
    NOTHING_TO_CHANGE = "nothing-to-change"
    DAY_IS_PAST = "day-is-past"
    NOT_UNCERTAIN = "not-uncertain"
    NO_SUCH_BATCH = "no-such-batch"
    READ_ONLY = "read-only"
    TOO_SLOW = "too-slow"
    OUT_OF_ORDER = "out-of-order"
    BUG = "bug"


class BotError(Exception):
    """What every error of the bot is."""


class UserError(BotError):
    """Something that the person who asked can put right.

    `details` fill the blanks of the sentence that `views.problems` has for `problem`.
    """

    def __init__(self, problem: Problem, **details: object) -> None:
        super().__init__(problem)  # whoever logs it does not log what somebody asked
        self.problem = problem
        self.details = details


class SourceError(BotError):
    """A source of papers failed; the message says how, in one sentence for operators.

    `status` is the HTTP status where there was one; `waiting` the seconds after which the source
    said it may be asked again.
    """

    def __init__(self, message: str, *, status: int | None = None, waiting: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.waiting = waiting


class StoreError(BotError):
    """The database failed; the message says what is wrong and what to do."""


class ReadOnly(StoreError):
    """Another process writes to the database, so this one cannot."""


class Outcome(StrEnum):
    """What a failure on a platform means (the reply classes of DELIVERY)."""

    NOT_SENT = "not-sent"  # certainly; try again, not before `retry_after`
    AMBIGUOUS = "ambiguous"  # it may have been sent: look before trying again
    FORBIDDEN = "forbidden"  # the bot may not post in the channel
    GONE = "gone"  # there is no such channel any more
    TENANT_LOST = "tenant-lost"  # the bot was removed, or its token revoked
    REFUSED = "refused"  # the message itself is not accepted, which is our fault
    BLIND = "blind"  # the history of the channel cannot be read


class DeliveryError(BotError):
    """A platform did not do what was asked; the message says why, in one sentence for the owner of the subscription.

    `retry_after` are the seconds after which it may be asked again.
    """

    def __init__(self, outcome: Outcome, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_after = retry_after


class IndexDamaged(BotError):
    """The folder of the search index is gone or cannot be read; it can be rebuilt."""


class ModelError(BotError):
    """The embedding model cannot be used; the message says why, in one sentence for operators."""


class ConfigError(BotError):
    """Settings are wrong; `problems` lists all of them, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
